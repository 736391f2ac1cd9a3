import Testing

@testable import LocalProvider

@Suite struct CounterGuestTests {
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

    private func run(_ program: String, _ arguments: String...) throws {
        let outcome = try ChildProcess(program: program, arguments: arguments)
            .run(deadline: .seconds(30), Cancellation())
        try #require(outcome.status == 0, "\(outcome.output)")
    }
}
