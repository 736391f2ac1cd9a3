import YAML

/// The chosen profile of Scaleway's own configuration file. Keys that we do not know are left alone: the file belongs to
/// other tools, too.
struct ConfigurationFile: Hashable, Sendable {
    let path: String
    /// By the file's own keys, such as `secret_key`.
    let values: [String: String]

    /// - Returns: `nil` where no file is named and the usual one does not exist.
    static func load(
        environment: [String: String], readFile: (_ path: String) throws -> [UInt8]?
    ) throws(ScalewayConfigurationError) -> ConfigurationFile? {
        let named = environment["SCW_CONFIG_PATH"].flatMap { $0.isEmpty ? nil : $0 }
        guard let path = named ?? usualPath(environment) else { return nil }
        let bytes: [UInt8]?
        do {
            bytes = try readFile(path)
        } catch {
            throw ScalewayConfigurationError(
                "Scaleway's configuration file cannot be read: \(printable("\(error)"))")
        }
        let profile = environment["SCW_PROFILE"].flatMap { $0.isEmpty ? nil : $0 }
        guard let bytes else {
            if named != nil { throw ScalewayConfigurationError("SCW_CONFIG_PATH names \(path), which does not exist") }
            if let profile {
                throw ScalewayConfigurationError(
                    "SCW_PROFILE is '\(printable(profile, limit: 60))', but there is no \(path): make it with 'scw init'"
                )
            }
            return nil
        }
        return try ConfigurationFile(path: path, bytes: bytes, profile: profile)
    }

    private static func usualPath(_ environment: [String: String]) -> String? {
        if let folder = environment["XDG_CONFIG_HOME"], !folder.isEmpty { return folder + "/scw/config.yaml" }
        guard let home = environment["HOME"], !home.isEmpty else { return nil }
        return home + "/.config/scw/config.yaml"
    }

    /// - Parameter profile: `nil`: the one that the file itself calls active, or none.
    init(path: String, bytes: [UInt8], profile: String?) throws(ScalewayConfigurationError) {
        self.path = path
        let documents: [Node]
        do throws(YAMLError) { documents = try parse(bytes) } catch {
            throw ScalewayConfigurationError("\(path):\(error)")
        }
        let root = documents.first?.pairs ?? [:]
        var values = root.compactMapValues(\.text)
        let chosen = profile ?? values["active_profile"]
        if let chosen, !(profile == nil && chosen == "default") {
            guard let settings = root["profiles"]?.pairs[chosen]?.pairs else {
                throw ScalewayConfigurationError(
                    "\(path) has no profile '\(printable(chosen, limit: 60))': choose another one in SCW_PROFILE")
            }
            // A profile says what is different from the rest of the file.
            values.merge(settings.compactMapValues(\.text)) { $1 }
        }
        self.values = values
    }
}

extension Node {
    fileprivate var pairs: [String: Node] {
        guard case .mapping(let pairs) = content else { return [:] }
        return Dictionary(pairs.map { ($0.key, $0.value) }) { first, _ in first }
    }

    fileprivate var text: String? {
        guard case .scalar(let scalar) = content, !scalar.isNull else { return nil }
        return scalar.text
    }
}
