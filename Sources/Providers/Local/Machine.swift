import FoundationEssentials
import Glibc
import Reconciler

/// One QEMU process, or the place for one: it outlives the operator and is found again by its folder.
struct Machine {
    /// What it is made of when it is started.
    struct Board {
        var type: MachineType
        /// The first one is booted from. Absolute paths, with the names by which the guest and QMP know the disks.
        var disks: [(id: String, path: String)]
        /// The built-in guest needs neither a network nor a screen.
        var isCounter: Bool
    }

    /// Of the server; part of the process's command line.
    let id: String
    /// Holds `pid`, `qmp` and `serial.log`.
    let folder: String
    /// The disk it boots from, in a raw file. A running machine holds a lock on it.
    let bootDisk: String

    var serialLog: String { "\(folder)/serial.log" }
    private var pidFile: String { "\(folder)/pid" }

    // MARK: Finding it again

    /// The process, if it lives.
    ///
    /// A number in a file proves nothing: it may be somebody else's by now. QEMU holds a lock on its pid file for as
    /// long as it lives, so no lock means no machine, and its command line has to name this server.
    ///
    /// - Throws: where something runs this machine but cannot be told apart. Then nothing may be concluded.
    func process() throws(ProviderError) -> pid_t? {
        for _ in 0..<Self.looks {
            if try RangeLock.isHeld(pidFile, byte: 0) {
                if let process = try recordedProcess(), isMachine(process) { return process }
            } else {
                // Somebody may have removed the pid file of a machine that runs.
                guard try RangeLock.isHeld(bootDisk, byte: Self.writerLockByte) else { return nil }
                if let process = try search() { return process }
            }
            usleep(Self.pauseMicroseconds)
        }
        throw ProviderError(.unavailable, "\(bootDisk) is in use by a process that this operator cannot see")
    }

    /// QEMU locks its pid file before it writes the number, and a process that ends has no command line any more for
    /// some moments before its locks go. Nothing of that takes a second.
    private static let looks = 100
    private static let pauseMicroseconds: UInt32 = 10_000

    private func search() throws(ProviderError) -> pid_t? {
        try (FileSystem.entries(of: "/proc") ?? []).lazy.compactMap { pid_t($0) }.first(where: isMachine)
    }

    /// QEMU holds this byte of an image for as long as it may write to it.
    /// Source: block/file-posix.c, RAW_LOCK_PERM_BASE, and BLK_PERM_WRITE in include/block/block-common.h.
    static let writerLockByte: Int64 = 101

