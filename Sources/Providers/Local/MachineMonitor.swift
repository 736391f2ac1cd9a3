import FoundationEssentials
import Glibc
import Reconciler

/// A conversation with one running machine over its QMP socket.
///
/// Every wait has a deadline; a machine that stops talking costs that and no more.
/// Source: QEMU Machine Protocol Specification, https://www.qemu.org/docs/master/interop/qmp-spec.html
struct MachineMonitor: ~Copyable {
    struct Reply: Decodable {
        struct Failure: Decodable { var desc: String }
        struct Answer: Decodable { var status: String? }

        var greeting: Answer?
        var answer: Answer?
        var failure: Failure?
        var event: String?

        enum CodingKeys: String, CodingKey {
            case greeting = "QMP"
            case answer = "return"
            case failure = "error"
            case event
        }
    }

    private struct Command: Encodable {
        struct Arguments: Encodable {
            var node: String
            var size: Int64
            enum CodingKeys: String, CodingKey {
                case node = "node-name"
                case size
            }
        }

        var execute: String
        var arguments: Arguments?
    }

    /// A line longer than this is not QMP's.
    private static let lineLimitBytes = 65_536
    /// A healthy machine answers within a millisecond, one on a host under heavy load within a second.
    static let patience = Duration.seconds(3)

    private let socket: Descriptor
    private let end: ContinuousClock.Instant
    private var received: [UInt8] = []

    /// - Parameter folder: of the machine, which holds its socket `qmp`.
    /// - Returns: `nil` where nobody listens.
    init?(folder: String) throws(ProviderError) {
        end = ContinuousClock.now + Self.patience
        socket = Descriptor(Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Self.closeOnExecNonBlocking, 0))
        guard socket.raw >= 0 else { throw FileSystem.failure("open a socket for", folder) }
        // Through the folder's descriptor: a socket's path may have at most 107 bytes, a folder's has no such limit.
        let descriptor = Descriptor(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        guard descriptor.raw >= 0 else { return nil }
        while !Self.connect(socket.raw, "/proc/self/fd/\(descriptor.raw)/qmp") {
            // The machine talks to one at a time; others queue, and the queue may be full.
            guard errno == EAGAIN || errno == EINTR else { return nil }
            guard ContinuousClock.now < end else { throw Self.silent("does not answer") }
            usleep(10_000)
        }
        guard try reply().greeting != nil else { throw Self.silent("speaks something else than QMP") }
        try send(Command(execute: "qmp_capabilities"))
    }

    /// `running`, `paused`, `io-error`, … Source: qapi/run-state.json, RunState.
    mutating func status() throws(ProviderError) -> String {
        try send(Command(execute: "query-status")).status ?? "of an unknown status"
    }

    /// Presses the power button. The guest decides what to make of it.
    mutating func pressPowerButton() throws(ProviderError) { try send(Command(execute: "system_powerdown")) }

    /// Lets a paused machine go on.
    mutating func goOn() throws(ProviderError) { try send(Command(execute: "cont")) }

    /// Ends the machine as a power cut does, after what it has written reached the host.
    mutating func quit() throws(ProviderError) { try send(Command(execute: "quit")) }

    /// Tells the machine, and the guest, that a disk has grown.
    mutating func resize(node: String, toBytes bytes: Int64) throws(ProviderError) {
        try send(Command(execute: "block_resize", arguments: .init(node: node, size: bytes)))
    }

    @discardableResult
    private mutating func send(_ command: Command) throws(ProviderError) -> Reply.Answer {
        guard let line = try? JSONEncoder().encode(command) else { throw Self.silent("cannot be asked") }
        var rest = Array(line)[...] + [UInt8(ascii: "\n")]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket.raw, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 { rest = rest.dropFirst(count) } else { try wait(for: POLLOUT) }
        }
        while true {
            let reply = try reply()
            if let failure = reply.failure {
                throw ProviderError(.conflict, "the machine refuses \(command.execute): \(quoted(failure.desc))")
            }
            if let answer = reply.answer { return answer }
        }
    }

    private mutating func reply() throws(ProviderError) -> Reply {
        while true {
            if let newline = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Data(received[..<newline])
                received.removeSubrange(...newline)
                guard let reply = try? JSONDecoder().decode(Reply.self, from: line) else {
                    throw Self.silent("speaks something else than QMP")
                }
                return reply
            }
            guard received.count < Self.lineLimitBytes else { throw Self.silent("does not stop talking") }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = recv(socket.raw, &chunk, chunk.count, 0)
            if count == 0 { throw Self.silent("has hung up") }
            if count > 0 { received += chunk[..<count] } else { try wait(for: POLLIN) }
        }
    }

    /// Waits after a call that could not go on.
    private func wait(for events: Int32) throws(ProviderError) {
        guard errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR else { throw Self.silent("has hung up") }
        let left = (end - ContinuousClock.now).components
        let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
        guard milliseconds > 0 else { throw Self.silent("does not answer") }
        var request = pollfd(fd: socket.raw, events: Int16(events), revents: 0)
        _ = poll(&request, 1, Int32(milliseconds))
    }

    private static func silent(_ how: String) -> ProviderError {
        ProviderError(.unknownOutcome, "the machine \(how)")
    }

    private static let closeOnExecNonBlocking = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)

    private static func connect(_ socket: Int32, _ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
