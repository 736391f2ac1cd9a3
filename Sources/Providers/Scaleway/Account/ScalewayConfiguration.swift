public import HTTP

/// Which account of Scaleway, and with what key: from the environment and from Scaleway's own configuration file, under
/// the names that Scaleway's tools use.
///
/// Source: scaleway-sdk-go, scw/README.md.
public struct ScalewayConfiguration: Hashable, Sendable {
    public static let officialURL = "https://api.scaleway.com"

    /// `SCW` and 17 letters and digits. Not secret; it names the key in Scaleway's console.
    public let accessKey: String
    public let secretKey: Secret
    /// A UUID in lower case.
    public let projectID: String
    /// A UUID in lower case; needed for quotas only.
    public let organizationID: String?
    public let defaultZone: String?
    /// Without a slash at the end.
    public let apiURL: String

    /// Reads `SCW_ACCESS_KEY`, `SCW_SECRET_KEY`, `SCW_DEFAULT_PROJECT_ID`, `SCW_DEFAULT_ORGANIZATION_ID`,
    /// `SCW_DEFAULT_ZONE` and `SCW_API_URL`, and for what is not set there the profile `SCW_PROFILE` of the file
    /// `SCW_CONFIG_PATH` (`~/.config/scw/config.yaml`).
    ///
    /// - Parameter readFile: the bytes of a file; `nil` where there is none.
    public static func load(
        environment: [String: String], readFile: (_ path: String) throws -> [UInt8]?
    ) throws(ScalewayConfigurationError) -> ScalewayConfiguration {
        let file = try ConfigurationFile.load(environment: environment, readFile: readFile)
        let settings = Settings(environment: environment, file: file)
        if settings.flag("SCW_INSECURE", "insecure") {
            throw ScalewayConfigurationError(
                "SCW_INSECURE (or 'insecure' in Scaleway's configuration file) is set, but certificates are always "
                    + "verified: remove it, and name your own authority in SSL_CERT_FILE")
        }
        return ScalewayConfiguration(
            accessKey: try settings.accessKey(), secretKey: try settings.secretKey(),
            projectID: try settings.project(), organizationID: try settings.organization(),
            defaultZone: try settings.zone(), apiURL: try settings.url())
    }
}

/// What is missing or wrong in the configuration, and the way out. Holds no secret.
public struct ScalewayConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}

/// Values by their official names, from the environment first.
private struct Settings {
    let environment: [String: String]
    let file: ConfigurationFile?

    /// - Returns: the value and where it was found, for messages.
    private func value(_ variable: String, _ key: String) -> (text: String, source: String)? {
        if let text = environment[variable], !text.isEmpty { return (text, variable) }
        if let file, let text = file.values[key], !text.isEmpty { return (text, "'\(key)' in \(file.path)") }
        return nil
    }

    func flag(_ variable: String, _ key: String) -> Bool {
        ["true", "1", "yes", "on"].contains(value(variable, key)?.text.lowercased() ?? "")
    }

    private func required(_ variable: String, _ key: String, _ way: String) throws(ScalewayConfigurationError) -> (
        text: String, source: String
    ) {
        if let value = value(variable, key) { return value }
        let where_ = file.map { ", and \($0.path) has no '\(key)'" } ?? ""
        throw ScalewayConfigurationError("\(variable) is not set\(where_): \(way)")
    }

    func accessKey() throws(ScalewayConfigurationError) -> String {
        let value = try required(
            "SCW_ACCESS_KEY", "access_key",
            "create an API key in Scaleway's console (IAM, API keys) and export both halves")
        let rest = value.text.dropFirst(3).utf8
        let isWord = rest.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
        guard value.text.hasPrefix("SCW"), rest.count == 17, isWord else {
            throw ScalewayConfigurationError(
                "\(value.source) is not an access key: it is 'SCW' and 17 capital letters and digits; "
                    + "the secret key belongs in SCW_SECRET_KEY")
        }
        return value.text
    }

    func secretKey() throws(ScalewayConfigurationError) -> Secret {
        let value = try required(
            "SCW_SECRET_KEY", "secret_key",
            "it is shown once, when the API key is created; create a new one if it is lost")
        // A file or a shell may have put a line break at its end.
        let secret = Secret(value.text)
        guard ResourceUUID(secret.reveal()) != nil else {
            throw ScalewayConfigurationError(
                "\(value.source) is not a secret key: it looks like 11111111-2222-4333-8444-555555555555 "
                    + "(the value is not shown)")
        }
        return secret
    }

    func project() throws(ScalewayConfigurationError) -> String {
        let value = try required(
            "SCW_DEFAULT_PROJECT_ID", "default_project_id",
            "copy the id from the project's settings in Scaleway's console; everything is made and looked for there")
        return try uuid(value)
    }

    func organization() throws(ScalewayConfigurationError) -> String? {
        guard let value = value("SCW_DEFAULT_ORGANIZATION_ID", "default_organization_id") else { return nil }
        return try uuid(value)
    }

    private func uuid(_ value: (text: String, source: String)) throws(ScalewayConfigurationError) -> String {
        guard let id = ResourceUUID(value.text) else {
            throw ScalewayConfigurationError("\(value.source) is not an id: '\(printable(value.text, limit: 60))'")
        }
        return id.text
    }

    func zone() throws(ScalewayConfigurationError) -> String? {
        guard let value = value("SCW_DEFAULT_ZONE", "default_zone") else { return nil }
        guard Zone(value.text) != nil else {
            throw ScalewayConfigurationError(
                "\(value.source) is not a zone: '\(printable(value.text, limit: 60))'; zones are "
                    + Zone.known.map(\.text).joined(separator: ", "))
        }
        return value.text
    }

    func url() throws(ScalewayConfigurationError) -> String {
        guard let value = value("SCW_API_URL", "api_url") else { return ScalewayConfiguration.officialURL }
        return try endpoint(value.text, source: value.source)
    }
}

/// Checks the address of the API: https, or this machine; no credentials, no query.
private func endpoint(_ url: String, source: String) throws(ScalewayConfigurationError) -> String {
    var url = Substring(url)
    while url.hasSuffix("/") { url = url.dropLast() }
    let scheme = url.hasPrefix("https://") ? "https://" : url.hasPrefix("http://") ? "http://" : ""
    let rest = url.dropFirst(scheme.count)
    guard !scheme.isEmpty, !rest.isEmpty, rest.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
        !rest.contains(where: { "@?#\\".contains($0) })
    else {
        throw ScalewayConfigurationError(
            "\(source) is not an address of an API: write it like \(ScalewayConfiguration.officialURL), without user, "
                + "password and query")
    }
    let authority = rest.prefix { $0 != "/" }
    let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
    guard scheme == "https://" || ["localhost", "127.0.0.1", "::1"].contains(host) else {
        throw ScalewayConfigurationError(
            "\(source) would send the key unencrypted: write https:// (http:// is for an emulator on this machine)")
    }
    return String(url)
}
