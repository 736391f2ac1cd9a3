import YAML

/// Goes through one document, remembers where it is, and collects what is wrong instead of stopping there.
struct Reader {
    struct Problem: Hashable {
        let mark: Mark
        let severity: Diagnostic.Severity
        let text: String
    }

    /// A person mends a few problems at a time; a file made to have thousands shall not make thousands of messages.
    static let mostProblems = 100

    private(set) var problems: [Problem] = []
    /// Where every field that is written stands: its value, or the key where the value is a mapping or a list.
    private(set) var fields: [String: Mark] = [:]
    /// Of the field that is being read; empty at the top of the document.
    private(set) var path = ""
    /// Every key that the kind of document knows, to say where a misplaced one belongs.
    private let outline: [Outline]

    private let document: Mark

    init(_ document: Mark, outline: [Outline]) {
        self.document = document
        self.outline = outline
        fields.reserveCapacity(Self.usualFields)
    }

    private static let usualFields = 32

    var hasErrors: Bool { problems.contains { $0.severity == .error } }
    /// Whether nothing more is listed, so that nothing more has to be found out.
    private var isFull: Bool { problems.count > Self.mostProblems }

    /// Reads the value of a key.
    mutating func enter<Result>(_ pair: Node.Pair, _ read: (Node, inout Reader) -> Result) -> Result {
        let outer = path
        path = path.isEmpty ? pair.key : path + "." + pair.key
        fields[path] = if case .scalar = pair.value.content { pair.value.mark } else { pair.keyMark }
        defer { path = outer }
        return read(pair.value, &self)
    }

    /// Reads an item of a list.
    mutating func enter<Result>(item: Int, _ node: Node, _ read: (Node, inout Reader) -> Result) -> Result {
        let outer = path
        path += "[\(item)]"
        fields[path] = node.mark
        defer { path = outer }
        return read(node, &self)
    }

    mutating func report(_ text: String, at mark: Mark, severity: Diagnostic.Severity = .error) {
        guard !isFull else { return }
        let isLast = problems.count == Self.mostProblems
        problems.append(
            Problem(
                mark: mark, severity: isLast ? .error : severity,
                text: isLast ? "there are more problems in this document; mend those before first" : text))
    }

    /// The value is of the wrong type or outside what is allowed.
    ///
    /// - Parameter demand: what it must be, "a whole number from 1 to 10".
    mutating func refuse(_ node: Node, mustBe demand: String, hint: String = "") {
        let isNull = node.scalar?.isNull ?? false
        let instead = isNull ? "and has no value" : "not \(shown(node))"
        report("\(path) must be \(demand), \(instead)\(hint)", at: here)
    }

    /// Something between the fields of the mapping that is being read does not fit.
    mutating func report(_ text: String, atKey key: String, severity: Diagnostic.Severity = .error) {
        report(text, at: fields[path(of: key)] ?? here, severity: severity)
    }

    /// The field that is being read.
    var here: Mark { fields[path] ?? document }

    /// Whether the mapping that is being read has a key.
    func has(_ key: String) -> Bool { fields[path(of: key)] != nil }

    /// The path of a key in the mapping that is being read.
    func path(of key: String) -> String { path.isEmpty ? key : path + "." + key }

    mutating func refuseUnknown(_ pair: Node.Pair, known: [String]) {
        guard !isFull else { return }
        let place = path.isEmpty ? "" : " in \(path)"
        let key = "unknown key '\(visible(pair.key))'\(place)"
        if Secrets.isWanted(by: pair.key) {
            report(
                "\(key): credentials never belong in the repository; the operator takes them from its environment",
                at: pair.keyMark)
        } else if let meant = Suggestion.meant(by: pair.key, among: known) {
            report("\(key): did you mean '\(meant)'?", at: pair.keyMark)
        } else if let home = Outline.home(of: pair.key, in: outline), home != path {
            let parent = home.isEmpty ? "at the top of the document" : "under \(home)"
            report("\(key): it belongs \(parent)", at: pair.keyMark)
        } else {
            report("\(key): known are \(known.joined(separator: ", "))", at: pair.keyMark)
        }
    }
}

/// A value as a message shows it: short, visible, and never a credential.
func shown(_ node: Node) -> String {
    switch node.content {
    case .mapping: return "a mapping"
    case .sequence: return "a list"
    case .scalar(let scalar):
        if scalar.isNull { return "nothing" }
        let longest = 40
        guard scalar.text.unicodeScalars.prefix(longest + 1).count <= longest else { return "this long text" }
        guard Secrets.found(in: scalar.text) == nil else { return "this (it is not shown here)" }
        return scalar.style == .plain ? visible(scalar.text) : "\"\(visible(scalar.text))\""
    }
}

/// The keys of a mapping, and of the mappings inside it.
struct Outline: Sendable {
    let key: String
    let inside: [Outline]

    /// The path of the one mapping that has this key; `nil` where there is none or several.
    static func home(of key: String, in outline: [Outline]) -> String? {
        let homes = homes(of: key, in: outline, path: "")
        return homes.count == 1 ? homes[0] : nil
    }

    private static func homes(of key: String, in outline: [Outline], path: String) -> [String] {
        let here = outline.contains { $0.key == key } ? [path] : []
        return here
            + outline.flatMap { homes(of: key, in: $0.inside, path: path.isEmpty ? $0.key : path + "." + $0.key) }
    }
}
