import Glibc
import Synchronization

/// A server on loopback that does exactly what a test tells it, byte by byte: one thread for each connection.
final class LoopbackServer: Sendable {
    typealias Handler = @Sendable (LoopbackConnection) -> Void

    let port: UInt16
    private let listener: Int32
    private let state = Mutex(State())

    private struct State {
        var accepted = 0
        var open: Set<Int32> = []
        var requests: [ReceivedRequest] = []
        var isListening = true
        var isStopped = false
    }

    /// - Parameter handler: runs once for each connection, which is closed when it returns.
    init(_ handler: @escaping Handler) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 512) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        precondition(bound, "no loopback socket: errno \(errno)")
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        onThread { [self] in
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0, let index = opened(socket) else { break }
                onThread { [self] in
                    handler(LoopbackConnection(socket: socket, index: index) { [self] in note($0) })
                    closed(socket)
                }
            }
            state.withLock { $0.isListening = false }
            close(listener)
        }
    }

    /// Answers every request on every connection with what `answer` returns.
    convenience init(answering answer: @escaping @Sendable (ReceivedRequest) -> String) {
        self.init { connection in
            while let request = connection.readRequest() {
                connection.send(answer(request))
            }
        }
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var accepted: Int { state.withLock { $0.accepted } }
    var requests: [ReceivedRequest] { state.withLock { $0.requests } }
    var openConnections: Int { state.withLock { $0.open.count } }

    /// Wakes and ends every thread of the server.
    func stop() {
        // Under the lock: a socket that its thread has closed may already belong to somebody else.
        state.withLock { state in
            state.isStopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            for socket in state.open { shutdown(socket, Int32(SHUT_RDWR)) }
        }
        while state.withLock({ $0.isListening || !$0.open.isEmpty }) { usleep(1000) }
    }

    private func opened(_ socket: Int32) -> Int? {
        state.withLock { state in
            guard !state.isStopped else {
                close(socket)
                return nil
            }
            state.open.insert(socket)
            state.accepted += 1
            return state.accepted - 1
        }
    }

    private func closed(_ socket: Int32) {
        state.withLock { state in
            close(socket)
            state.open.remove(socket)
        }
    }

    private func note(_ request: ReceivedRequest) {
        state.withLock { $0.requests.append(request) }
    }
}

/// One accepted connection.
struct LoopbackConnection: Sendable {
    let socket: Int32
    /// The number of connections before this one.
    let index: Int
    let note: @Sendable (ReceivedRequest) -> Void

    /// Reads one request with its body; nil when the client closed the connection.
    func readRequest() -> ReceivedRequest? {
        var head: [UInt8] = []
        while !head.ends(with: "\r\n\r\n".utf8) {
            guard let byte = read(1).first else { return nil }
            head.append(byte)
        }
        var request = ReceivedRequest(head: String(decoding: head, as: UTF8.self))
        if let length = request.header("content-length").flatMap({ Int($0) }) {
            request.body = read(length)
        }
        note(request)
        return request
    }

    /// Reads exactly so many bytes, fewer only at the end.
    func read(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < count {
            let got = recv(socket, &buffer, min(buffer.count, count - bytes.count), 0)
            guard got > 0 else { break }
            bytes += buffer[..<got]
        }
        return bytes
    }

    /// - Returns: false when the client is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool {
        send(Array(text.utf8))
    }

    /// Says nothing until the client closes the connection.
    func staySilent() {
        _ = read(.max)
    }

    /// Makes the client see a reset instead of an orderly end.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }
}

/// What a client sent.
struct ReceivedRequest: Sendable {
    let head: String
    var body: [UInt8] = []

    /// The first line.
    var line: String { head.split(separator: "\r\n").first.map(String.init) ?? "" }

    func header(_ name: String) -> String? {
        for line in head.split(separator: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0].lowercased() == name {
                return String(parts[1].drop { $0 == " " })
            }
        }
        return nil
    }
}

/// An answer with the right length.
func answer(_ status: String = "200 OK", headers: [String] = [], body: String = "") -> String {
    (["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(body.utf8.count)", "", body]).joined(separator: "\r\n")
}

/// Runs `body` on a thread of its own.
func onThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let status = pthread_create(
        &thread, nil,
        { pointer in
            Unmanaged<Box>.fromOpaque(pointer!).takeRetainedValue().body()
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
    precondition(status == 0, "no thread: \(status)")
    pthread_detach(thread)
}

/// Runs blocking code on a thread of its own and waits for it without holding a thread of the pool.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        onThread { continuation.resume(returning: body()) }
    }
}

extension [UInt8] {
    fileprivate func ends(with suffix: String.UTF8View) -> Bool {
        reversed().starts(with: suffix.reversed())
    }
}

extension sockaddr_in {
    static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
