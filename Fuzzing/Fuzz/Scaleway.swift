import HTTP
import Instances
import Reconciler

@testable import ScalewayProvider

/// Answers of the Scaleway API: the first byte says to which question, the second the status.
let fuzzScaleway: Target = { bytes in
    guard bytes.count > 2 else { return }
    let call = Call(method: bytes[1] & 1 == 0 ? .get : .post, path: "/", purpose: "fuzz")
    let statuses = [200, 400, 401, 403, 404, 409, 412, 423, 429, 500, 503]
    let status = statuses[Int(bytes[1] >> 1) % statuses.count]
    let response = Response(
        status: status, headers: Headers([Header("X-Request-Id", "\u{1B}[31m")]), body: Array(bytes.dropFirst(2)))
    guard status == 200 else {
        let error = Refusal(response).error(of: call)
        demand(isPrintable(error.message), "a message holds control characters")
        demand(error.message.utf8.count < 4_000, "a message has \(error.message.utf8.count) bytes")
        demand(
            (error.reason == .notFound) == (status == 404) || error.reason != .notFound,
            "\(status) is taken for absence")
        return
    }
    do throws(ProviderError) {
        switch bytes[0] % 10 {
        case 0:
            check(Server(try Client.decode(response, as: Wrapped<InstanceServer>.self, of: call).value, in: nil).tags)
        case 1: check(Disk(try Client.decode(response, as: BlockVolume.self, of: call)).tags)
        case 2: check(Snapshot(try Client.decode(response, as: BlockSnapshot.self, of: call)).tags)
        case 3: _ = try Client.decode(response, as: Wrapped<PrivateNIC>.self, of: call)
        case 4: _ = try Client.decode(response, as: Wrapped<InstanceImage>.self, of: call)
        case 5: _ = try Client.decode(response, as: Wrapped<InstanceIP>.self, of: call)
        case 6: _ = try Client.decode(response, as: Wrapped<SecurityGroup>.self, of: call)
        case 7: _ = try Client.decode(response, as: PrivateNetwork.self, of: call)
        case 8: _ = try Client.decode(response, as: LocalImage.self, of: call)
        default: try checkListing(of: response, of: call)
        }
    } catch {
        demand(isPrintable(error.message), "a message holds control characters")
        demand(error.reason == (call.isRead ? .unavailable : .unknownOutcome), "\(error.reason)")
    }
}

/// Each line is a page: what is merged from them holds nothing twice, and no end comes before what was promised.
private func checkListing(of response: Response, of call: Call) throws(ProviderError) {
    var merged = Merged<BlockVolume>()
    for line in response.body.split(separator: UInt8(ascii: "\n")).prefix(20) {
        let response = Response(status: response.status, headers: response.headers, body: Array(line))
        let page = try Client.decode(response, as: ListingPage<BlockVolume>.self, of: call)
        let total = page.total(in: response)
        guard let isWhole = try? merged.add(page.items, total: total) else { return }
        demand(Set(merged.items.map(\.id)).count == merged.items.count, "an item is there twice")
        demand(merged.pagesWorthAsking > 0, "no page is worth asking for")
        if isWhole { return demand(merged.items.count >= total ?? 0, "a listing ended before its count") }
    }
}

private func check(_ tags: Tags?) {
    guard let tags else { return }
    demand(Tags(words: tags.words) == tags, "tags are read back as others")
}

/// An answer with one key, whatever it is called, around what matters.
private struct Wrapped<Value: Decodable>: Decodable {
    let value: Value

    init(from decoder: any Decoder) throws {
        value =
            try decoder.singleValueContainer().decode([String: Value].self).first.map(\.value)
            ?? { throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no key")) }()
    }
}
