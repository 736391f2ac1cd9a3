import Instances

/// Carries out one action. Deletions read everything afresh and need a proof.
struct Applier: Sendable {
    let provider: any Provider
    /// As it stands at the head of the status branch.
    let record: Record

    /// - Returns: what was made, if anything.
    func apply(_ action: Action) async throws(ProviderError) -> ResourceID? {
        switch action {
        case .createServer(let specification): return .server(try await provider.createServer(specification).id)
        case .createDisk(let specification): return .disk(try await provider.createDisk(specification).id)
        case .createSnapshot(let specification): return .snapshot(try await provider.createSnapshot(specification).id)
        case .configureServer(let id, let tags, let configuration):
            try await provider.configureServer(id, tags: tags, as: configuration)
        case .changeType(let id, let type): try await provider.changeType(of: id, to: type)
        case .powerOn(let id): try await provider.powerOn(id)
        case .powerOff(let id): try await provider.powerOff(id)
        case .attachDisk(let disk, let server): try await provider.attachDisk(disk, to: server)
        case .detachDisk(let disk, let server): try await provider.detachDisk(disk, from: server)
        case .growDisk(let disk, let bytes): try await provider.growDisk(disk, toBytes: bytes)
        case .setIOPS(let disk, let iops): try await provider.setIOPS(disk, to: iops)
        case .tag(let resource, let tags): try await provider.tag(resource, with: tags)
        case .delete(let condemned): try await delete(condemned)
        case .deleteCompanion(let id): try await provider.deleteCompanion(id)
        }
        return nil
    }

    /// The fresh reads are the last thing before the call: a person may have changed anything since the plan was made.
    private func delete(_ condemned: Condemned) async throws(ProviderError) {
        switch condemned.resource {
        case .server(let id):
            let data: Disk? =
                if let disk = record.data.disk {
                    try await present { () throws(ProviderError) in
                        try await provider.disk(disk)
                    }
                } else { nil }
            let fresh = try await provider.server(id)
            try await provider.deleteServer(
                proven { () throws(ProofRefusal) in
                    try ServerDeletionProof(record: record, fresh: fresh, data: data)
                })
        case .disk(let id):
            let copy = try await copy(insteadOf: condemned)
            let fresh = try await provider.disk(id)
            try await provider.deleteDisk(
                proven { () throws(ProofRefusal) in
                    try DiskDeletionProof(record: record, fresh: fresh, copy: copy)
                })
        case .snapshot(let id):
            let copy = try await copy(insteadOf: condemned)
            let fresh = try await provider.snapshot(id)
            try await provider.deleteSnapshot(
                proven { () throws(ProofRefusal) in
                    try SnapshotDeletionProof(record: record, fresh: fresh, copy: copy)
                })
        case .companion(let id):
            try await provider.deleteCompanion(id)
        }
    }

    private func copy(insteadOf condemned: Condemned) async throws(ProviderError) -> DataCopy? {
        switch record.copy(insteadOf: condemned) {
        case .disk(let id):
            try await present { () throws(ProviderError) in try await provider.disk(id) }.map(DataCopy.disk)
        case .snapshot(let id):
            try await present { () throws(ProviderError) in try await provider.snapshot(id) }.map(DataCopy.snapshot)
        case .server, .companion, nil: nil
        }
    }

    /// A refused proof is a conflict: the next look decides anew from what is there now.
    private func proven<Proof>(_ make: () throws(ProofRefusal) -> Proof) throws(ProviderError) -> Proof {
        do { return try make() } catch { throw ProviderError(.conflict, "deletion refused: \(error)") }
    }

    private func present<Found>(
        _ read: () async throws(ProviderError) -> Found
    ) async throws(ProviderError) -> Found? {
        do { return try await read() } catch  where error.reason == .notFound { return nil }
    }
}
