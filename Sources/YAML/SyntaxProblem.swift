/// What libyaml says about a document that is not YAML, turned into words for the person who wrote it.
///
/// Source: the messages of libyaml 0.2.5, scanner.c and parser.c. What is not listed here is passed on as it is.
struct SyntaxProblem {
    let problem: String
    /// What libyaml was doing, "while parsing a block mapping".
    let context: String
    /// Where it began to do so.
    let contextMark: Mark
    /// Where it stopped.
    let problemMark: Mark
    /// The character at which it stopped, if it is ASCII; nil also at the end.
    let character: Character?
    let isAtEnd: Bool
    /// Whether nothing but spaces stands before it on its line.
    let isFirstOnLine: Bool

    var error: YAMLError { YAMLError(reason, at: mark) }

    /// What was begun and not finished is wrong where it begins, not where libyaml gave up.
    private var mark: Mark {
        switch problem {
        case "could not find expected ':'", "found unexpected end of stream",
            "did not find expected alphabetic or numeric character":
            contextMark
        default:
            (isAtEnd && !context.isEmpty) || context.hasSuffix("directive") ? contextMark : problemMark
        }
    }

    private var reason: YAMLError.Reason {
        switch problem {
        case "found incompatible YAML document", "found extremely long version number",
            "did not find expected version number", "did not find expected digit or '.' character":
            .version
        case "found undefined tag handle":
            .tag("!")
        case "found duplicate %TAG directive",
            _ where context.hasSuffix("%TAG directive") || context.hasSuffix("tag directive"):
            .tagDirective
        case "did not find expected key" where character == ":",
            "did not find expected node content" where character == ":":
            .missingKey
        default:
            .syntax(layout ?? quotes ?? (context.isEmpty ? problem : problem + " " + context))
        }
    }

    /// What is wrong with the lines and brackets.
    private var layout: String? {
        switch problem {
        case "found a tab character where an indentation space is expected",
            "found a tab character that violates indentation",
            _ where problem == Self.cannotStart && character == "\t":
            "a tab cannot indent YAML: use spaces"
        case "did not find expected key", "did not find expected '-' indicator":
            isFirstOnLine ? misplacedLine : "text after the end of a value: put the whole value in quotes"
        case "mapping values are not allowed in this context":
            "a ':' that cannot begin a value here: put text that holds ': ' in quotes, and check the indentation"
        case "mapping keys are not allowed in this context", "block sequence entries are not allowed in this context":
            "a '-' or '?' that cannot begin an entry here: put it on the next line, or in quotes if it is text"
        case "could not find expected ':'":
            "a key without ':': write 'key: value', and check the indentation"
        case "did not find expected ',' or ']'":
            "the '[' of line \(contextMark.line) is not closed, or a ',' is missing before this"
        case "did not find expected ',' or '}'":
            "the '{' of line \(contextMark.line) is not closed, or a ',' is missing before this"
        case "did not find expected <document start>":
            "the document has ended before this: begin another with '---', and check the indentation"
        case "did not find expected comment or line break":
            "text behind '|' or '>': it belongs on the next line, indented"
        case "found duplicate %YAML directive",
            _ where context == "while scanning a directive":
            "a line cannot begin with '%' here: remove it, or put it in quotes if it is text"
        default:
            nil
        }
    }

    private static let cannotStart = "found character that cannot start any token"

    private var misplacedLine: String {
        context == "while parsing a block mapping"
            ? "this line is not an entry of the mapping of line \(contextMark.line): "
                + "write 'key: value', and indent it like the others"
            : "this line is not an entry of the list of line \(contextMark.line): "
                + "begin it with '- ', or check the indentation"
    }

    /// What is wrong within one value.
    private var quotes: String? {
        switch problem {
        case Self.cannotStart:
            "text cannot begin with '\(shown)': put it in quotes"
        case "did not find expected alphabetic or numeric character":
            "text cannot begin with '*' or '&': put it in quotes"
        case "found unexpected end of stream":
            "the quotes that open here are not closed"
        case "found unexpected document indicator":
            "a '---' or '...' inside the quotes that open on line \(contextMark.line): are they closed?"
        case "found unknown escape character", "did not find expected hexdecimal number",
            "found invalid Unicode character escape code":
            "an unknown escape in double quotes: write \\\\ for a backslash, or use single quotes"
        case "did not find expected node content":
            isAtEnd
                ? "a value is missing"
                : "a value is missing before '\(shown)'; if this is text, put it in quotes"
        default:
            nil
        }
    }

    private var shown: String { character.map { visible(String($0)) } ?? "this" }
}
