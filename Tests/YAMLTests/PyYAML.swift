import FoundationEssentials
import Glibc

@testable import YAML

/// PyYAML as a second opinion: what it makes of many documents, by one child process.
enum PyYAML {
    /// A document as trees that both sides can make and compare.
    indirect enum Tree: Codable, Hashable {
        case text(String)
        /// A scalar that is no string, in Python's words: `30`, `True`, `None`.
        case typed(String)
        case list([Tree])
        case map([Entry])
    }

    struct Entry: Codable, Hashable {
        let key: Tree
        let value: Tree
    }

    /// What the readers said of one file: the documents in it, or nil where they refused it.
    struct Answer: Codable {
        /// The reader written in Python, types resolved.
        let values: [Tree]?
        /// The same through libyaml.
        let libyamlValues: [Tree]?
        /// The reader written in Python; every scalar but keys is its text after its style: `x`, `'x`, `"x`, `|x`, `>x`.
        let scalars: [Tree]?
        let libyamlScalars: [Tree]?
    }

    static let isInstalled = (try? run(["python3", "-c", "import yaml, json; yaml.CSafeLoader"])) == 0

    static func read(_ files: [[UInt8]]) throws -> [Answer] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "yaml-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let questions = folder.appending(path: "questions.json")
        let answers = folder.appending(path: "answers.json")
        try JSONEncoder().encode(files.map { Data($0) }).write(to: questions)
        let status = try run(["python3", "-c", script, questions.path, answers.path])
        guard status == 0 else { throw Failure(status: status) }
        return try JSONDecoder().decode([Answer].self, from: Data(contentsOf: answers))
    }

    struct Failure: Error {
        let status: Int32
    }

    private static func run(_ arguments: [String]) throws -> Int32 {
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer {
            for word in words { free(word) }
        }
        var child: pid_t = 0
        let failure = posix_spawnp(&child, words[0]!, nil, nil, &words, environ)
        guard failure == 0 else { throw Failure(status: failure) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status
    }

    private static let script = #"""
        import base64, json, sys, yaml

        def value(node):
            if isinstance(node, str):
                return {"text": {"_0": node}}
            if isinstance(node, list):
                return {"list": {"_0": [value(item) for item in node]}}
            if isinstance(node, dict):
                return {"map": {"_0": [{"key": value(k), "value": value(v)} for k, v in node.items()]}}
            return {"typed": {"_0": repr(node)}}

        def scalars(node):
            if isinstance(node, yaml.ScalarNode):
                return {"text": {"_0": (node.style or "") + node.value}}
            if isinstance(node, yaml.SequenceNode):
                return {"list": {"_0": [scalars(item) for item in node.value]}}
            return {"map": {"_0": [{"key": key(k), "value": scalars(v)} for k, v in node.value]}}

        def key(node):
            return {"text": {"_0": node.value}} if isinstance(node, yaml.ScalarNode) else scalars(node)

        def attempt(read, convert, loader, text):
            try:
                return [convert(document) for document in read(text, Loader=loader)]
            except (yaml.YAMLError, ValueError, TypeError):
                return None

        with open(sys.argv[1]) as questions:
            files = [base64.b64decode(text) for text in json.load(questions)]
        answers = [{
            "values": attempt(yaml.load_all, value, yaml.SafeLoader, file),
            "libyamlValues": attempt(yaml.load_all, value, yaml.CSafeLoader, file),
            "scalars": attempt(yaml.compose_all, scalars, yaml.SafeLoader, file),
            "libyamlScalars": attempt(yaml.compose_all, scalars, yaml.CSafeLoader, file),
        } for file in files]
        with open(sys.argv[2], "w") as file:
            json.dump(answers, file)
        """#
}

extension PyYAML.Tree {
    /// What PyYAML should read where this was written.
    init(values node: Node) {
        switch node.content {
        case .scalar(let scalar) where scalar.style == .plain: self = .typed(Self.typed[scalar.text] ?? "?")
        case .scalar(let scalar): self = .text(scalar.text)
        case .sequence(let items): self = .list(items.map { .init(values: $0) })
        case .mapping(let pairs):
            self = .map(pairs.map { .init(key: .text($0.key), value: .init(values: $0.value)) })
        }
    }

    /// The bare tokens of `Fragments`. 12:30 is a number to YAML 1.1, to the base of 60.
    private static let typed = ["30": "30", "true": "True", "null": "None", "12:30": "750"]

    init(scalars node: Node) {
        switch node.content {
        case .scalar(let scalar): self = .text(Self.mark(scalar.style) + scalar.text)
        case .sequence(let items): self = .list(items.map { .init(scalars: $0) })
        case .mapping(let pairs):
            self = .map(pairs.map { .init(key: .text($0.key), value: .init(scalars: $0.value)) })
        }
    }

    private static func mark(_ style: Node.Scalar.Style) -> String {
        switch style {
        case .plain: ""
        case .singleQuoted: "'"
        case .doubleQuoted: "\""
        case .literal: "|"
        case .folded: ">"
        }
    }
}
