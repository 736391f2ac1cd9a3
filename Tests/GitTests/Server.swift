import Glibc

/// A program that serves until the test ends.
final class Server: Sendable {
    private let pid: pid_t
    private let output: Int32

    /// - Parameter arguments: the program prints a line when it serves, or not at all.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) {
        var pipes: [Int32] = [0, 0]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pipes)
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        pid = Shell.spawn(program, arguments, input: null, output: pipes[1], environment: environment)
        close(null)
        close(pipes[1])
        output = pipes[0]
    }

    deinit {
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        close(output)
    }

    /// Waits for the next line that the program prints.
    func line() -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A port of 127.0.0.1 that was free a moment ago.
    static func freePort() -> Int {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(file) }
        var address = loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(file, address, size)
                getsockname(file, address, &size)
            }
            return Int(UInt16(bigEndian: $0.pointee.sin_port))
        }
    }

    /// Waits until something listens.
    static func waitForPort(_ port: Int) {
        for _ in 0..<500 {
            let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            defer { close(file) }
            var address = loopback(port: port)
            let answer = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if answer == 0 { return }
            usleep(20_000)
        }
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
