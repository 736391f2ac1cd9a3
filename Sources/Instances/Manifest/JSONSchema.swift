/// A JSON Schema of the documents that ``decode(_:)`` accepts, made from what it decodes with; for editors and CI.
///
/// Always the same bytes. It cannot say all that the decoder checks: that a name is unique, that an address has no bits
/// past its prefix, that a day exists, that a text holds no credential.
///
/// Source: JSON Schema draft 2020-12, core and validation.
public func jsonSchema() -> String {
    let kinds = [
        (ManifestForm.kind, ManifestForm.document.schema), (SettingsForm.kind, SettingsForm.document.schema),
    ]
    return JSONValue.object([
        "$schema": .text("https://json-schema.org/draft/2020-12/schema"),
        "title": .text("Documents of \(Document.apiVersion)"),
        "oneOf": .list(kinds.map { .object(["$ref": .text("#/$defs/\($0.0)")]) }),
        "$defs": .object(kinds.map { .init($0.0, .object([.init("title", .text($0.0))] + $0.1)) }),
    ]).indented() + "\n"
}

extension JSONValue {
    static func texts(_ values: [String]) -> JSONValue { .list(values.map { .text($0) }) }

    /// Every member and item on a line of its own, two spaces a level.
    fileprivate func indented(by margin: String = "") -> String {
        let inner = margin + "  "
        switch self {
        case .object(let members) where !members.isEmpty:
            let lines = members.map { "\(inner)\(JSONValue.text($0.key).inOneLine): \($0.value.indented(by: inner))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(margin)}"
        case .list(let items) where !items.isEmpty:
            let lines = items.map { inner + $0.indented(by: inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(margin)]"
        default: return inOneLine
        }
    }

    private var inOneLine: String { String(decoding: line, as: UTF8.self) }
}
