extension Manifest {
    /// What cannot be done without losing something that exists.
    ///
    /// The data disk that is taken out of a manifest is none of these: an approved commit may do that.
    ///
    /// - Parameters:
    ///   - record: of the instance of this name.
    ///   - observation: where it is at hand, so that the sizes of disks that exist count too.
    public func problems(against record: Record, _ observation: Observation? = nil) -> [ManifestProblem] {
        let disks = Dictionary(
            (observation?.seenDisks ?? []).map { ($0.id, $0.sizeBytes) }, uniquingKeysWith: { $1 })
        return moves(from: record) + shrinking(record, disks) + imageChange(from: record)
    }

    private func moves(from record: Record) -> [ManifestProblem] {
        guard !record.isEmpty else { return [] }
        let left = record.holdsData ? "its data is there" : "what was made for it is there"
        return [("spec.provider", record.provider, provider), ("spec.zone", record.zone, zone)]
            .filter { $0.1 != $0.2 }
            .map { field, was, now in
                let text =
                    "\(field) was \(was) and \(left): it cannot move to \(now). Write \(was) again, or give the new "
                    + "machine another metadata.name"
                return ManifestProblem(field: field, text: text)
            }
    }

    private func shrinking(_ record: Record, _ disks: [DiskID: Int64]) -> [ManifestProblem] {
        var problems: [ManifestProblem] = []
        func check(_ field: String, _ sizeGB: Int?, _ what: String, _ existing: [Int64?]) {
            guard let sizeGB, let bytes = existing.compactMap(\.self).max() else { return }
            let existingGB = (bytes + bytesInGigabyte - 1) / bytesInGigabyte
            guard existingGB > Int64(sizeGB) else { return }
            problems.append(
                ManifestProblem(
                    field: field,
                    text: "\(field) is \(sizeGB) and the \(what) has \(existingGB) GB: disks grow and never shrink. "
                        + "Write \(existingGB) or more"))
        }
        let rootSnapshot = record.rootSnapshot.verified
        check(
            "spec.dataDisk.sizeGB", dataDisk?.sizeGB, "data disk",
            [record.snapshots.last?.sizeBytes, record.data.disk.flatMap { disks[$0] }])
        check(
            "spec.rootDisk.sizeGB", rootDisk.sizeGB, "root disk",
            [rootSnapshot?.sizeBytes, record.root.id.flatMap { disks[$0] }])
        return problems
    }

    private func imageChange(from record: Record) -> [ManifestProblem] {
        let field = "spec.server.image"
        let snapshot = rootDisk.snapshotEnabled ? record.rootSnapshot.verified : nil
        let release = snapshot == nil ? "" : " and rootDisk.snapshot.enable: false"
        if case .present(let disk, _, let image) = record.root {
            guard image != server.image, !image.isEmpty else { return [] }
            let text =
                "\(field) was \(image) when root disk \(disk) was made, and a change to \(server.image) would lose what "
                + "is on it. Write \(image) again; or, to begin anew, first write enableInstanceServer: false with "
                + "whenDisabled: delete\(release), and change the image once the root disk is gone"
            return [ManifestProblem(field: field, text: text)]
        }
        // While servers are not to boot from it, the snapshot is kept and nothing takes its place.
        guard let snapshot, let image = snapshot.image, image != server.image, !image.isEmpty else { return [] }
        let text =
            "\(field) was \(image) when root snapshot \(snapshot.id) was taken, and one of \(server.image) would take its "
            + "place. Write \(image) again; or, to begin anew, write rootDisk.snapshot.enable: false until the first "
            + "server of \(server.image) runs"
        return [ManifestProblem(field: field, text: text)]
    }
}
