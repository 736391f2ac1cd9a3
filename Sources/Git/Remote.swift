/// Where a repository is. Only places whose conversation can be secured and bounded are accepted.
///
/// It prints without user names and never holds a password.
public struct Remote: Hashable, Sendable {
    enum Place: Hashable, Sendable {
        /// `base` is scheme, host, port and path, without a user and without a slash at the end.
        case http(base: String, origin: Origin)
        case ssh(SSHPlace)
        /// The unencrypted, unauthenticated `git://`, only on this machine.
        case daemon(host: String, port: Int, path: String)
        case path(String)
    }

    /// The server that credentials belong to.
    struct Origin: Hashable, Sendable {
        /// Lower case, without the brackets of an IPv6 address.
        let host: String
        let user: String?
    }

    struct SSHPlace: Hashable, Sendable {
        let user: String?
        let host: String
        let port: Int?
        let path: String
    }

    let place: Place

    /// Reads a location as git writes it.
    ///
    /// - `https://host/path`, and `http://` for a loopback host;
    /// - `ssh://[user@]host[:port]/path` and `[user@]host:path`;
    /// - `git://` for a loopback host;
    /// - `file:///path`, `/path`, `relative/path`.
    ///
    /// Anything else is refused: transport helpers (`ext::…`), passwords inside the URL, text that a program could
    /// take for an option.
    ///
    /// Source: git-clone(1), GIT URLS.
    /// - Parameter directory: what a relative path is relative to; absolute.
    public init(_ text: String, relativeTo directory: String) throws(GitError) {
        guard !text.isEmpty else { throw Self.refusal("no repository was named") }
        guard text.unicodeScalars.allSatisfy(OutsideText.isPrintable) else {
            throw Self.refusal("the location of the repository holds a control character")
        }
        guard text.utf8.first != UInt8(ascii: "-") else { throw Self.refusal("a location cannot start with '-'") }
        if let scheme = text.firstRange(of: "://") {
            place = try Self.url(scheme: text[..<scheme.lowerBound].lowercased(), rest: text[scheme.upperBound...])
        } else if text.prefix(while: { $0 != ":" }).allSatisfy({ $0.isLetter || $0.isNumber }), text.contains("::") {
            throw Self.refusal("transport helpers ('\(OutsideText.printable(text))') are not supported")
        } else if let colon = Self.secureCopyColon(text) {
            place = try Self.secureCopy(authority: text[..<colon], path: text[text.index(after: colon)...])
        } else {
            place = .path(Self.absolute(text, in: directory))
        }
    }

    static func refusal(_ reason: String) -> GitError {
        .invalidRemote(reason: reason)
    }
}

extension Remote {
    /// For a person's own git. The user of ssh belongs to it and is no secret; the one of https may be a token.
    public var address: String {
        guard case .ssh(let ssh) = place else { return description }
        let server = (ssh.user.map { $0 + "@" } ?? "") + bracketed(ssh.host)
        guard let port = ssh.port else { return "\(server):\(ssh.path)" }
        return "ssh://\(server):\(port)" + (ssh.path.hasPrefix("/") ? ssh.path : "/" + ssh.path)
    }
}

extension Remote: CustomStringConvertible {
    public var description: String {
        switch place {
        case .http(let base, _): base
        case .ssh(let ssh):
            "ssh://\(bracketed(ssh.host))\(ssh.port.map { ":\($0)" } ?? "")"
                + (ssh.path.hasPrefix("/") ? ssh.path : "/~/" + ssh.path)
        case .daemon(let host, let port, let path): "git://\(bracketed(host)):\(port)\(path)"
        case .path(let path): path
        }
    }
}

extension Remote {
    private static func url(scheme: String, rest: Substring) throws(GitError) -> Place {
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let path = rest[slash...]
        guard scheme != "file" else {
            guard slash == rest.startIndex else {
                throw refusal("file:// takes an absolute path: file:///srv/repository.git")
            }
            return .path(absolute(try decoded(path), in: "/"))
        }
        guard ["https", "http", "ssh", "git"].contains(scheme) else {
            throw refusal("'\(OutsideText.printable(scheme))://' is not supported; use https://, ssh:// or a path")
        }
        let authority = try Authority(rest[..<slash])
        guard path.count > 1 else { throw refusal("\(scheme)://\(authority.host) names no repository") }
        switch scheme {
        case "ssh":
            let path = try decoded(path)
            return .ssh(try sshPlace(authority, path: path.hasPrefix("/~") ? String(path.dropFirst()) : path))
        case "git":
            guard isLoopback(authority.host) else {
                throw refusal("git:// is neither encrypted nor authenticated; use https:// or ssh://")
            }
            return .daemon(host: authority.host, port: authority.port ?? 9418, path: try decoded(path))
        default:
            guard scheme == "https" || isLoopback(authority.host) else {
                throw refusal("http:// would show credentials to everybody on the way; use https://")
            }
            return try http(scheme, authority, path)
        }
    }

