import FoundationEssentials
import Glibc
import Reconciler

/// How the processor of a machine is made.
enum Accelerator: String, Codable, Sendable {
    /// By the host's own processor.
    case kvm
    /// By translation: slower, and works everywhere.
    case tcg

    /// What was found out, on which boot of the host, with which QEMU. Another boot may be another kernel.
    private struct Finding: Codable {
        var accelerator: Accelerator
        var bootID: String
        var program: String
    }

    /// The fastest one that works here, by trying: a KVM that is present may be broken, and some broken ones hang.
    /// What a trial has told is kept in the state directory until the host boots again.
    static func best(
        in state: StateDirectory, program: String, _ cancellation: Cancellation
    ) throws(ProviderError) -> Accelerator {
        guard kernelOffersKVM() else { return .tcg }
        let bootID = try FileSystem.read("/proc/sys/kernel/random/boot_id").map { String(decoding: $0, as: UTF8.self) }
        let file = state.absolute("accelerator.json")
        if let bytes = try? FileSystem.read(file),
            let finding = try? JSONDecoder().decode(Finding.self, from: Data(bytes)),
            finding.bootID == bootID, finding.program == program
        {
            return finding.accelerator
        }
        let works = try bootsWithKVM(state, program, cancellation)
        let finding = Finding(accelerator: works ? .kvm : .tcg, bootID: bootID ?? "", program: program)
        if let bytes = try? JSONEncoder().encode(finding) {
            let workspace = try Workspace(state)
            try workspace.commit(Changes(documents: [("accelerator.json", Array(bytes))]))
        }
        return finding.accelerator
    }

    /// Source: Linux, Documentation/virt/kvm/api.rst, KVM_GET_API_VERSION and KVM_CREATE_VM.
    private static func kernelOffersKVM() -> Bool {
        let (getVersion, createMachine, version): (UInt, UInt, Int32) = (0xae00, 0xae01, 12)
        let device = Descriptor(open("/dev/kvm", O_RDWR | O_CLOEXEC))
        guard device.raw >= 0, ioctl(device.raw, getVersion, 0) == version else { return false }
        let machine = Descriptor(ioctl(device.raw, createMachine, 0))
        return machine.raw >= 0
    }

    /// The built-in guest is up in a tenth of a second; a KVM that needs longer than this is no gain.
    private static let bootPatience = Duration.seconds(5)

    /// Boots the built-in guest just as a server is booted, in a folder of its own.
    private static func bootsWithKVM(
        _ state: StateDirectory, _ program: String, _ cancellation: Cancellation
    ) throws(ProviderError) -> Bool {
        guard let type = MachineType("c1-m16") else { return false }
        let workspace = try Workspace(state)
        let disk = workspace.file("root.raw")
        try FileSystem.create(disk, CounterGuest.bootSector)
        try FileSystem.resize(disk, toBytes: CounterGuest.diskBytes)
        let machine = Machine(id: StateDirectory.newID(.server), folder: workspace.path, bootDisk: disk)
        defer { try? machine.cut() }
        let board = Machine.Board(type: type, disks: [("root", disk)], isCounter: true)
        let end = ContinuousClock.now + bootPatience
        do { try machine.start(board, .kvm, program: program, patience: bootPatience, cancellation) } catch {
            // Interrupted is neither yes nor no.
            if cancellation.isCancelled { throw error }
            return false
        }
        while ContinuousClock.now < end {
            if CounterGuest.isReady(serial: machine.serialHead()) { return true }
            usleep(10_000)
        }
        return false
    }
}
