import Instances
import Testing

@testable import Reconciler

/// What a process remembers between looks: it shortens waits and spaces attempts, nothing else.
@Suite struct MemoryTests {
    private typealias Moment = Stopwatch.Moment
    private let operation = Operation(epoch: 1, nonce: "n")
    private let call = Action.powerOn(ServerID("s"))
    private let place = ProviderPlace(provider: "p", zone: "z")
    private func at(_ seconds: Int) -> Moment { Moment(microseconds: Int64(seconds) * 1_000_000) }

    // MARK: Create calls

    @Test func `an operation of another process is unsettled until the settle time is over`() {
        var memory = Memory()
        func attempt(_ seconds: Int) -> Attempt {
            memory.attempt(operation, at: at(seconds), settleTime: .seconds(30))
        }
        #expect(attempt(100) == .unsettled)
        #expect(attempt(129) == .unsettled)
        #expect(attempt(130) == .givenUp)
        #expect(memory.attempt(nil, at: at(999), settleTime: .zero) == .unsettled)
    }

    @Test func `an own operation is unsent, then unsettled, then given up`() {
        var memory = Memory()
        memory.minted(operation)
        #expect(memory.attempt(operation, at: at(999), settleTime: .seconds(30)) == .unsent)
        memory.sent(operation, at: at(1000))
        #expect(memory.attempt(operation, at: at(1029), settleTime: .seconds(30)) == .unsettled)
        #expect(memory.attempt(operation, at: at(1030), settleTime: .seconds(30)) == .givenUp)
        memory.refused(operation)
        #expect(memory.attempt(operation, at: at(9999), settleTime: .seconds(30)) == .refused)
    }

    // MARK: Reads

    @Test func `misses count up in a row, and one sight ends the row`() {
        var memory = Memory()
        let disk = ResourceID.disk(DiskID("d"))
        #expect(memory.missed(disk, in: place) == 1)
        #expect(memory.missed(disk, in: place) == 2)
        #expect(memory.missed(.disk(DiskID("other")), in: place) == 1)
        memory.seen(disk, in: place)
        #expect(memory.missed(disk, in: place) == 1)
        // The same id in another zone is another disk.
        #expect(memory.missed(disk, in: ProviderPlace(provider: "p", zone: "other")) == 1)
    }

    @Test func `a server runs since it was first seen to, and a pause begins anew`() {
        var memory = Memory()
        var server = Server(id: ServerID("s"), name: "n", tags: nil, state: .running, type: "t")
        #expect(memory.secondsRunning(server, in: place, at: at(10)) == 0)
        #expect(memory.secondsRunning(server, in: place, at: at(70)) == 60)
        server.state = .stopped
        #expect(memory.secondsRunning(server, in: place, at: at(80)) == nil)
        server.state = .running
        #expect(memory.secondsRunning(server, in: place, at: at(90)) == 0)
    }

    @Test func `three halts in a row are final until the next pass`() {
        var memory = Memory()
        let halts = [true, true, true, true, false, true, true].map { memory.halted(box, $0) }
        #expect(halts == [false, false, true, true, false, false, false])
        _ = memory.halted(box, true)
        memory.beginPass()
        #expect(memory.halted(box, true) == false)
    }

    @Test func `four failed looks in a row, a long one, or one that is final are the last of the pass`() {
        func isGivenUp(_ looks: [(failed: Bool, time: Duration, isFinal: Bool)]) -> Bool {
            var memory = Memory()
            for look in looks {
                guard look.failed else {
                    memory.sawAll(of: place)
                    continue
                }
                memory.failedToSee(place, "503", after: look.time, isFinal: look.isFinal)
            }
            let isGivenUp = memory.unreachable[place] == "503"
            memory.beginPass()
            #expect(memory.unreachable.isEmpty)
            memory.failedToSee(place, "503", after: .zero, isFinal: false)
            #expect(memory.unreachable.isEmpty)
            return isGivenUp
        }
        let failed = (failed: true, time: Duration.seconds(1), isFinal: false)
        let seen = (failed: false, time: Duration.seconds(60), isFinal: false)
        #expect(isGivenUp([failed, failed, failed, failed]))
        #expect(!isGivenUp([failed, failed, failed]))
        #expect(!isGivenUp([failed, failed, failed, seen, failed]))
        #expect(isGivenUp([(true, .seconds(20), false)]))
        #expect(isGivenUp([(true, .zero, true)]))
    }

