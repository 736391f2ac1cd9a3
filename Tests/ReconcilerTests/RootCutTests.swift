import Instances
import Testing

@testable import Reconciler

/// A root disk is cut while its server is off. That is read from the server itself, before the cut and after it.
@Suite struct RootCutTests {
    @Test func `a root disk is cut only where its server is read as off, whatever a listing shows`() async throws {
        var (bench, reconciler) = await Bench.running()
        var kept = manifest()
        kept.rootDisk.snapshotEnabled = true
        bench.repository.commit(Configuration(manifests: [kept]))
        bench.cloud.bend { contents in
            contents.failures["powerOff"] = [ProviderError(.unavailable, "503")]
            contents.meanwhile["powerOff"] = { contents in
                contents.listed = contents.servers.mapValues { server in
                    var earlier = server
                    earlier.state = .stopped
                    return earlier
                }
            }
            contents.meanwhile["createSnapshot"] = { $0.listed = [:] }
        }
        #expect(await reconciler.pass().exitCodes == [.success])
        let calls = bench.cloud.calls
        let cut = try #require(calls.firstIndex(of: "createSnapshot"))
        #expect(calls[..<cut].filter { $0 == "powerOff" }.count == 2)
    }

    @Test func `a root disk is cut again where its server is read as started, whatever a listing shows`() async {
        var (bench, reconciler) = await Bench.running()
        var kept = manifest()
        kept.rootDisk.snapshotEnabled = true
        bench.repository.commit(Configuration(manifests: [kept]))
        bench.cloud.bend { contents in
            contents.meanwhile["createSnapshot"] = { contents in
                contents.listed = contents.servers
                for id in contents.servers.keys { contents.servers[id]?.state = .running }
                contents.meanwhile["powerOn"] = { $0.listed = [:] }
            }
        }
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.calls.count { $0 == "createSnapshot" } == 2)
        #expect(bench.cloud.bend { $0.snapshots.count } == 1)
    }
}
