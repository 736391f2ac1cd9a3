extension World {
    /// Everything there is and was, with what the real API does not tell: generations and what was deleted.
    var dump: JSON {
        [
            "servers": .array(servers.all.map(dump)),
            "volumes": .array(volumes.all.map(dump) + deletedVolumes.all.map(dump)),
            "local_volumes": .array(localVolumes.all.map(dump)),
            "snapshots": .array(snapshots.all.map(dump) + deletedSnapshots.all.map(dump)),
            "ips": .array(addresses.all.map { $0.json(serverName: nil) }),
            "private_nics": .array(interfaces.all.map(\.json)),
            "private_networks": .array(networks.all.map(\.json)),
            "security_groups": .array(securityGroups.all.map { $0.json(servers: []) }),
            "images": .array(images.all.map(\.json)),
        ]
    }

    private func dump(_ server: Server) -> JSON {
        [
            "id": .string(server.id), "zone": .string(server.zone), "name": .string(server.name),
            "project": .string(server.project), "commercial_type": .string(server.commercialType),
            "tags": .strings(server.tags), "state": .string(server.state.rawValue), "boots": .integer(server.boots),
            "boot_volume": .optional(server.bootVolume), "volumes": .strings(server.slots.map(\.volume)),
        ]
    }

    private func dump(_ volume: Volume) -> JSON {
        [
            "id": .string(volume.id), "zone": .string(volume.zone), "name": .string(volume.name),
            "size": .integer(volume.size), "tags": .strings(volume.tags), "status": .string(volume.status.rawValue),
            "parent_snapshot_id": .optional(volume.parentSnapshot),
            "references": .array(volume.references.map(\.json)), "deleted": .bool(volume.base == .deleted),
            "lineage": .string(volume.content.lineage), "generation": .integer(volume.content.generation),
        ]
    }

    private func dump(_ volume: LocalVolume) -> JSON {
        [
            "id": .string(volume.id), "zone": .string(volume.zone), "name": .string(volume.name),
            "size": .integer(volume.size), "server": .optional(volume.server),
            "lineage": .string(volume.content.lineage), "generation": .integer(volume.content.generation),
        ]
    }

    private func dump(_ snapshot: Snapshot) -> JSON {
        [
            "id": .string(snapshot.id), "zone": .string(snapshot.zone), "name": .string(snapshot.name),
            "size": .integer(snapshot.size), "tags": .strings(snapshot.tags),
            "status": .string(snapshot.status.rawValue), "volume": .string(snapshot.parent),
            "deleted": .bool(snapshot.base == .deleted), "lineage": .string(snapshot.content.lineage),
            "generation": .integer(snapshot.content.generation),
        ]
    }

    /// Whether the newest data of every lineage that was ever written exists, and everything that ever went wrong.
    var invariants: JSON {
        let written = lineages.filter { $0.value.newest > 0 }.sorted { $0.key < $1.key }
        let list: [JSON] = written.map { id, lineage in
            let holders = holders(of: id)
            return [
                "id": .string(id), "newest": .integer(lineage.newest), "holders": .strings(holders),
                "given_up": .bool(lineage.isGivenUp), "ok": .bool(lineage.isGivenUp || !holders.isEmpty),
            ]
        }
        let isWhole = violations.isEmpty && list.allSatisfy { $0["ok"] == true }
        return [
            "ok": .bool(isWhole),
            "violations": .array(
                violations.map {
                    [
                        "kind": .string($0.kind.rawValue), "lineage": .string($0.lineage),
                        "at": .string($0.at.zuluStamp), "explanation": .string($0.explanation),
                    ]
                }),
            "lineages": .array(list),
        ]
    }
}
