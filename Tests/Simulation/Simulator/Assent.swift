import Instances

/// What a person approves in a commit, as that person means it: what the invariants go by, so that they do not rest on
/// how the operators read it.
struct Assent: Hashable {
    var names: Set<InstanceName> = []
    /// Instances, without their names; 0: only those that are named.
    var count = 0

    static let none = Assent()

    /// The commit's trailer.
    var text: String? {
        let words = names.map(\.text).sorted() + (count > 0 ? ["\(count)"] : [])
        return words.isEmpty ? nil : "Operator-Approve: \(words.joined(separator: ", "))"
    }
}
