import Instances

/// Documents to decode. Every one has its fragment from the named line on.
enum ManifestSamples {
    static let smallest = """
        apiVersion: operator/v1
        kind: Instance
        metadata: {name: box}
        spec:
          provider: local
          server: {type: c1-m256, image: counter}

        """

    /// The fragment begins on line 7, inside `spec`.
    static func spec(_ fragment: String) -> String { smallest + indented(fragment, by: 2) }

    /// The fragment begins on line 9, inside `spec.server`.
    static func server(_ fragment: String) -> String {
        """
        apiVersion: operator/v1
        kind: Instance
        metadata: {name: box}
        spec:
          provider: local
          server:
            type: c1-m256
            image: counter

        """ + indented(fragment, by: 4)
    }

    /// The fragment is line 11, an item of `spec.server.firewall.inbound`.
    static func rule(_ fragment: String) -> String { server("firewall:\n  inbound:\n    - \(fragment)") }

    /// The fragment begins on line 4, inside `metadata`.
    static func metadata(_ fragment: String) -> String {
        """
        apiVersion: operator/v1
        kind: Instance
        metadata:
        \(indented(fragment, by: 2))
        spec: {provider: local, server: {type: c1-m256, image: counter}}
        """
    }

    /// The fragment begins on line 4, inside `spec` of the settings.
    static func settings(_ fragment: String) -> String {
        "apiVersion: operator/v1\nkind: Settings\nspec:\n" + indented(fragment, by: 2)
    }

    static func instance(_ name: String, _ rest: String = "") -> String {
        """
        apiVersion: operator/v1
        kind: Instance
        metadata: {name: \(name)}
        spec:
          provider: local
          server: {type: c1-m256, image: counter}

        """ + indented(rest, by: 2)
    }

    private static func indented(_ fragment: String, by count: Int) -> String {
        fragment.split(separator: "\n", omittingEmptySubsequences: false)
            .map { String(repeating: " ", count: count) + $0 }.joined(separator: "\n")
    }
}

func decoded(_ text: String, path: String = "a.yaml") -> DecodedFile {
    decode(SourceFile(path: path, bytes: Array(text.utf8)))
}

/// As a person sees them.
func messages(_ text: String, path: String = "a.yaml") -> [String] {
    decoded(text, path: path).diagnostics.map(\.description)
}
