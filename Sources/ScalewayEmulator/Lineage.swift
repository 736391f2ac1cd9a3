/// What is on a disk, without its bytes: whose data it is and how new.
struct Content: Hashable, Sendable, Codable {
    /// The volume that was made empty or from an image, and that every copy descends from.
    var lineage: String
    /// Counts the writes of guests; 0 was never written to.
    var generation: Int
}

/// The history of one set of data over all its volumes and snapshots.
struct Lineage: Hashable, Sendable, Codable {
    /// The generation that the last write made.
    var newest = 0
    /// A test that deletes data on purpose says so.
    var isGivenUp = false
}

/// Something that may never happen, kept for ever with the time at which it did.
public struct Violation: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        /// No live volume and no available snapshot holds the newest generation.
        case newestGenerationLost
        /// A guest wrote to a copy that was not the newest, which makes two histories of one set of data.
        case staleCopyWritten
    }

    public var kind: Kind
    public var lineage: String
    public var at: Instant
    public var explanation: String
}

extension World {
    mutating func startLineage(_ volume: String) -> Content {
        lineages[volume] = Lineage()
        return Content(lineage: volume, generation: 0)
    }

    /// A guest writes to the volume.
    mutating func write(to volumeID: String, at now: Instant) {
        guard let content = content(ofVolume: volumeID), var lineage = lineages[content.lineage] else { return }
        if content.generation < lineage.newest {
            violate(
                .staleCopyWritten, content.lineage, now,
                "volume \(volumeID) at generation \(content.generation) was written to while generation "
                    + "\(lineage.newest) is the newest")
        }
        lineage.newest += 1
        lineages[content.lineage] = lineage
        let written = Content(lineage: content.lineage, generation: lineage.newest)
        volumes.update(volumeID) { $0.content = written }
        localVolumes.update(volumeID) { $0.content = written }
    }

    private func content(ofVolume id: String) -> Content? { volumes[id]?.content ?? localVolumes[id]?.content }

    /// The live volumes and available snapshots that hold the newest generation.
    func holders(of id: String) -> [String] {
        guard let lineage = lineages[id] else { return [] }
        let newest = Content(lineage: id, generation: lineage.newest)
        return volumes.all.filter { $0.content == newest && $0.status != .error }.map(\.id)
            + localVolumes.all.filter { $0.content == newest }.map(\.id)
            + snapshots.all.filter { $0.content == newest && $0.status.isUsable }.map(\.id)
    }

    /// Called after everything that takes a copy away.
    mutating func checkLineage(_ id: String, at now: Instant, because reason: String) {
        guard let lineage = lineages[id], lineage.newest > 0, !lineage.isGivenUp else { return }
        guard holders(of: id).isEmpty else { return }
        violate(
            .newestGenerationLost, id, now,
            "generation \(lineage.newest) is in no live volume and in no available snapshot after \(reason)")
    }

    private mutating func violate(_ kind: Violation.Kind, _ lineage: String, _ now: Instant, _ explanation: String) {
        violations.append(Violation(kind: kind, lineage: lineage, at: now, explanation: explanation))
    }
}
