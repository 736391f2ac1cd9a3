import Instances
@testable import YAML

/// YAML to manifests. Differential: the document is written anew from its nodes, and has to say the same.
let fuzzManifest: Target = { bytes in
    let path = "fuzzed.yaml"
    let decoded = decode(SourceFile(path: path, bytes: bytes))
    for diagnostic in decoded.diagnostics {
        demand(isPrintable(diagnostic.description), "a message holds control characters")
    }
    demand(
        decoded.manifests.isEmpty || Set(decoded.manifests.map(\.name)).isDisjoint(with: decoded.frozen)
            || !combine([decoded]).diagnostics.isEmpty, "a manifest is valid and frozen at once")
    guard let nodes = try? parse(bytes) else {
        demand(!decoded.diagnostics.isEmpty && decoded.manifests.isEmpty, "what is no YAML is no manifest")
        return
    }
    for node in nodes {
        let written = write(node)
        // A document may grow past the limit of a file by being written in blocks.
        guard written.count <= Limits.manifest.bytes else { continue }
        guard let again = try? parse(written) else {
            demand(false, "what was written cannot be read")
            return
        }
        demand(again.count == 1 && again[0].saysTheSame(as: node), "what was written is read as something else")
        let first = decode(SourceFile(path: path, bytes: write(again[0]))).manifests.map(withoutSource)
        demand(first == decode(SourceFile(path: path, bytes: written)).manifests.map(withoutSource), "unstable")
        demand(
            Set(first).isSubset(of: decoded.manifests.map(withoutSource)) || nodes.count > 1,
            "a document asks for something else once it is written anew")
    }
}

@Sendable private func withoutSource(_ manifest: Manifest) -> Manifest {
    var manifest = manifest
    manifest.source = ManifestSource()
    return manifest
}

/// A file of the status branch, whoever wrote it.
let fuzzRecord: Target = { bytes in
    let name = InstanceName("box")!
    let file = InstanceFile(name: name, bytes: bytes)
    switch file.record {
    case .failure(let error):
        demand(isPrintable(error.explanation(file: "instances/box.yaml").message), "a message holds control characters")
    case .success(let record):
        guard let lineage = file.lineage else { return }
        let written = InstanceFile.bytes(name: name, lineage: lineage, status: file.status, record: record)
        let again = InstanceFile(name: name, bytes: written)
        demand(again.record == file.record, "a record is read back as another one")
        demand(again.status == file.status, "a status is read back as another one")
        demand(
            InstanceFile.bytes(name: name, lineage: lineage, status: again.status, record: record) == written,
            "the same content is other bytes")
    }
    let tree = StatusTree(files: [InstanceFile.path(of: name): bytes, "index.json": bytes, "lock.yaml": bytes])
    let fleet = FleetStatus(lineage: OwnerID("fuzzed"), commit: "c", instances: tree.statuses)
    guard let publication = tree.publication(of: fleet, nonce: "n") else { return }
    for text in [publication.message]
        + publication.changes.values.compactMap({ $0.map { String(decoding: $0.bytes, as: UTF8.self) } })
    {
        demand(
            text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" }, "a control character is published")
    }
}
