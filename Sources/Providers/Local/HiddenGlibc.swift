import Glibc

/// Functions of Glibc 2.36 that its Swift module does not show, because their headers want `_GNU_SOURCE`.
///
/// Source: posix_spawn_file_actions_addclosefrom_np, …_addchdir_np in <spawn.h>; pidfd_open(2), pidfd_send_signal(2).
enum HiddenGlibc {
    typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
    typealias ChangeFolder =
        @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>) -> Int32
    typealias OpenProcess = @convention(c) (pid_t, UInt32) -> Int32
    typealias SignalProcess = @convention(c) (Int32, Int32, UnsafeMutableRawPointer?, UInt32) -> Int32

    static let closeFrom = find("posix_spawn_file_actions_addclosefrom_np", CloseFrom.self)
    static let changeFolder = find("posix_spawn_file_actions_addchdir_np", ChangeFolder.self)
    static let openProcess = find("pidfd_open", OpenProcess.self)
    static let signalProcess = find("pidfd_send_signal", SignalProcess.self)

    /// - Returns: `nil` with an older Glibc.
    private static func find<Function>(_ name: String, _ type: Function.Type) -> Function? {
        dlsym(nil, name).map { unsafeBitCast($0, to: type) }
    }
}
