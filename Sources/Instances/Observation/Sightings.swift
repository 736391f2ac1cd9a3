/// What reading one resource by its id has told.
public enum Sighting<Resource: Hashable & Sendable>: Hashable, Sendable {
    /// Shared between copies, of which a look makes many: a resource is a handful of strings.
    indirect case seen(Resource)
    /// Not in a complete listing, and this often in a row "not found" when read by id.
    case missing(times: Int)
    /// Neither seen nor proven absent.
    case unknown(String)
}

/// Sightings by id, in the order of ids: whoever goes over them goes the same way on every machine.
///
/// An instance has a handful of each kind of resource, so looking one up is going through them.
public struct Sightings<Resource: Hashable & Sendable>: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        let id: Identifier<Resource>
        var sighting: Sighting<Resource>
    }

    private var entries: [Entry] = []

    /// None.
    public init() {}

    /// `nil`: nothing is known of it.
    public subscript(id: Identifier<Resource>) -> Sighting<Resource>? {
        get { entries.first { $0.id == id }?.sighting }
        set {
            let index = entries.firstIndex { $0.id >= id } ?? entries.endIndex
            let isThere = index < entries.endIndex && entries[index].id == id
            switch (newValue, isThere) {
            case (let sighting?, true): entries[index].sighting = sighting
            case (let sighting?, false): entries.insert(Entry(id: id, sighting: sighting), at: index)
            case (nil, true): entries.remove(at: index)
            case (nil, false): break
            }
        }
    }

    /// The resources that were seen.
    public var seen: [Resource] {
        entries.compactMap { entry in
            guard case .seen(let resource) = entry.sighting else { return nil }
            return resource
        }
    }
}

extension Sightings: RandomAccessCollection {
    public var startIndex: Int { entries.startIndex }
    public var endIndex: Int { entries.endIndex }
    public subscript(position: Int) -> (id: Identifier<Resource>, sighting: Sighting<Resource>) {
        (entries[position].id, entries[position].sighting)
    }
}

extension Sightings: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (Identifier<Resource>, Sighting<Resource>)...) {
        for (id, sighting) in elements { self[id] = sighting }
    }
}
