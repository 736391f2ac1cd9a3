import ArgumentParser
import YAML

/// `OPERATOR_CONFIG`: the accounts that this host serves beside those of its environment, by the names that manifests use
/// in `spec.provider`.
///
///     accounts:
///       research: {provider: scaleway, profile: research}
///       lab: {provider: local, directory: /srv/lab, images: /srv/images}
struct HostConfiguration: Sendable {
    enum Account: Sendable {
        /// A profile of Scaleway's own configuration file.
        case scaleway(profile: String, file: String?)
        case local(directory: String, images: String?)
    }

    var accounts: [String: Account] = [:]

    static func load(_ environment: Environment) throws -> HostConfiguration {
        guard let path = environment["OPERATOR_CONFIG"] else { return HostConfiguration() }
        do {
            let bytes = try readFile(path, limit: 256 * 1024)
            return try HostConfiguration(parse(bytes), path: path)
        } catch let error as FileError {
            throw ValidationError("OPERATOR_CONFIG: \(error)")
        } catch let error as YAMLError {
            throw ValidationError("\(path):\(error)")
        }
    }

    private init() {}

    private init(_ documents: [Node], path: String) throws {
        guard let root = documents.first, documents.count == 1, case .mapping(let pairs) = root.content,
            let only = pairs.first, pairs.count == 1, only.key == "accounts",
            case .mapping(let entries) = only.value.content
        else { throw ValidationError("\(path): one mapping with the key 'accounts' is expected.") }
        for entry in entries {
            let place = "\(path):\(entry.keyMark.line):\(entry.keyMark.column)"
            guard !ProviderDirectory.builtIn.contains(entry.key) else {
                throw ValidationError("\(place): '\(entry.key)' is the name of a provider; an account needs another.")
            }
            accounts[entry.key] = try Self.account(entry.value, place)
        }
    }

    private static func account(_ node: Node, _ place: String) throws -> Account {
        guard case .mapping(let pairs) = node.content else {
            throw ValidationError("\(place): an account is a mapping such as {provider: scaleway, profile: NAME}.")
        }
        var values: [String: String] = [:]
        for pair in pairs {
            guard case .scalar(let scalar) = pair.value.content else {
                throw ValidationError("\(place): '\(pair.key)' is to be a text.")
            }
            values[pair.key] = scalar.text
        }
        func known(_ keys: Set<String>) throws {
            guard let odd = values.keys.sorted().first(where: { !keys.contains($0) }) else { return }
            throw ValidationError("\(place): unknown key '\(odd)'; known are \(keys.sorted().joined(separator: ", ")).")
        }
        switch values["provider"] {
        case "scaleway":
            try known(["provider", "profile", "file"])
            guard let profile = values["profile"] else { throw ValidationError("\(place): 'profile' is missing.") }
            return .scaleway(profile: profile, file: values["file"])
        case "local":
            try known(["provider", "directory", "images"])
            guard let directory = values["directory"] else {
                throw ValidationError("\(place): 'directory' is missing.")
            }
            return .local(directory: directory, images: values["images"])
        case let other:
            throw ValidationError("\(place): provider is '\(other ?? "")'; it is scaleway or local.")
        }
    }
}
