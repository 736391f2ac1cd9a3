import Dispatch
import FoundationEssentials
import Glibc
import ScalewayEmulator

/// The built program, listening on a free port of this machine.
final class RunningServer: Sendable {
    let process: pid_t
    let port: UInt16
    let environment: [String: String]

    enum Failure: Error {
        case notStarted(Int32)
        case saidNothing
    }

    /// Where the build put the program: beside the program that runs the tests.
    private static let program: String = {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        let folder = String(decoding: path.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
            .split(separator: "/").dropLast().joined(separator: "/")
        let beside = "/\(folder)/scaleway-emulator"
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return access(beside, X_OK) == 0 ? beside : "/\(root)/.build/debug/scaleway-emulator"
    }()

    /// Starts the program and waits until it listens.
    static func start(_ options: String...) async throws -> RunningServer {
        try await blocking { Result { try RunningServer(options) } }.get()
    }

    private init(_ options: [String]) throws {
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        let child = try Self.spawn(["--port", "0"] + options, output: ends[1])
        close(ends[1])
        defer { close(ends[0]) }
        process = child
        guard let line = Self.line(from: ends[0]) else { throw Failure.saidNothing }
        // `URL  export NAME=VALUE NAME=VALUE …`
        var environment: [String: String] = [:]
        for word in line.split(separator: " ") where word.contains("=") {
            let sides = word.split(separator: "=", maxSplits: 1)
            environment[String(sides[0])] = String(sides[1])
        }
        self.environment = environment
        guard let port = environment["SCW_API_URL"]?.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw Failure.saidNothing
        }
        self.port = port
    }

    deinit {
        kill(process, SIGTERM)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }

    /// Asks the program to end and waits for it.
    func stop() async {
        await blocking { [process] in
            kill(process, SIGTERM)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
    }

    private static func spawn(_ arguments: [String], output: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        var child: pid_t = 0
        var pointers = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        let status = posix_spawn(&child, program, &actions, nil, &pointers, environ)
        guard status == 0 else { throw Failure.notStarted(status) }
        return child
    }

    private static func line(from descriptor: Int32) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Sends one request on a connection of its own and returns every byte that comes back until it closes.
    func exchange(_ method: String, _ path: String, _ body: JSON? = nil) async -> [UInt8] {
        await blocking { self.connectAndSend(method, path, body) }
    }

    private func connectAndSend(_ method: String, _ path: String, _ body: JSON?) -> [UInt8] {
        let text = body?.description ?? ""
        let request = """
            \(method) \(path) HTTP/1.1\r
            Host: 127.0.0.1\r
            Connection: close\r
            X-Auth-Token: \(environment["SCW_SECRET_KEY"] ?? "")\r
            Content-Type: application/json\r
            Content-Length: \(text.utf8.count)\r
            \r
            \(text)
            """
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(connection) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return [] }
        _ = Array(request.utf8).withUnsafeBytes {
            send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return received }
            received += buffer.prefix(count)
        }
    }

    /// The status and the JSON of an answer; nil where the connection broke first.
    func ask(_ method: String, _ path: String, _ body: JSON? = nil) async -> (status: Int, json: JSON)? {
        let text = String(decoding: await exchange(method, path, body), as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n"),
            let status = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return (status, (try? JSON(parsing: Array(text[end.upperBound...].utf8))) ?? .null)
    }
}

/// Runs what waits for the world on a thread of its own: the pool of the tests has as many threads as there are cores.
func blocking<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { done in
        DispatchQueue.global().async { done.resume(returning: work()) }
    }
}
