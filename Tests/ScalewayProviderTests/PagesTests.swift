import HTTP
import Instances
import Reconciler
import Testing

@testable import ScalewayProvider

/// A listing is whole, or it is an error.
@Suite struct PagesTests {
    private func volumes(_ range: Range<Int>) -> [String] { range.map { Sample.volume($0) } }

    private func list(_ scaleway: ScriptedScaleway) async throws -> [BlockVolume] {
        let project = try #require(ResourceUUID(Sample.project))
        let zone = try #require(Zone("fr-par-1"))
        return try await BlockAPI(client: scaleway.client, zone: zone, project: project).volumes()
    }

    private func page(of address: String) -> Int {
        Int(address.split(separator: "&").first { $0.contains("page=") && !$0.contains("size") }?.dropFirst(5) ?? "")
            ?? 0
    }

    /// Serves so many disks, in pages of a hundred.
    private func account(of count: Int, size: Int = 100, total: Int?? = nil) -> ScriptedScaleway {
        ScriptedScaleway { address, _ in
            let first = (self.page(of: address) - 1) * size
            let items = self.volumes(min(first, count)..<min(first + size, count))
            return .success(Sample.page("volumes", items, total: total ?? count))
        }
    }

    @Test(arguments: [0, 1, 99, 100, 101, 250, 1_000]) func `every item of every page is read`(count: Int) async throws
    {
        #expect(try await list(account(of: count)).map(\.id) == (0..<count).map(Sample.id))
    }

    @Test func `a few requests read a few hundred`() async throws {
        let scaleway = account(of: 250)
        _ = try await list(scaleway)
        #expect(scaleway.addresses.count == 3)
    }

    @Test(arguments: [120, 0] as [Int?] + [nil])
    func `a server that gives smaller pages than asked for is read to the end`(total: Int?) async throws {
        #expect(try await list(account(of: 120, size: 50, total: total)).count == 120)
    }

    @Test(arguments: [0, 1, 100, 200] as [Int?] + [nil])
    func `a count that is too small or missing ends no listing`(total: Int?) async throws {
        #expect(try await list(account(of: 250, total: total)).count == 250)
    }

    @Test func `a count that is higher than what is found is an error`() async throws {
        await #expect(throws: ProviderError.self) { try await list(account(of: 120, total: 121)) }
        await #expect(throws: ProviderError.self) { try await list(account(of: 0 + 40, total: 150)) }
    }

    @Test(arguments: [Int.max, Int.min])
    func `a count that no account can have ends no program`(total: Int) async throws {
        #expect((try? await list(account(of: 100, total: total)))?.count == (total < 0 ? 100 : nil))
    }

    @Test func `a page that fails makes the listing fail`() async throws {
        let scaleway = ScriptedScaleway { address, _ in
            guard page(of: address) < 2 else { return .success(Response(500, "")) }
            return .success(Sample.page("volumes", volumes(0..<100), total: 150))
        }
        let error = await #expect(throws: ProviderError.self) { try await list(scaleway) }
        #expect(error?.reason == .unavailable)
    }

    @Test func `one item on two pages is listed once`() async throws {
        let scaleway = ScriptedScaleway { address, _ in
            let items = page(of: address) == 1 ? volumes(0..<100) : volumes(98..<120)
            return .success(Sample.page("volumes", items, total: 120))
        }
        #expect(try await list(scaleway).count == 120)
    }

    @Test func `one item in two states is an error`() async throws {
        let scaleway = ScriptedScaleway { address, _ in
            if page(of: address) == 1 { return .success(Sample.page("volumes", volumes(0..<100), total: 101)) }
            return .success(Sample.page("volumes", [Sample.volume(3, status: "in_use")], total: 101))
        }
        let error = await #expect(throws: ProviderError.self) { try await list(scaleway) }
        #expect(error?.message.contains("in different states") == true)
    }

    @Test func `what moves to an earlier page while the listing is read is found`() async throws {
        // The second reading finds 149: item 0 was deleted after the first page was read, and item 100 moved to page 1.
        let scaleway = ScriptedScaleway { address, count in
            let all = count == 0 ? Array(0..<150) : Array(1..<150)
            let first = (page(of: address) - 1) * 100
            let items = all[min(first, all.count)..<min(first + 100, all.count)].map { Sample.volume($0) }
            return .success(Sample.page("volumes", items, total: all.count))
        }
        #expect(try await list(scaleway).map(\.id) == (1..<150).map(Sample.id))
    }

