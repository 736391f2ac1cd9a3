/// What every resource that the operator makes carries from its create call on.
public struct Tags: Hashable, Sendable {
    public enum Role: String, Hashable, Sendable, CaseIterable { case server, root, data, companion }

    public var owner: OwnerID
    public var instance: InstanceUID
    public var name: InstanceName
    /// A snapshot has the role of the disk it was cut from.
    public var role: Role
    public var operation: Operation
    /// Set before a deletion is sent, never taken back: such a resource is never used again.
    public var condemned: Bool

    public init(
        owner: OwnerID, instance: InstanceUID, name: InstanceName, role: Role, operation: Operation,
        condemned: Bool = false
    ) {
        self.owner = owner
        self.instance = instance
        self.name = name
        self.role = role
        self.operation = operation
        self.condemned = condemned
    }

    /// As `key=value` words of `[A-Za-z0-9._/=+-]`, which every provider of tags accepts, in a fixed order.
    public var words: [String] {
        [
            "operator-owner=\(owner)", "operator-instance=\(instance)", "operator-name=\(name)",
            "operator-role=\(role.rawValue)", "operator-epoch=\(operation.epoch)",
            "operator-operation=\(operation.nonce)",
        ] + (condemned ? ["operator-condemned=true"] : [])
    }

    /// Reads ``words`` out of a provider's list of tags; other words are passed over.
    ///
    /// - Returns: `nil` where one is missing, doubled or cannot be read: then the resource is not ours.
    public init?(words: [String]) {
        var values: [String: String] = [:]
        for word in words where word.hasPrefix("operator-") {
            guard let equals = word.firstIndex(of: "=") else { continue }
            let key = String(word[..<equals])
            guard values.updateValue(String(word[word.index(after: equals)...]), forKey: key) == nil else { return nil }
        }
        guard let owner = values["operator-owner"], let instance = values["operator-instance"],
            let name = values["operator-name"].flatMap(InstanceName.init),
            let role = values["operator-role"].flatMap(Role.init(rawValue:)),
            let epoch = values["operator-epoch"].flatMap({ Int($0) }), epoch > 0,
            let nonce = values["operator-operation"], !owner.isEmpty, !instance.isEmpty, !nonce.isEmpty
        else { return nil }
        self.init(
            owner: OwnerID(owner), instance: InstanceUID(instance), name: name, role: role,
            operation: Operation(epoch: epoch, nonce: nonce), condemned: values["operator-condemned"] == "true")
    }
}
