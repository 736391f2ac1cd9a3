import FoundationEssentials
import Glibc
import Testing

@testable import Instances

/// Python's jsonschema as a second opinion on documents, by one child process.
///
/// It reads YAML as version 1.2 does, which is what editors do: PyYAML alone takes `on` for a truth value.
enum ManifestValidator {
    /// A python3 that has jsonschema and PyYAML.
    private static let python = getenv("OPERATOR_TEST_PYTHON").map { String(cString: $0) } ?? "python3"

    static let isInstalled =
        (try? run([python, "-W", "ignore", "-c", "import yaml; import jsonschema.validators"])) == 0

    /// What to say where it is missing.
    static let wanted: Comment = "needs python3 with jsonschema and PyYAML (OPERATOR_TEST_PYTHON)"

    struct Failure: Error {
        let status: Int32
    }

    /// What is wrong with each document, by the schema; empty where it is accepted.
    static func judge(_ documents: [String]) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "manifest-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["schema.json", "questions.json", "answers.json"].map { folder.appending(path: $0) }
        try Data(jsonSchema().utf8).write(to: files[0])
        try JSONEncoder().encode(documents).write(to: files[1])
        let status = try run([python, "-W", "ignore", "-c", script] + files.map(\.path))
        guard status == 0 else { throw Failure(status: status) }
        return try JSONDecoder().decode([String].self, from: Data(contentsOf: files[2]))
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
        import json, re, sys, yaml
        from jsonschema.validators import Draft202012Validator

        class Loader(yaml.SafeLoader):
            """The core schema of YAML 1.2."""
            yaml_implicit_resolvers = {}

        def scalar(tag, pattern, first, read):
            Loader.add_implicit_resolver(tag, re.compile("^(?:" + pattern + r")\Z"), first)
            Loader.add_constructor(tag, lambda loader, node: read(node.value))

        def number(text):
            text = text.lower().replace(".inf", "inf").replace(".nan", "nan")
            return int(text, 0) if text[:2] in ("0x", "0o") else int(text)

        scalar("tag:yaml.org,2002:null", "~|null|Null|NULL|", ["~", "n", "N", ""], lambda text: None)
        scalar("tag:yaml.org,2002:bool", "true|True|TRUE|false|False|FALSE", list("tTfF"),
               lambda text: text.lower() == "true")
        scalar("tag:yaml.org,2002:int", "[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789"), number)
        scalar("tag:yaml.org,2002:float",
               r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
               list("-+0123456789."), lambda text: float(text.lower().replace(".inf", "inf").replace(".nan", "nan")))

        def judge(text):
            problems = []
            for document in yaml.load_all(text, Loader=Loader):
                for error in validator.iter_errors(document):
                    problems.append(error.json_path + ": " + error.message[:200])
            return "; ".join(problems)

        schema = json.load(open(sys.argv[1]))
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        json.dump([judge(text) for text in json.load(open(sys.argv[2]))], open(sys.argv[3], "w"))
        """#
}
