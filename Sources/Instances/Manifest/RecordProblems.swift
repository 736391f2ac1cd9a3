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
        let existing: (what: String, image: String)? =
            switch (record.root, record.rootSnapshot.verified) {
            case (.present(let disk, _, let image), _): ("root disk \(disk)", image)
            case (_, let snapshot?): snapshot.image.map { ("root snapshot \(snapshot.id)", $0) }
            default: nil
            }
        guard let existing, existing.image != server.image else { return [] }
        let text =
            "\(field) was \(existing.image) when the \(visible(existing.what)) was made, and a change to "
            + "\(server.image) would lose what is on it. Write \(existing.image) again; or, to begin anew, first write "
            + "enableInstanceServer: false, whenDisabled: delete and rootDisk.snapshot.enable: false, and change the "
            + "image once the root disk is gone"
        return [ManifestProblem(field: field, text: text)]
    }
}
