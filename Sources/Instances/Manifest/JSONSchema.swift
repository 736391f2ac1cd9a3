/// A JSON Schema of the documents that ``decode(_:)`` accepts, made from what it decodes with; for editors and CI.
///
/// Always the same bytes. It cannot say all that the decoder checks: that a name is unique, that an address has no bits
/// past its prefix, that a day exists, that a text holds no credential.
///
/// Source: JSON Schema draft 2020-12.
public func jsonSchema() -> String {
    let kinds = [
        (ManifestForm.kind, ManifestForm.document.schema), (SettingsForm.kind, SettingsForm.document.schema),
    ]
    return Schema.of(
        ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
        ("title", .text("Documents of \(Document.apiVersion)")),
        ("oneOf", .list(kinds.map { .of(("$ref", .text("#/$defs/\($0.0)"))) })),
        ("$defs", .object(kinds.map { .init($0.0, .object([.init("title", .text($0.0))] + $0.1)) }))
    ).document
}
