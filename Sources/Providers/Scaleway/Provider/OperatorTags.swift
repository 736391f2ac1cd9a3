import Instances
import Reconciler

extension Tags {
    /// The keys of ``words``: what replacing the operator's tags replaces.
    private static let keys = [
        "operator-owner", "operator-instance", "operator-name", "operator-role", "operator-epoch", "operator-operation",
        "operator-condemned",
    ]

    /// The words of a resource's new list of tags: these, and everything in the old list that is not one of these.
    func replacing(in old: [String]) -> [String] {
        old.filter { word in !Self.keys.contains { word.hasPrefix($0 + "=") } } + words
    }

    /// What marks everything of one instance, for a search; the answer of a search is read with ``init(words:)``.
    var instanceWords: [String] {
        words.filter { $0.hasPrefix("operator-owner=") || $0.hasPrefix("operator-instance=") }
    }

    /// The same, for something that the server needs beside itself.
    var companion: Tags {
        var tags = self
        tags.role = .companion
        tags.condemned = false
        return tags
    }
}

/// What was made just now may be condemned by now: then it is as good as gone.
func unlessCondemned<Thing>(_ thing: Thing, _ words: [String]) throws(ProviderError) -> Thing {
    guard Tags(words: words)?.condemned != true else { throw ProviderError(.notFound, "it is condemned") }
    return thing
}

/// Words on what several instances share: it belongs to no instance, so it is never deleted with one.
struct SharedTags: Hashable, Sendable {
    private static let marker = "operator-shared=true"

    let owner: OwnerID

    var words: [String] { ["operator-owner=\(owner)", Self.marker] }

    /// Whether the operator may change something that carries these words.
    func marks(_ words: [String]) -> Bool { Set(words).isSuperset(of: self.words) }
}
