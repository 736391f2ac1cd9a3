import Instances
import TestThreads
import Testing

@testable import LocalProvider
@testable import ProviderContract

@Suite(.runs(on: .programs)) struct CounterGuestTests {
    @Test(.enabled(if: FileSystem.isProgram("/usr/bin/as") && FileSystem.isProgram("/usr/bin/ld"), "needs binutils"))
    func `the bytes are what the assembler makes of the source beside them`() throws {
        let folder = try LocalHarness.temporaryFolder()
        defer { try? FileSystem.removeTree(folder) }
        let source =
            #filePath.replacing("Tests/LocalProviderTests/CounterGuestTests.swift", with: "")
            + "Sources/Providers/Local/CounterGuest.S"
        try run("/usr/bin/as", "--32", "-o", "\(folder)/guest.o", source)
        try run(
            "/usr/bin/ld", "-m", "elf_i386", "-Ttext", "0x7c00", "--oformat", "binary", "-o", "\(folder)/guest.bin",
            "\(folder)/guest.o")
        #expect(try FileSystem.read("\(folder)/guest.bin") == CounterGuest.bootSector)
    }

    @Test(arguments: [
        ("", false), ("BOOTS=", false), ("BOOTS=12", false), ("BOOTS=12\r\n", true), ("NO DATA DISK\r\n", true),
        ("DATA DISK FAILED\r\n", false),
    ])
    func `the guest is ready when it has said all it says at a boot`(serial: String, isReady: Bool) {
        #expect(CounterGuest.isReady(serial: serial) == isReady)
    }

    @Test func `each boot adds one at the start of the data disk and touches nothing else`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let contract = ProviderContract(harness)
        let (disk, server) = (try await contract.makeDisk(), try await contract.makeServer())
        var content = (0..<Int(disk.sizeBytes)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
        // The second boot is one beyond what 32 bits hold.
        content.replaceSubrange(0..<4, with: [0xfe, 0xff, 0xff, 0xff])
        try await harness.write(content, to: disk.id)
        try await contract.attach(disk.id, to: server.id)
        for boots in ["4294967295", "0", "1"] {
            try await contract.boot(server.id)
            #expect(try serial(harness, server.id) == "BOOTS=\(boots)\r\n")
            try await contract.stop(server.id)
            #expect(try serial(harness, server.id) == "BOOTS=\(boots)\r\nPOWER OFF\r\n")
            content = harness.booted(content)
        }
        #expect(try await harness.content(of: disk.id, bytes: content.count) == content)
    }

    @Test func `only the first data disk is counted on, and without one the guest says so`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let contract = ProviderContract(harness)
        let server = try await contract.makeServer()
        try await contract.boot(server.id)
        #expect(try serial(harness, server.id) == "NO DATA DISK\r\n")
        try await contract.stop(server.id)

        let (first, second) = (try await contract.makeDisk(), try await contract.makeDisk())
        try await contract.attach(first.id, to: server.id)
        try await contract.attach(second.id, to: server.id)
        try await contract.boot(server.id)
        try await contract.stop(server.id)
        #expect(try await harness.content(of: first.id, bytes: 4) == [1, 0, 0, 0])
        #expect(try await harness.content(of: second.id, bytes: 4) == [0, 0, 0, 0])
    }

    private func serial(_ harness: LocalHarness, _ server: ServerID) throws -> String {
        let log = try FileSystem.read("\(harness.directory)/servers/\(server)/serial.log")
        return String(decoding: log ?? [], as: UTF8.self)
    }

    private func run(_ program: String, _ arguments: String...) throws {
        let outcome = try ChildProcess(program: program, arguments: arguments)
            .run(deadline: .seconds(30), Cancellation())
        try #require(outcome.status == 0, "\(outcome.output)")
    }
}