    private func recordedProcess() throws(ProviderError) -> pid_t? {
        guard let bytes = try FileSystem.read(pidFile) else { return nil }
        return pid_t(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    private func isMachine(_ process: pid_t) -> Bool {
        guard process > 1, let bytes = try? FileSystem.read("/proc/\(process)/cmdline") else { return false }
        let arguments = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return arguments.indices.dropLast().contains { arguments[$0] == "-name" && arguments[$0 + 1] == id }
    }

    // MARK: Starting

    /// Starting takes a tenth of a second; with much memory on a loaded host, seconds.
    static let startPatience = Duration.seconds(60)

    /// Starts it and returns when it runs, with nobody to wait for it: it is a process of its own.
    ///
    /// - Throws: where it does not run; nothing of it is left.
    func start(
        _ board: Board, _ accelerator: Accelerator, program: String, patience: Duration = startPatience,
        _ cancellation: Cancellation
    ) throws(ProviderError) {
        try FileSystem.removeTree(serialLog)
        try FileSystem.removeTree("\(folder)/qmp")
        let child = ChildProcess(program: program, arguments: try arguments(board, accelerator), folder: folder)
        let outcome: ChildProcess.Outcome
        do { outcome = try child.run(deadline: patience, cancellation) } catch {
            // The one that was killed may have had a child already, which may not have got as far as its pid file.
            if let process = try search() { ExactProcess(process).kill { isMachine(process) } }
            throw error
        }
        guard outcome.status == 0 else { throw Self.failure(quoted(outcome.output), id, outcome.status) }
    }

    private static func failure(_ words: String, _ id: String, _ status: Int32) -> ProviderError {
        let text = "\(id) does not start: \(words.isEmpty ? "qemu ended with status \(status)" : words)"
        if words.contains("Failed to get") || words.contains("Cannot lock pid file") {
            return ProviderError(.conflict, text)
        }
        if words.contains("cannot set up guest memory") || words.contains("Cannot allocate memory") {
            return ProviderError(.capacity, text)
        }
        return ProviderError(.host, text)
    }

    /// Source: qemu-system-x86_64(1). With `-daemonize` QEMU changes its folder once everything is open, so the
    /// socket, whose path must be short, is named relative to where it starts and all else is absolute.
    private func arguments(_ board: Board, _ accelerator: Accelerator) throws(ProviderError) -> [String] {
        var arguments = [
            "-name", id, "-nodefaults", "-no-user-config", "-display", "none",
            "-machine", "pc,accel=\(accelerator.rawValue)", "-cpu", accelerator == .kvm ? "host" : "max",
            "-smp", "\(board.type.processors)", "-m", "\(board.type.mebibytes)M",
            "-chardev", "file,id=serial,append=on,path=\(serialLog.replacing(",", with: ",,"))",
            "-serial", "chardev:serial", "-qmp", "unix:qmp,server=on,wait=off", "-pidfile", pidFile, "-daemonize",
        ]
        for (index, disk) in board.disks.enumerated() {
            let device = "virtio-blk-pci,drive=\(disk.id),serial=\(disk.id)"
            arguments += ["-blockdev", try BlockDevice(disk.id, disk.path).encoded]
            arguments += ["-device", device + (index == 0 ? ",bootindex=0" : "")]
        }
        if board.isCounter { return arguments + ["-vga", "none"] }
        return arguments + [
            "-vga", "std", "-netdev", "user,id=net,restrict=on", "-device", "virtio-net-pci,netdev=net",
            "-device", "virtio-rng-pci",
        ]
    }

    private struct BlockDevice: Encodable {
        struct File: Encodable {
            var driver = "file"
            var filename: String
        }

        var driver = "raw"
        var name: String
        var file: File

        enum CodingKeys: String, CodingKey {
            case driver, file
            case name = "node-name"
        }

        init(_ name: String, _ path: String) {
            self.name = name
            file = File(filename: path)
        }

        var encoded: String {
            get throws(ProviderError) {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                guard let bytes = try? encoder.encode(self) else {
                    throw ProviderError(.host, "\(file.filename) cannot be named to qemu")
                }
                return String(decoding: bytes, as: UTF8.self)
            }
        }
    }

    // MARK: Ending

    private static let quitPatience = Duration.seconds(3)

    /// Cuts the power: asks QEMU to end, and kills it where it does not. Returns when it is gone.
    func cut() throws(ProviderError) {
        guard let process = try process() else { return }
        if var monitor = try? MachineMonitor(folder: folder), (try? monitor.quit()) != nil,
            try waitForEnd(Self.quitPatience)
        {
            return
        }
        ExactProcess(process).kill { isMachine(process) }
        guard try waitForEnd(Self.quitPatience) else {
            throw ProviderError(.unknownOutcome, "process \(process) of \(id) was killed and is still there")
        }
    }

    /// - Returns: whether it has ended by then.
    func waitForEnd(_ patience: Duration) throws(ProviderError) -> Bool {
        let end = ContinuousClock.now + patience
        while try process() != nil {
            if ContinuousClock.now > end { return false }
            usleep(5_000)
        }
        return true
    }

    // MARK: The guest's words

    /// What the built-in guest prints fits many times; other guests print without end.
    private static let serialHeadBytes = 4096
    private static let serialLimitBytes: Int64 = 16 << 20

    /// The beginning of what this boot has printed on the serial port.
    func serialHead() -> String {
        let file = Descriptor(open(serialLog, O_RDONLY | O_CLOEXEC))
        var head = [UInt8](repeating: 0, count: Self.serialHeadBytes)
        let count = file.raw < 0 ? 0 : max(0, read(file.raw, &head, head.count))
        return String(decoding: head[..<count], as: UTF8.self)
    }

    /// Empties the log once it is long, so that a talkative guest cannot fill the host's disk. QEMU appends to it.
    func trimSerialLog() throws(ProviderError) {
        guard let size = try FileSystem.size(of: serialLog), size > Self.serialLimitBytes else { return }
        try FileSystem.resize(serialLog, toBytes: 0)
    }
}

/// A process that keeps its identity until it is killed, even if its number is given to another one meanwhile.
private struct ExactProcess: ~Copyable {
    private let number: pid_t
    /// Without it, on an old system, the look right before the signal has to do.
    private let descriptor: Descriptor

    init(_ number: pid_t) {
        self.number = number
        descriptor = Descriptor(HiddenGlibc.openProcess?(number, 0) ?? -1)
    }

    /// - Parameter isIt: looked at after the identity is held and before the signal is sent.
    func kill(where isIt: () -> Bool) {
        guard isIt() else { return }
        if descriptor.raw >= 0, let signal = HiddenGlibc.signalProcess {
            _ = signal(descriptor.raw, SIGKILL, nil, 0)
        } else {
            _ = Glibc.kill(number, SIGKILL)
        }
    }
}
