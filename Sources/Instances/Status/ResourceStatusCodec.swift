import YAML

extension ServerStatus {
    var node: Node {
        var fields = FieldList()
        fields.text("id", id.text)
        fields.text("state", state)
        fields.text("type", type)
        fields.text("publicIPv4", publicIPv4)
        return fields.node
    }

    init?(_ fields: StatusFields) {
        guard let id: ServerID = fields.identifier("id") else { return nil }
        self.init(
            id: id, state: fields.text("state") ?? "unknown", type: fields.text("type") ?? "",
            publicIPv4: fields.text("publicIPv4"))
    }
}

extension StorageStatus {
    var node: Node {
        var fields = FieldList()
        fields.text("id", id.text)
        fields.text("role", role.rawValue)
        fields.plain("sizeGB", size.description)
        fields.text("state", state)
        fields.plain("isBoot", "\(isBoot)")
        fields.plain("deleteOnTerminate", "\(deleteOnTerminate)")
        fields.node("attachedTo", attachedTo.map { .text($0.text) } ?? .plain("null"))
        return fields.node
    }

    init?(_ fields: StatusFields) {
        guard let id: DiskID = fields.identifier("id") else { return nil }
        self.init(
            id: id, role: fields.word("role") ?? .other, size: fields.size("sizeGB") ?? DiskSize(bytes: 0),
            state: fields.text("state") ?? "unknown", isBoot: fields.truth("isBoot") ?? false,
            deleteOnTerminate: fields.truth("deleteOnTerminate") ?? false, attachedTo: fields.identifier("attachedTo"))
    }
}

extension SnapshotStatus {
    var node: Node {
        var fields = FieldList()
        fields.text("id", id.text)
        fields.text("role", role.rawValue)
        fields.text("sourceVolume", sourceVolume?.text)
        fields.plain("sizeGB", size.description)
        fields.text("createdAt", createdAt?.description)
        fields.text("state", state)
        return fields.node
    }

    init?(_ fields: StatusFields) {
        guard let id: SnapshotID = fields.identifier("id") else { return nil }
        self.init(
            id: id, role: fields.word("role") ?? .other, sourceVolume: fields.identifier("sourceVolume"),
            size: fields.size("sizeGB") ?? DiskSize(bytes: 0), createdAt: fields.timestamp("createdAt"),
            state: fields.text("state") ?? "unknown")
    }
}
