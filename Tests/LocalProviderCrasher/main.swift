// Lives a life with the local provider, one step after the other, and says how far it came.
//
//     local-provider-crasher DIRECTORY STORY             each step, and what is there after it
//     local-provider-crasher DIRECTORY STORY N [ERRNO]   the same, but the Nth call that changes files is the end of
//                                                        it, or fails with that error
//     local-provider-crasher DIRECTORY look              what is there

import CrashPoints
import Glibc
import Reconciler

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
    print("usage: local-provider-crasher DIRECTORY STORY|look [N [ERRNO]]")
    exit(64)
}

/// At once: what is not said before the end is lost.
func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    write(STDOUT_FILENO, bytes, bytes.count)
}

let life = Life(directory: arguments[1])
let isArmed = arguments.count > 3
if isArmed, let point = Int(arguments[3]) {
    crash_points_arm(point, arguments.count > 4 ? Int32(arguments[4]) ?? EIO : 0)
}
if arguments[2] == "look" { say(await life.shape()) }
for (number, step) in Life.story(arguments[2]).enumerated() {
    do { try await step(life) } catch {
        let reason = (error as? ProviderError)?.reason
        say("failed \(number) \(reason.map { "\($0)" } ?? "unexpectedly") \(error)")
        // The same provider goes on: what it says now is what it will say from now on.
        say(await life.shape())
        exit(3)
    }
    say("done \(number)")
    if !isArmed { say(await life.shape()) }
}
say("calls \(crash_points_count())")
