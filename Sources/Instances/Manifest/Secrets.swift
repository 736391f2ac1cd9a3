/// Finds credentials in text that does not belong in a repository.
///
/// Only forms that cannot be mistaken: a guard against an accident, not against a person who hides something.
enum Secrets {
    /// - Returns: what was found, in words; never the text itself.
    static func found(in text: String) -> String? {
        guard text.utf8.count >= shortest else { return nil }
        let bytes = Array(text.utf8)
        for start in bytes.indices {
            // Every form begins with one of these; looking at all forms at every byte would cost ten times as much.
            switch bytes[start] {
            case UInt8(ascii: "-"), UInt8(ascii: "A"), UInt8(ascii: "g"), UInt8(ascii: "S"), UInt8(ascii: "x"): break
            default: continue
            }
            let rest = bytes[start...]
            if let form = forms.first(where: { $0.matches(rest) }) { return form.name }
        }
        return nil
    }

    /// Whether a key by its name wants a credential.
    static func isWanted(by key: String) -> Bool {
        let plain = key.lowercased().filter { $0.isLetter }
        return ["secret", "password", "passwd", "token", "credential", "apikey", "accesskey", "privatekey"]
            .contains { plain.contains($0) }
    }

    /// Bytes of the shortest form.
    private static let shortest = 15

    private struct Form: Sendable {
        let name: String
        let prefix: [UInt8]
        let matchesRest: @Sendable (ArraySlice<UInt8>) -> Bool

        init(_ name: String, _ prefix: String, rest: @escaping @Sendable (ArraySlice<UInt8>) -> Bool) {
            self.name = name
            self.prefix = Array(prefix.utf8)
            matchesRest = rest
        }

        func matches(_ bytes: ArraySlice<UInt8>) -> Bool {
            bytes.starts(with: prefix) && matchesRest(bytes.dropFirst(prefix.count))
        }
    }

    private static let forms = [
        // RFC 7468; between the words may stand RSA, EC, OPENSSH, ENCRYPTED.
        Form("a private key", "-----BEGIN ") { rest in
            let line = String(decoding: rest.prefix(40), as: UTF8.self)
            return line.hasPrefix("PRIVATE KEY-----")
                || line.split(separator: " ", maxSplits: 1).last?.hasPrefix("PRIVATE KEY-----") == true
        },
        Form("an AWS access key", "AKIA") { run(of: isUppercaseAlphanumeric, in: $0, atMost: 17) == 16 },
        Form("an AWS access key", "ASIA") { run(of: isUppercaseAlphanumeric, in: $0, atMost: 17) == 16 },
        Form("a GitHub token", "ghp_") { run(of: isAlphanumeric, in: $0, atMost: 36) == 36 },
        Form("a GitHub token", "ghs_") { run(of: isAlphanumeric, in: $0, atMost: 36) == 36 },
        Form("a GitHub token", "github_pat_") { run(of: isAlphanumeric, in: $0, atMost: 20) == 20 },
        Form("a GitLab token", "glpat-") { rest in
            run(of: { isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }, in: rest, atMost: 20)
                == 20
        },
        Form("a Slack token", "xoxb-") { run(of: isAlphanumeric, in: $0, atMost: 10) == 10 },
        Form("a Scaleway secret key", "SCW_SECRET_KEY") { rest in
            let separators = run(of: { !isAlphanumeric($0) && $0 != UInt8(ascii: "\n") }, in: rest, atMost: 8)
            return isUUID(rest.dropFirst(separators).prefix(36))
        },
    ]

    /// How many bytes at the start are of a kind; looks no further than it has to, so that a text made of beginnings
    /// is not read again and again.
    private static func run(of kind: (UInt8) -> Bool, in bytes: ArraySlice<UInt8>, atMost limit: Int) -> Int {
        bytes.prefix(limit).prefix(while: kind).count
    }

    /// Source: RFC 9562 section 4.
    private static func isUUID(_ bytes: ArraySlice<UInt8>) -> Bool {
        let groups = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12] && groups.joined().allSatisfy { Character(.init($0)).isHexDigit }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowercaseAlphanumeric(byte) || isUppercaseAlphanumeric(byte)
    }

    private static func isUppercaseAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
