import HTTP
import Reconciler

/// Something that listings hold.
protocol Listed: Decodable, Hashable, Sendable, SendableMetatype {
    /// Unique in its listing.
    var id: String { get }
    static var listing: ListingStyle { get }
    /// Reads what a page holds under its name.
    static func items(
        of page: KeyedDecodingContainer<MemberName>, named name: MemberName
    ) throws -> [Self]
}

extension Listed {
    static func items(
        of page: KeyedDecodingContainer<MemberName>, named name: MemberName
    ) throws -> [Self] {
        try page.decode([ListedItem<Self>].self, forKey: name).map(\.content)
    }
}

/// One item of a page. What about it cannot be read leaves the whole listing unknown: that it is there must not be
/// forgotten.
private struct ListedItem<Content: Decodable>: Decodable {
    let content: Content

    private struct Identity: Decodable { let id: String }

    init(from decoder: any Decoder) throws {
        do { content = try Content(from: decoder) } catch {
            throw UnreadableItem(id: (try? Identity(from: decoder))?.id, cause: error)
        }
    }
}

/// Which item of a listing cannot be read, for whoever has to find it: it may be somebody else's.
struct UnreadableItem: Error {
    /// `nil` where not even that can be read.
    var id: String?
    var cause: any Error
}

/// How an API asks for pages of a listing, and what it calls what is on them.
struct ListingStyle: Hashable, Sendable {
    /// The member of the answer that holds the items.
    let name: String
    let sizeParameter: String

    /// Of the Instance API. The number of items is in a header. The header `Link` holds paths that do not exist, so
    /// that pages are counted and never followed.
    static func instance(_ name: String) -> Self { Self(name: name, sizeParameter: "per_page") }

    /// Of every other API. The number of items is in the answer.
    static func usual(_ name: String) -> Self { Self(name: name, sizeParameter: "page_size") }
}

/// One page of a listing, as an API answers it.
struct ListingPage<Item: Listed>: Decodable, Sendable {
    let items: [Item]
    private let countInBody: Int?

    init(from decoder: any Decoder) throws {
        let page = try decoder.container(keyedBy: MemberName.self)
        items = try Item.items(of: page, named: MemberName(Item.listing.name))
        countInBody = try? page.decodeIfPresent(Int.self, forKey: MemberName("total_count"))
    }

    /// How many there are on all pages, as the server believes; never to be relied on alone. Zero beside items says
    /// nothing.
    func total(in response: Response) -> Int? {
        let count = response.headers.first("X-Total-Count").flatMap { Int($0) } ?? countInBody
        return count == 0 && !items.isEmpty ? nil : count
    }
}

/// What all APIs allow at most.
private let itemsOnFullPage = 100

/// More than an account can hold; a server that never ends a listing is stopped here.
private let mostPages = 5_000

/// Few, so that the pages of one listing do not push aside everything else.
private let pagesReadAtOnce = 4

/// How often a listing that changed under us is read before it counts as unknown.
private let attempts = 3

/// Why a listing is begun again, or is not.
enum Unsettled: Error {
    case changed(String)
    case failed(ProviderError)
}

extension Client {
    /// Reads every page, or fails as a whole.
    ///
    /// The end is an empty page, or one that is not full once as many items were read as there are said to be. A count
    /// alone never ends a listing. A count that is higher than what was found or that falls while pages are read (what
    /// follows a deleted item moves to a page that was read before), and one item in two states, make it start again.
    func everything<Item: Listed>(_ call: Call, of type: Item.Type = Item.self) async throws(ProviderError) -> [Item] {
        var problem = ""
        for attempt in 0..<attempts {
            do throws(Unsettled) {
                // Pages asked for at once are answered in any order, so that growth can look like shrinking: what did
                // so is read one page after the other.
                return try await readOnce(call, atOnce: attempt == 0 ? pagesReadAtOnce : 1)
            } catch {
                switch error {
                case .failed(let error): throw error
                case .changed(let words): problem = words
                }
            }
        }
        throw ProviderError(.unavailable, "cannot \(call.purpose): \(problem), \(attempts) times in a row")
    }