    private static func http(_ scheme: String, _ authority: Authority, _ path: Substring) throws(GitError) -> Place {
        guard !path.contains(where: { "?#\\\" ".contains($0) }) else {
            throw refusal("the URL of a repository has no '?', '#', quote, backslash or space")
        }
        var path = path
        while path.hasSuffix("/") { path.removeLast() }
        let port = authority.port.map { ":\($0)" } ?? ""
        return .http(
            base: "\(scheme)://\(bracketed(authority.host))\(port)\(path)",
            origin: Origin(host: authority.host.lowercased(), user: authority.user))
    }

    /// The colon after the host in `host:path` and `[address]:path`. What has a slash before it is a path.
    private static func secureCopyColon(_ text: String) -> String.Index? {
        let address = text.firstIndex(of: "[") == text.startIndex ? text.firstIndex(of: "]") : nil
        guard let colon = text[(address ?? text.startIndex)...].firstIndex(of: ":"), !text[..<colon].contains("/")
        else { return nil }
        return colon
    }

    private static func secureCopy(authority: Substring, path: Substring) throws(GitError) -> Place {
        let authority = try Authority(authority)
        // Read as git reads it, the password would become part of the path, and be printed with it.
        if authority.user == nil, let at = path.firstIndex(of: "@"), path[at...].contains(":") {
            throw Authority.passwordRefusal
        }
        return .ssh(try sshPlace(authority, path: String(path)))
    }

    private static func sshPlace(_ authority: Authority, path: String) throws(GitError) -> SSHPlace {
        guard !path.isEmpty, !path.hasPrefix("-") else {
            throw refusal("'\(OutsideText.printable(path))' is no path of a repository")
        }
        return SSHPlace(user: authority.user, host: authority.host, port: authority.port, path: path)
    }

    private static func decoded(_ text: Substring) throws(GitError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let digits = String(rest.prefix(2)), digits.utf8.count == 2, let value = UInt8(digits, radix: 16)
                else { throw refusal("the location holds a '%' that is not followed by two hexadecimal digits") }
                rest = rest.dropFirst(2)
                bytes.append(value)
            } else {
                bytes.append(byte)
            }
        }
        guard let result = String(validating: bytes, as: UTF8.self),
            result.unicodeScalars.allSatisfy(OutsideText.isPrintable)
        else { throw refusal("the location holds an encoded control character or no valid UTF-8") }
        return result
    }

    private static func absolute(_ path: String, in directory: String) -> String {
        // `..` stays: the folder before it may be a symbolic link, which only the file system can follow.
        let parts = (path.hasPrefix("/") ? path : directory + "/" + path).split(separator: "/").filter { $0 != "." }
        return "/" + parts.joined(separator: "/")
    }

    static func isLoopback(_ host: String) -> Bool {
        if host == "::1" || host.lowercased() == "localhost" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// The part of a URL that names the server: `[user@]host[:port]`.
private struct Authority {
    let user: String?
    /// Without brackets.
    let host: String
    let port: Int?

    init(_ text: Substring) throws(GitError) {
        var rest = text
        if let at = rest.lastIndex(of: "@") {
            user = try Self.user(rest[..<at])
            rest = rest[rest.index(after: at)...]
        } else {
            user = nil
        }
        var name = rest
        if rest.hasPrefix("["), let bracket = rest.firstIndex(of: "]") {
            name = rest[rest.index(after: rest.startIndex)..<bracket]
            rest = rest[rest.index(after: bracket)...]
            guard !name.isEmpty, name.utf8.allSatisfy({ Self.isHexDigit($0) || ":.".utf8.contains($0) }) else {
                throw Remote.refusal("the address in brackets is not an IPv6 address")
            }
        } else {
            name = rest.prefix { $0 != ":" }
            rest = rest[name.endIndex...]
            guard !name.isEmpty, !name.hasPrefix("-"), name.utf8.allSatisfy(Self.isHostByte) else {
                throw Remote.refusal("'\(OutsideText.printable(String(name)))' is not the name of a server")
            }
        }
        host = String(name)
        guard !rest.isEmpty else {
            port = nil
            return
        }
        guard rest.hasPrefix(":"), let number = UInt16(rest.dropFirst()), number > 0 else {
            throw Remote.refusal("the port of \(host) is not a number from 1 to 65535")
        }
        port = Int(number)
    }

    static let passwordRefusal = Remote.refusal(
        "a password does not belong into the location of the repository; use OPERATOR_GIT_TOKEN or a netrc file")

    private static func user(_ text: Substring) throws(GitError) -> String {
        guard !text.contains(":") else {
            throw passwordRefusal
        }
        guard !text.isEmpty, !text.hasPrefix("-"), text.utf8.allSatisfy({ isHostByte($0) || $0 == UInt8(ascii: "+") })
        else { throw Remote.refusal("the user name in the location holds a character that is not allowed") }
        return String(text)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        Character(Unicode.Scalar(byte)).isHexDigit
    }
}

private func bracketed(_ host: String) -> String {
    host.contains(":") ? "[\(host)]" : host
}