    @Test func `a listing that seemed to shrink is read one page after the other`() async throws {
        let growing = GrowingListing()
        let project = try #require(ResourceUUID(Sample.project))
        let client = Client(endpoint: "https://x", token: Secret(Sample.id(1)), transport: growing)
        let block = BlockAPI(client: client, zone: try #require(Zone("fr-par-1")), project: project)
        #expect(try await block.volumes().count == 351)
        #expect(await growing.mostAtOnce == [3, 1])
    }

    @Test func `a server that answers one page for ever is stopped`() async throws {
        let scaleway = ScriptedScaleway { _, _ in .success(Sample.page("volumes", volumes(0..<100), total: 100_000)) }
        let error = await #expect(throws: ProviderError.self) { try await list(scaleway) }
        #expect(error?.reason == .unavailable)
        #expect(scaleway.addresses.count < 20)
    }

    @Test func `an empty page past the end may deny that there is anything`() async throws {
        let scaleway = ScriptedScaleway { address, _ in
            let isFirst = page(of: address) == 1
            return .success(Sample.page("volumes", isFirst ? volumes(0..<100) : [], total: isFirst ? 100 : 0))
        }
        #expect(try await list(scaleway).count == 100)
    }

    @Test func `what is of another project or zone is not listed`() async throws {
        let samples: [String: @Sendable (Int) -> String] = [
            "servers": { Sample.server($0) }, "volumes": { Sample.volume($0) }, "snapshots": { Sample.snapshot($0) },
            "ips": { Sample.address($0) }, "security_groups": { Sample.securityGroup($0) },
        ]
        let scaleway = ScriptedScaleway { address, _ in
            let name = String(address.split(separator: "?")[0].split(separator: "/").last ?? "")
            guard let sample = samples[name] else { return .success(Response(404, "")) }
            let foreign = sample(1).replacing(Sample.project, with: Sample.id(77))
            let elsewhere = sample(2).replacing("fr-par-1", with: "fr-par-2")
            return .success(Sample.page(name, [sample(0), foreign, elsewhere], total: 3))
        }
        guard case .complete(let inventory) = try await scaleway.provider().list() else {
            Issue.record("no listing")
            return
        }
        #expect(inventory.servers.map(\.id.text) == [Sample.id(0)])
        #expect(inventory.disks.map(\.id.text) == [Sample.id(0)])
        #expect(inventory.snapshots.map(\.id.text) == [Sample.id(0)])
        #expect(inventory.companions.map(\.id.text) == [Sample.id(0), Sample.id(0)])
    }

    @Test func `an item that cannot be read is named, and leaves the listing unknown`() async throws {
        let odd = Sample.volume(1).replacing("\"size\": 1000000000", with: "\"size\": \"large\"")
        let scaleway = ScriptedScaleway { _, _ in
            .success(Sample.page("volumes", [Sample.volume(0), odd], total: 2))
        }
        let error = await #expect(throws: ProviderError.self) { try await list(scaleway) }
        #expect(error?.reason == .unavailable)
        #expect(error?.message.contains("size") == true)
        #expect(error?.message.contains("of \(Sample.id(1))") == true)
    }

    @Test(arguments: [
        "{\"volumes\": [{\"id\": 4}], \"total_count\": 1}", "{\"volumes\": null}", "{}", "[]", "<html></html>", "",
        "{\"volumes\": [], \"total", "{\"volumes\": [{\"id\": \"a\", \"name\": \"x\"}], \"total_count\": 1}",
    ])
    func `an answer that is not a listing is an error`(body: String) async throws {
        let error = await #expect(throws: ProviderError.self) {
            try await list(
                ScriptedScaleway { _, _ in .success(Response(200, body, headers: [("X-Request-Id", "r1")])) })
        }
        #expect(error?.reason == .unavailable)
        #expect(error?.message.contains("request r1") == true)
    }
}

/// A disk is made while the first pages are read: the later of them are answered before the others.
private actor GrowingListing: Transport {
    private var underWay = 0
    /// For each reading of the listing.
    private(set) var mostAtOnce: [Int] = []

    func send(_ request: Request) async throws(TransportFailure) -> Response {
        let page = Int(request.url.split(separator: "&").first { $0.hasPrefix("page=") }?.dropFirst(5) ?? "") ?? 0
        if page == 1 { mostAtOnce.append(0) }
        underWay += 1
        mostAtOnce[mostAtOnce.count - 1] = max(underWay, mostAtOnce[mostAtOnce.count - 1])
        try? await Task.sleep(for: .milliseconds(50))
        underWay -= 1
        let total = mostAtOnce.count == 1 && page != 2 ? 350 : 351
        let items = ((page - 1) * 100..<min(page * 100, total)).map { Sample.volume($0) }
        return Sample.page("volumes", items, total: total)
    }
}