    private func readOnce<Item: Listed>(_ call: Call, atOnce most: Int) async throws(Unsettled) -> [Item] {
        var merged = Merged<Item>()
        var next = 1
        while next <= mostPages {
            let numbers = next..<next + min(most, merged.pagesWorthAsking)
            for (page, total): (ListingPage<Item>, Int?) in try await pages(numbers, of: call) {
                if try merged.add(page.items, total: total) { return merged.items }
            }
            next = numbers.upperBound
        }
        throw .changed("the listing does not end")
    }

    private typealias Page<Item: Listed> = (ListingPage<Item>, total: Int?)

    private func pages<Item: Listed>(
        _ numbers: Range<Int>, of call: Call
    ) async throws(Unsettled) -> [Page<Item>] {
        let answers = await withTaskGroup(of: (Int, Result<Page<Item>, ProviderError>).self) { group in
            for number in numbers {
                group.addTask { (number, await attempt(number, of: call)) }
            }
            return await group.reduce(into: [:]) { answers, answer in answers[answer.0] = answer.1 }
        }
        var pages: [Page<Item>] = []
        for number in numbers {
            guard let answer = answers[number] else { continue }
            do throws(ProviderError) { pages.append(try answer.get()) } catch { throw .failed(error) }
        }
        return pages
    }

    private func attempt<Item: Listed>(
        _ number: Int, of call: Call
    ) async -> Result<Page<Item>, ProviderError> {
        await outcome(try await page(number, of: call))
    }

    private func page<Item: Listed>(_ number: Int, of call: Call) async throws(ProviderError) -> Page<Item> {
        var call = call
        call.query += [("page", String(number)), (Item.listing.sizeParameter, String(itemsOnFullPage))]
        let response = try await exchange(call)
        let page = try Self.decode(response, as: ListingPage<Item>.self, of: call)
        return (page, page.total(in: response))
    }
}

/// What a call that can fail came to, for where errors cannot be thrown.
func outcome<Value>(_ call: @autoclosure () async throws(ProviderError) -> Value) async -> Result<Value, ProviderError>
{
    do throws(ProviderError) { return .success(try await call()) } catch { return .failure(error) }
}

/// The pages read so far.
struct Merged<Item: Listed> {
    private(set) var items: [Item] = []
    private var positions: [String: Int] = [:]
    private var total: Int?
    private var pageCount = 0

    /// As many pages as the count promises; one at a time where it promises none.
    var pagesWorthAsking: Int {
        guard let total else { return 1 }
        // The count is the server's word and may be any number: adding to it before it is divided could overflow.
        let fullPages = total / itemsOnFullPage
        return max(1, fullPages + (total % itemsOnFullPage > 0 ? 1 : 0) - pageCount)
    }

    /// - Returns: true where it was the last page.
    mutating func add(_ page: [Item], total count: Int?) throws(Unsettled) -> Bool {
        pageCount += 1
        guard !page.isEmpty else {
            // A page past the end may say that there is nothing at all: it cannot take back what a page before it said.
            let promised = max(total ?? 0, count ?? 0)
            guard items.count >= promised else {
                throw .changed("the listing ended after \(items.count) of \(promised)")
            }
            return true
        }
        if let total, let count, count < total {
            throw .changed("the listing shrank from \(total) to \(count) while it was read")
        }
        total = count ?? total
        let before = items.count
        for item in page { try add(item) }
        guard items.count > before else { throw .changed("one page of the listing was answered twice") }
        guard let total, items.count >= total else { return false }
        return page.count < itemsOnFullPage
    }

    private mutating func add(_ item: Item) throws(Unsettled) {
        guard let position = positions[item.id] else {
            positions[item.id] = items.count
            items.append(item)
            return
        }
        guard items[position] == item else {
            throw .changed("\(printable(item.id, limit: 60)) is listed twice, in different states")
        }
    }
}
