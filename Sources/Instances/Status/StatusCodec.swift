public import YAML

/// A status as it is written under `status:` in the file of its instance.
extension InstanceStatus {
    /// Fields in a fixed order, so that equal statuses are equal bytes.
    public var node: Node {
        var fields = FieldList()
        fields.text("observedCommit", observedCommit)
        fields.text("manifestFile", manifestFile)
        fields.text("provider", provider)
        fields.text("zone", zone)
        fields.node(
            "labels",
            labels.isEmpty ? nil : .mapping(labels.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) }))
        fields.node("desired", desired?.node)
        fields.list("conditions", conditions.nodes)
        fields.node("server", server?.node ?? .plain("null"))
        if !otherServers.isEmpty { fields.list("otherServers", otherServers.map(\.node)) }
        fields.list("storages", storages.map(\.node))
        fields.plain("storageCount", "\(storages.count)")
        fields.list("storageSizesGB", storages.map { .plain($0.size.description) })
        fields.list("snapshots", snapshots.map(\.node))
        fields.list("intents", intents.map(\.node))
        fields.node(
            "waiting",
            waiting.map { .mapping([("reason", .text($0.reason)), ("message", .text($0.message))]) } ?? .plain("null"))
        if !foreign.isEmpty { fields.list("foreign", foreign.map(\.node)) }
        fields.list("history", history.map(\.node))
        return fields.node
    }

    /// Reads what can be read.
    ///
    /// - Returns: `nil` without the three conditions: then nothing is known of the time before.
    public init?(node: Node, name: InstanceName) {
        guard let fields = StatusFields(node), let conditions = Conditions(fields.list("conditions")) else {
            return nil
        }
        self.init(
            name: name, observedCommit: fields.text("observedCommit") ?? "",
            manifestFile: fields.text("manifestFile"), labels: fields.fields("labels")?.texts ?? [:],
            provider: fields.text("provider") ?? "", zone: fields.text("zone") ?? "",
            desired: fields.fields("desired").flatMap(DesiredSummary.init), conditions: conditions,
            server: fields.fields("server").flatMap(ServerStatus.init),
            otherServers: fields.list("otherServers").compactMap(ServerStatus.init),
            storages: fields.list("storages").compactMap(StorageStatus.init),
            snapshots: fields.list("snapshots").compactMap(SnapshotStatus.init),
            intents: fields.list("intents").compactMap(Intent.init),
            waiting: fields.fields("waiting").flatMap { waiting in
                waiting.text("reason").map { Explanation($0, waiting.text("message") ?? "") }
            },
            foreign: fields.nodes("foreign").compactMap { try? ResourceID(node: $0, path: "foreign") },
            history: fields.list("history").compactMap(Transition.init).suffix(Self.historyLength))
    }
}

extension Conditions {
    fileprivate var nodes: [Node] {
        [("Ready", ready), ("Reconciling", reconciling), ("Stalled", stalled)].map { type, condition in
            var fields = FieldList()
            fields.text("type", type)
            fields.text("status", condition.status.rawValue)
            fields.text("reason", condition.reason)
            fields.text("message", condition.message.isEmpty ? nil : condition.message)
            fields.text("lastTransitionTime", condition.lastTransitionTime.description)
            return fields.node
        }
    }

    fileprivate init?(_ list: [StatusFields]) {
        func condition(_ type: String) -> Condition? {
            guard let fields = list.first(where: { $0.text("type") == type }),
                let status: Condition.Status = fields.word("status"), let since = fields.timestamp("lastTransitionTime")
            else { return nil }
            return Condition(
                status: status, reason: fields.text("reason") ?? "", message: fields.text("message") ?? "",
                lastTransitionTime: since)
        }
        guard let ready = condition("Ready"), let reconciling = condition("Reconciling"),
            let stalled = condition("Stalled")
        else { return nil }
        self.init(ready: ready, reconciling: reconciling, stalled: stalled)
    }
}

extension DesiredSummary {
    fileprivate var node: Node {
        var fields = FieldList()
        fields.plain("enableInstanceServer", "\(enableInstanceServer)")
        fields.text("dataDiskState", dataDiskState?.rawValue)
        fields.text("type", type)
        fields.text("image", image)
        fields.plain("rootDiskSizeGB", rootDiskSizeGB?.description)
        fields.plain("dataDiskSizeGB", dataDiskSizeGB?.description)
        fields.text("whenDisabled", whenDisabled.rawValue)
        fields.text("deletionPolicy", deletionPolicy.rawValue)
        fields.text("configuration", configuration)
        return fields.node
    }

    fileprivate init?(_ fields: StatusFields) {
        guard let enabled = fields.truth("enableInstanceServer"), let type = fields.text("type"),
            let image = fields.text("image")
        else { return nil }
        self.init(
            enableInstanceServer: enabled, dataDiskState: fields.word("dataDiskState"), type: type, image: image,
            rootDiskSizeGB: fields.integer("rootDiskSizeGB"), dataDiskSizeGB: fields.integer("dataDiskSizeGB"),
            whenDisabled: fields.word("whenDisabled") ?? .delete,
            deletionPolicy: fields.word("deletionPolicy") ?? .retain,
            configuration: fields.text("configuration") ?? "")
    }
}

extension Transition {
    fileprivate var node: Node {
        var fields = FieldList()
        fields.text("at", at.description)
        fields.text("reason", reason)
        fields.text("message", message.isEmpty ? nil : message)
        fields.text("commit", commit)
        return fields.node
    }

    fileprivate init?(_ fields: StatusFields) {
        guard let at = fields.timestamp("at"), let reason = fields.text("reason") else { return nil }
        self.init(
            at: at, reason: reason, message: fields.text("message") ?? "", commit: fields.text("commit") ?? "")
    }
}

extension Intent {
    fileprivate var node: Node {
        var fields = FieldList()
        fields.text("kind", kind)
        fields.node("operation", operation.node)
        fields.text("since", since?.description)
        fields.node("resource", resource?.node)
        return fields.node
    }

    fileprivate init?(_ fields: StatusFields) {
        guard let kind = fields.text("kind"), let operation = fields.operation("operation") else { return nil }
        self.init(
            kind: kind, operation: operation, since: fields.timestamp("since"),
            resource: fields.node("resource").flatMap { try? ResourceID(node: $0, path: "resource") })
    }
}
