import Glibc
import Synchronization

/// Breaks off one running conversation from any thread.
final class Interruption: Sendable {
    private let tripped = Atomic(false)
    /// Becomes readable when tripped, so that `poll` returns. -1 where no descriptor was to be had.
    let descriptor: Int32
    private let far: Int32

    init() {
        var pair: [Int32] = [-1, -1]
        // A failure here is out of descriptors; the conversation itself will say so.
        socketpair(AF_UNIX, streamSocket, 0, &pair)
        descriptor = pair[0]
        far = pair[1]
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if far >= 0 { close(far) }
    }

    var isTripped: Bool { tripped.load(ordering: .acquiring) }

    func trip() {
        tripped.store(true, ordering: .releasing)
        // The bytes stay unread: the descriptor is readable from now on.
        if far >= 0 { send(far, "x", 1, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) }
    }
}

/// Every descriptor of this module is closed in children, which are started from several threads at once.
let streamSocket = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
