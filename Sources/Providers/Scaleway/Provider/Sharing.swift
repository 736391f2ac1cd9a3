import Instances
import Reconciler

/// Something that instances share by its name: a private network, a security group.
///
/// Names are not unique at Scaleway, so two operators that look at the same time can each make one. Whoever has made
/// one looks again: both then see both, and both keep the older one.
protocol Shared: Listed {
    /// For people.
    static var kind: String { get }
    var name: String { get }
    var tags: [String] { get }
    var createdAt: Timestamp? { get }
}

/// Everything of one name.
struct Namesakes<Thing: Shared> {
    /// Made by this operator, the oldest first.
    let own: [Thing]
    let foreign: [Thing]

    init(_ name: String, among things: [Thing], _ shared: SharedTags) {
        let namesakes = things.filter { $0.name == name }
        own = namesakes.filter { shared.marks($0.tags) }.sorted { Self.rank($0) < Self.rank($1) }
        foreign = namesakes.filter { !shared.marks($0.tags) }
    }

    /// The same for everyone who looks.
    private static func rank(_ thing: Thing) -> (Timestamp, String) {
        (thing.createdAt ?? Timestamp(microseconds: .max), thing.id)
    }
}

extension ScalewayProvider {
    /// What is shared under a name, made where there is nothing.
    ///
    /// - Parameters:
    ///   - things: everything of the kind that there is.
    ///   - delete: deletes a surplus one of our own; Scaleway refuses where it is in use.
    func namesakes<Thing: Shared>(
        _ name: String, among things: [Thing], _ shared: SharedTags,
        read: (ResourceUUID) async throws(ProviderError) -> Thing,
        make: () async throws(ProviderError) -> Thing, list: () async throws(ProviderError) -> [Thing],
        delete: (ResourceUUID) async throws(ProviderError) -> Void
    ) async throws(ProviderError) -> Namesakes<Thing> {
        var found = Namesakes(name, among: things, shared)
        if found.own.isEmpty, found.foreign.isEmpty {
            let own = try await made.one(
                "\(Thing.kind) '\(printable(name, limit: 60))'", listed: nil, read: read, make: make)
            let listed = try await list().filter { $0.id != own.id }
            found = Namesakes(name, among: listed + [own], shared)
        }
        guard found.foreign.isEmpty else { return found }
        for surplus in found.own.dropFirst() {
            guard let id = ResourceUUID(surplus.id) else { continue }
            do throws(ProviderError) { try await delete(id) } catch {
                // Somebody uses it already: it stays, and the older one is used from now on.
                guard error.reason == .inUse || error.reason == .conflict else { throw error }
            }
        }
        return found
    }
}
