import ScalewayEmulator

/// How an emulated answer differs from a recorded one: in its fields, their types, and the values that mean something.
struct Comparison {
    /// The emulator's identifiers by the recording's.
    var translations: [String: String]
    /// Lists of a shared account show what others made too.
    var isList: Bool

    /// Fields that the API has today and lacked in some of the recordings.
    private static let newer: Set<String> = [
        "dns", "kms_key_id", "state", "tags", "public", "default_route_propagation_enabled", "has_s3_integration",
        "s3_integration_enabled", "custom_routes_propagation_enabled", "transitivity_enabled", "filesystems",
        "end_of_service", "dest_ip_range", "mig_profile", "gpu_info", "max_file_systems", "block_bandwidth",
        "scratch_storage_max_volumes_count", "region", "hot_snapshots_local_volume", "private_network",
    ]
    /// Fields that the API sends now and then, always as `null`.
    private static let occasional: Set<String> = [
        "admin_password_encryption_ssh_key_id", "admin_password_encrypted_value",
    ]
    /// Values that depend on the account, the day or chance.
    private static let free: Set<String> = [
        "address", "mac_address", "gateway", "subnet", "cluster_id", "hypervisor_id", "node_id", "platform_id",
        "prefix", "state_detail", "compatible_commercial_types", "monthly_price", "hourly_price", "total_count",
        "private_network_count", "availability", "provisioning_mode", "scratch_storage_max_size", "help_message",
        "internet_bandwidth", "description",
    ]

    func differences(_ recorded: JSON, _ emulated: JSON, at path: String) -> [String] {
        switch (recorded, emulated) {
        case (.object(let members), .object(let others)):
            // A map by type, of which the emulator has a part.
            if path == ".servers" {
                return others.flatMap { other in
                    recorded[other.name].map { differences($0, other.value, at: "\(path).*") } ?? []
                }
            }
            return missing(members, emulated, at: path) + extra(others, recorded, at: path)
                + members.flatMap { member in
                    emulated[member.name].map { compare(member, $0, at: path) } ?? []
                }
        case (.array(let items), .array(let others)):
            guard isList || items.count == others.count else {
                return ["\(path) has \(others.count) entries for \(items.count)"]
            }
            return zip(items, others).flatMap { differences($0, $1, at: "\(path)[]") }
        case (.string(let old), .string(let new)):
            return isSame(old, new) ? [] : ["\(path) is \(new) for \(old)"]
        default:
            let (old, new) = (Self.kind(recorded), Self.kind(emulated))
            return recorded == emulated || old == "number" && new == "number"
                ? [] : ["\(path) is \(emulated) for \(recorded)"]
        }
    }

    private func missing(_ members: [JSON.Member], _ emulated: JSON, at path: String) -> [String] {
        members.filter { emulated[$0.name] == nil && !Self.occasional.contains($0.name) }
            .map { "\(path).\($0.name) is missing" }
    }

    private func extra(_ others: [JSON.Member], _ recorded: JSON, at path: String) -> [String] {
        others.filter { recorded[$0.name] == nil && !Self.newer.contains($0.name) }
            .map { "\(path).\($0.name) is too much" }
    }

    private func compare(_ member: JSON.Member, _ other: JSON, at path: String) -> [String] {
        let isFree = Self.free.contains(member.name)
        // What is a number today was unknown in the oldest recordings.
        let isNewlyKnown = member.value.isNull && Self.kind(other) == "number"
        if isFree, Self.kind(member.value) == Self.kind(other) || isNewlyKnown { return [] }
        return differences(member.value, other, at: "\(path).\(member.name)")
    }

    /// Times are free; identifiers are the same where the recording and the emulator speak of the same thing.
    private func isSame(_ old: String, _ new: String) -> Bool {
        if old == new || old.isStamp && new.isStamp { return true }
        return old.isIdentifier && translations[old] == nil && new.isIdentifier
            || Replay.translate(old, with: translations) == new
    }

    private static func kind(_ json: JSON) -> String {
        switch json {
        case .null: "null"
        case .bool: "boolean"
        case .integer, .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension String {
    /// A time of either API.
    fileprivate var isStamp: Bool {
        count >= 20 && dropFirst(10).first == "T" && (hasSuffix("Z") || hasSuffix("+00:00"))
    }
}
