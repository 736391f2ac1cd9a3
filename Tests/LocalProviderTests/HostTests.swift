import Instances
import Reconciler
import TestThreads
import Testing

@testable import LocalProvider
@testable import ProviderContract

/// Images, types and programs of the host.
@Suite(.runs(on: .programs)) struct HostTests {
    @Test(arguments: [("c1-m16", 1, 16), ("c64-m1048576", 64, 1_048_576), ("c2-m1024", 2, 1024)])
    func `a type says processors and memory`(text: String, processors: Int, mebibytes: Int) throws {
        let type = try #require(MachineType(text))
        #expect(type.processors == processors)
        #expect(type.mebibytes == mebibytes)
    }

    @Test(arguments: [
        "", "c", "c1", "c1-m", "c0-m16", "c65-m16", "c1-m15", "c1-m1048577", "c01-m16", "c1-m016", "C1-m16", "c1-M16",
        "c1-m16 ", "c1-m16-x", "c-1-m16", "c+1-m16", "c1-m١٦", "c99999999999999999999-m16", "L4-1-24G",
    ])
    func `what is not a type is refused`(text: String) { #expect(MachineType(text) == nil) }

    @Test func `a manifest is checked against this host, all of it at once`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let name = try #require(InstanceName("box"))
        var manifest = Manifest(
            name: name, provider: "local", zone: "local", server: ServerManifest(type: "c1-m16", image: "counter"))
        #expect(try await harness.provider.validate(manifest, for: .making(fromImage: true)) == [])
        manifest.zone = "fr-par-1"
        manifest.server = ServerManifest(type: "L4-1-24G", image: "ubuntu_jammy")
        let problems = try await harness.provider.validate(manifest, for: .making(fromImage: true))
        #expect(problems.map(\.field) == ["spec.zone", "spec.server.type", "spec.server.image"])
    }

    @Test(arguments: ["../x", "/etc/passwd", "a/b", "", ".", "..", ".hidden", "a b", "a,b", "ä", "x\u{0}"])
    func `an image is a name, never a path`(name: String) async throws {
        let harness = try LocalHarness(images: "/tmp")
        defer { harness.tearDown() }
        await expect(.invalid) { () throws(ProviderError) in _ = try await server(harness, image: name) }
    }

    @Test func `servers boot from raw and qcow2 images of the host's folder`() async throws {
        let images = try Images()
        defer { images.remove() }
        try images.write("disk.raw", CounterGuest.bootSector + [UInt8](repeating: 0, count: 1 << 20))
        try await images.convert("disk.raw", to: "small.qcow2")
        try FileSystem.resize(images.path("disk.raw"), toBytes: 100 + 1 << 20)
        let harness = try LocalHarness(images: images.folder)
        defer { harness.tearDown() }
        for (image, bytes) in [("disk", nil), ("small", nil), ("small", 4 << 20 as Int64)] {
            let server = try await server(harness, image: image, bytes: bytes)
            let root = try #require(server.bootDisk)
            #expect(try await harness.provider.disk(root).sizeBytes == bytes ?? 512 + 1 << 20)
            #expect(try await harness.provider.disk(root).tags?.role == .root)
            try await ProviderContract(harness).boot(server.id)
            // It is the counter's boot sector, whatever it is called, and has no data disk.
            _ = try await ProviderContract(harness).wait(
                for: "word of the guest",
                { try FileSystem.read("\(harness.directory)/servers/\(server.id)/serial.log") ?? [] },
                until: { $0.starts(with: "NO DATA DISK".utf8) })
            try await ProviderContract(harness).stop(server.id)
        }
    }

    @Test func `images that are ambiguous, missing, damaged, or rest on other files are refused`() async throws {
        let images = try Images()
        defer { images.remove() }
        try images.write("twice.raw", CounterGuest.bootSector)
        try images.write("twice.qcow2", [])
        try images.write("damaged.qcow2", Array("QFI\u{fb}".utf8) + [UInt8](repeating: 7, count: 4096))
        try images.write("secret.raw", Array("root:x:0:0".utf8) + [UInt8](repeating: 0, count: 1014))
        try await images.run(
            "create", "-f", "qcow2", "-b", images.path("secret.raw"), "-F", "raw", images.path("thin.qcow2"))
        try await images.run(
            "create", "-f", "qcow2", "-o", "data_file=\(images.path("secret.raw")),data_file_raw=on",
            images.path("split.qcow2"), "1024")
        let harness = try LocalHarness(images: images.folder)
        defer { harness.tearDown() }
        for image in ["twice", "missing", "thin", "split"] {
            await expect(.invalid) { () throws(ProviderError) in _ = try await server(harness, image: image) }
        }
        await expect(.host) { () throws(ProviderError) in _ = try await server(harness, image: "damaged") }
        await expect(.invalid) { () throws(ProviderError) in
            _ = try await server(harness, image: "counter", bytes: 512)
        }
        #expect(await harness.provider.list() == .complete(Inventory()))
    }

    @Test func `without qemu nothing is lost, and the message says what to install`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let contract = ProviderContract(harness)
        let (disk, server) = (try await contract.makeDisk(), try await contract.makeServer())
        for programs in [
            LocalProvider.Programs(searchPath: "/nowhere:relative"),
            LocalProvider.Programs(machine: "/nowhere/qemu", image: "/etc/passwd"),
        ] {
            let bare = harness.restarted(programs: programs)
            await expectInstallation { () throws(ProviderError) in try await bare.powerOn(server.id) }
            await expectInstallation { () throws(ProviderError) in
                _ = try await bare.createSnapshot(
                    SnapshotSpecification(name: "s", tags: contract.tags(.data), disk: disk.id))
            }
            #expect(await bare.list() == (await harness.provider.list()))
        }
        try await contract.boot(server.id)
        let bare = harness.restarted(programs: LocalProvider.Programs(searchPath: ""))
        try await bare.powerOff(server.id)
        _ = try await contract.state(of: server.id, .stopped)
    }

    @Test func `a qemu-img that fails or lies leaves no half snapshot`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let contract = ProviderContract(harness)
        let disk = try await contract.makeDisk()
        try await harness.write(Array("precious".utf8), to: disk.id)
        let real = try #require(LocalHarness.programs.image)
        let scripts = [
            "echo 'No space left on device' >&2; exit 1",
            // Writes a snapshot of something else.
            "if [ $1 = convert ]; then exec \(real) create -q -f qcow2 \"$8\" 1M; else exec \(real) \"$@\"; fi",
            // Writes nothing at all, and is content with itself.
            "exit 0",
            "kill -9 $$",
        ]
        for script in scripts {
            let program = harness.directory + "-qemu-img"
            try harness.overwrite(program, Array("#!/bin/sh\n\(script)\n".utf8))
            try #require(chmodExecutable(program))
            let provider = harness.restarted(programs: .init(machine: nil, image: program))
            await expect(.host) { () throws(ProviderError) in
                _ = try await provider.createSnapshot(
                    SnapshotSpecification(name: "s", tags: contract.tags(.data), disk: disk.id))
            }
            #expect(try FileSystem.entries(of: harness.directory + "/snapshots") == [])
            #expect(try FileSystem.entries(of: harness.directory + "/work") == [])
            #expect(try await harness.provider.disk(disk.id) == disk)
        }
    }

    private enum End: CaseIterable { case ofTheCall, ofTheProvider }

    @Test(arguments: End.allCases) private func `a copy that nobody waits for any more is given up`(
        end: End
    ) async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let contract = ProviderContract(harness)
        let disk = try await contract.makeDisk()
        let program = harness.directory + "-qemu-img"
        try harness.overwrite(program, Array("#!/bin/sh\nexec sleep 1000\n".utf8))
        try #require(chmodExecutable(program))
        let provider = harness.restarted(programs: .init(machine: nil, image: program))
        let copy = Task(executorPreference: TestThreads.programs) { () -> ProviderError? in
            do throws(ProviderError) {
                _ = try await provider.createSnapshot(
                    SnapshotSpecification(name: "s", tags: contract.tags(.data), disk: disk.id))
                return nil
            } catch { return error }
        }
        _ = try await contract.wait(for: "copy", { try FileSystem.entries(of: harness.directory + "/work") ?? [] }) {
            !$0.isEmpty
        }
        await expect(.conflict) { () throws(ProviderError) in
            _ = try await harness.provider.createSnapshot(
                SnapshotSpecification(name: "s", tags: contract.tags(.data), disk: disk.id))
        }
        switch end {
        case .ofTheCall: copy.cancel()
        case .ofTheProvider: provider.shutdown()
        }
        #expect(await copy.value?.reason == .unavailable)
        #expect(try FileSystem.entries(of: harness.directory + "/work") == [])
        _ = try await contract.makeSnapshot(of: disk.id)
    }

    @Test func `what was found out about KVM is forgotten when the host boots again`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        _ = try await harness.provider.account()
        let state = StateDirectory(path: harness.directory)
        let program = try harness.provider.machineProgram()
        let truth = try Accelerator.best(in: state, program: program, Cancellation())
        let lie = truth == .kvm ? Accelerator.tcg : .kvm
        try harness.overwrite(
            harness.directory + "/accelerator.json",
            Array("{\"accelerator\":\"\(lie.rawValue)\",\"bootID\":\"another\",\"program\":\"\(program)\"}".utf8))
        #expect(try Accelerator.best(in: state, program: program, Cancellation()) == truth)
        #expect(try FileSystem.entries(of: harness.directory + "/work") == [])
    }

    private func expectInstallation(_ call: () async throws(ProviderError) -> Void) async {
        do throws(ProviderError) {
            try await call()
            Issue.record("not refused")
        } catch {
            #expect(error.reason == .host)
            #expect(error.message.contains("apt-get install qemu-system-x86 qemu-utils"))
        }
    }

    private func server(
        _ harness: LocalHarness, image: String, bytes: Int64? = nil
    ) async throws(ProviderError) -> Server {
        try await harness.provider.createServer(
            ServerSpecification(
                name: "box", tags: ProviderContract(harness).tags(.server), type: "c1-m32",
                boot: .image(image, rootBytes: bytes), configuration: ServerConfiguration()))
    }
}
