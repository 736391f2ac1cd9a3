import Glibc

/// A stream of bytes to the other side of a conversation. Every wait in it is bounded.
protocol Wire: AnyObject {
    /// - Returns: how many bytes were read; 0 at the end of the stream.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(GitError) -> Int
    /// Writes everything.
    func write(_ bytes: UnsafeRawBufferPointer) throws(GitError)
    /// Whether what was written may have reached the other side.
    var mayHaveActed: Bool { get }
    /// Why the other side stopped talking, as far as it said so. Nil where it did not.
    func explanation() -> GitError?
    func close()
}

/// A connected socket: a child process behind it, or a server.
final class SocketWire: Wire {
    private let socket: Int32
    private let child: Child?
    private let explain: (String) -> GitError?
    private let interruption: Interruption
    private var patience: Patience
    /// What arrived while we were writing: a server that cannot get rid of its words stops reading ours.
    private var early: [UInt8] = []
    private var complaints: [UInt8] = []
    private var errorsEnded = false
    private var isOpen = true
    /// The other side kept us waiting in vain.
    private var hasFailed = false

    /// Bytes kept of what arrives while we write. A server that says more before it listens is not talking git.
    private static let earlyLimit = 1 << 20
    /// Bytes kept of a program's standard error.
    private static let complaintsLimit = 16 << 10
    /// How long a program that was told goodbye may take: `receive-pack` runs the repository's hooks.
    private static let goodbye = Duration.seconds(10)
    /// How long a program that stopped talking may take to say why.
    private static let lastWords = Duration.seconds(2)

    /// - Parameter explain: turns the child's standard error into a reason; nil where it says nothing.
    init(_ child: Child, _ patience: Patience, _ interruption: Interruption, explain: @escaping (String) -> GitError?) {
        self.child = child
        self.socket = child.socket
        self.patience = patience
        self.interruption = interruption
        self.explain = explain
    }

    /// - Parameter socket: connected; closed by the wire.
    init(_ socket: Int32, _ patience: Patience, _ interruption: Interruption) {
        self.child = nil
        self.socket = socket
        self.patience = patience
        self.interruption = interruption
        self.explain = { _ in nil }
    }

    deinit { close() }

    var mayHaveActed: Bool { true }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(GitError) -> Int {
        if !early.isEmpty {
            let count = min(early.count, buffer.count)
            buffer.copyBytes(from: early[..<count])
            early.removeFirst(count)
            return count
        }
        while true {
            _ = try wait(for: POLLIN)
            let count = recv(socket, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count >= 0 {
                patience.moved(count)
                return count
            }
            guard isTransient(errno) else { return 0 }
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(GitError) {
        var rest = bytes
        while !rest.isEmpty {
            let ready = try wait(for: early.count < Self.earlyLimit ? POLLIN | POLLOUT : POLLOUT)
            if ready & POLLIN != 0 { try listen() }
            let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
            let count = send(socket, rest.baseAddress, rest.count, flags)
            if count >= 0 {
                patience.moved(count)
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else if !isTransient(errno) {
                throw explanation() ?? .unreachable(remote: patience.remote, reason: "the connection was closed")
            }
        }
    }

    func explanation() -> GitError? {
        guard let child else { return nil }
        let deadline = ContinuousClock.now + Self.lastWords
        while ContinuousClock.now < deadline, complain(atMost: .milliseconds(20)) {}
        _ = child.waitForEnd(atMost: deadline - ContinuousClock.now)
        return explain(String(decoding: complaints, as: UTF8.self))
    }

    /// Lets the other side finish, within limits, and then ends it. One that has kept us waiting in vain is not asked to.
    func close() {
        guard isOpen else { return }
        isOpen = false
        shutdown(socket, Int32(SHUT_WR))
        guard let child else {
            Glibc.close(socket)
            return
        }
        let end = min(ContinuousClock.now + Self.goodbye, patience.deadline)
        var waste = [UInt8](repeating: 0, count: 4096)
        while ContinuousClock.now < end, !interruption.isTripped, !hasFailed {
            var files = [pollfd(fd: socket, events: Int16(POLLIN), revents: 0)]
            poll(&files, 1, 50)
            let count = recv(socket, &waste, waste.count, Int32(MSG_DONTWAIT))
            if count == 0 || (count < 0 && !isTransient(errno)) { break }
            _ = complain(atMost: .zero)
        }
        if !interruption.isTripped, !hasFailed { _ = child.waitForEnd(atMost: end - ContinuousClock.now) }
        child.end()
    }

    /// - Returns: the events of the socket that are ready, `POLLIN` also for an end or an error.
    private func wait(for events: Int32) throws(GitError) -> Int32 {
        while true {
            if interruption.isTripped { throw .interrupted(remote: patience.remote) }
            let patience = try remainingPatience()
            var files = [
                pollfd(fd: socket, events: Int16(events), revents: 0),
                pollfd(fd: interruption.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errorsEnded ? -1 : child?.errors ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&files, nfds_t(files.count), patience.milliseconds) > 0 else { continue }
            // Where standard error ended before the conversation did, `poll` would never wait again.
            if files[2].revents != 0, !complain(atMost: .zero) { errorsEnded = true }
            let ready = Int32(files[0].revents)
            if ready & events != 0 { return ready & events }
            if ready != 0 { return events }
        }
    }

    private func remainingPatience() throws(GitError) -> Duration {
        do throws(GitError) {
            return try patience.remaining()
        } catch {
            hasFailed = true
            throw error
        }
    }

    private func listen() throws(GitError) {
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        if count > 0 {
            patience.moved(count)
            early += bytes[..<count]
        } else if count == 0 {
            throw explanation() ?? .unreachable(remote: patience.remote, reason: "the server closed the connection")
        }
    }

    /// Reads what is there of the child's standard error.
    /// - Returns: false when there will be no more.
    private func complain(atMost pause: Duration) -> Bool {
        guard let child else { return false }
        var files = [pollfd(fd: child.errors, events: Int16(POLLIN), revents: 0)]
        guard poll(&files, 1, pause.milliseconds) > 0 else { return true }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(child.errors, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        guard count > 0 else { return count < 0 && isTransient(errno) }
        complaints += bytes[..<count]
        // The end tells more than the beginning.
        complaints.removeFirst(max(0, complaints.count - Self.complaintsLimit))
        return true
    }

    private func isTransient(_ code: Int32) -> Bool {
        code == EAGAIN || code == EINTR
    }
}