    // MARK: Setbacks

    private func pause(_ count: Int, _ reason: ProviderError.Reason = .unavailable, jitter: Double = 1) -> Duration {
        Setback.pause(after: count, error: ProviderError(reason, "x"), jitter: jitter)
    }

    @Test func `pauses double from half a second up to five minutes, and jitter takes up to half away`() {
        #expect([1, 2, 3, 4].map { pause($0) } == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)])
        #expect(pause(10) == .seconds(256))
        #expect(pause(11) == .seconds(300))
        #expect(pause(1000) == .seconds(300))
        #expect(pause(3, jitter: 0) == .seconds(1))
        #expect(pause(3, jitter: 0.5) == .milliseconds(1500))
    }

    @Test func `a provider that says how long to wait is obeyed, but never sooner than otherwise`() {
        #expect(pause(1, .rateLimited(retryAfter: .seconds(70))) == .seconds(70))
        #expect(pause(11, .rateLimited(retryAfter: .seconds(70))) == .seconds(300))
        #expect(pause(1, .rateLimited(retryAfter: nil)) == .milliseconds(500))
        #expect(pause(1, .rateLimited(retryAfter: .seconds(86_400))) == .seconds(300))
    }

    @Test(arguments: [
        (ProviderError.Reason.quota, 1), (.unauthorized, 1), (.forbidden, 1), (.invalid, 1), (.host, 1), (.capacity, 3),
        (.notFound, 8), (.conflict, 8), (.inUse, 8), (.rateLimited(retryAfter: nil), 8), (.unavailable, 8),
        (.unknownOutcome, 8),
    ])
    func `what a person has to mend is given up at once, the rest after some attempts`(
        reason: ProviderError.Reason, attempts: Int
    ) {
        var memory = Memory()
        memory.beginPass()
        for attempt in 1...attempts {
            memory.setBack(box, call, ProviderError(reason, "x"), at: at(0), jitter: 1)
            #expect(memory.isGivenUp(box, at: at(0)) == (attempt == attempts), "\(attempt)")
        }
    }

    @Test func `an instance is ready again once its pause is over, and after a success at once`() {
        var memory = Memory()
        memory.beginPass()
        #expect(memory.isReady(box, at: at(0)))
        for _ in 0..<2 { memory.setBack(box, call, ProviderError(.conflict, "x"), at: at(10), jitter: 1) }
        #expect(!memory.isReady(box, at: at(10)))
        #expect(memory.isReady(box, at: at(11)))
        #expect(memory.isReady(InstanceName("other")!, at: at(10)))
        memory.setBack(box, call, ProviderError(.conflict, "x"), at: at(10), jitter: 1)
        memory.succeeded(box)
        #expect(memory.isReady(box, at: at(10)))
        #expect(memory.setback(box) == nil)
    }

    @Test func `the next pass tries again what was given up, once its pause is over`() {
        var memory = Memory()
        memory.beginPass()
        memory.setBack(box, call, ProviderError(.quota, "x"), at: at(0), jitter: 1)
        #expect(memory.isGivenUp(box, at: at(5)))
        #expect(!memory.isReady(box, at: at(5)))
        memory.beginPass()
        #expect(memory.isGivenUp(box, at: Moment(microseconds: 499_000)))
        #expect(!memory.isGivenUp(box, at: Moment(microseconds: 500_000)))
        #expect(memory.isReady(box, at: at(5)))
    }

    @Test func `looks come soon at first, then less and less often`() {
        var rhythm = Rhythm(longest: .seconds(1))
        let pauses = (0..<5).map { _ in rhythm.next() }
        #expect(
            pauses == [.milliseconds(200), .milliseconds(400), .milliseconds(800), .seconds(1), .seconds(1)])
        rhythm.reset()
        #expect(rhythm.next() == .milliseconds(200))
        var short = Rhythm(longest: .milliseconds(50))
        #expect(short.next() == .milliseconds(50))
    }
}
