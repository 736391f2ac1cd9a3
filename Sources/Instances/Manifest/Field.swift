import YAML

/// One key of a mapping: its name, whether it must be there, what it holds, where that goes, and a sentence for people.
struct Field<Target: Sendable>: Sendable {
    typealias Path<Value> = any WritableKeyPath<Target, Value> & Sendable

    let key: String
    let isRequired: Bool
    /// The keys inside, where the value is a mapping.
    let outline: [Outline]
    /// The field as a JSON Schema; the fresh target holds the default.
    let schema: @Sendable (Target) -> [Schema.Keyword]
    /// Stores the value, or tells the reader what is wrong with it and stores nothing.
    let read: @Sendable (Node, inout Target, inout Reader) -> Void

    private init<Result>(
        _ key: String, _ about: String, _ value: Value<Result>, isRequired: Bool,
        default initial: @escaping @Sendable (Target) -> Result?,
        store: @escaping @Sendable (Result, inout Target) -> Void
    ) {
        self.key = key
        self.isRequired = isRequired
        outline = value.outline
        schema = { fresh in
            var keywords = [Schema.Keyword("description", .text(about))] + value.schema
            if let initial = initial(fresh), let shown = value.written(initial) {
                keywords.append(.init("default", shown))
            }
            return keywords
        }
        read = { node, target, reader in
            if let result = value.read(node, &reader) { store(result, &target) }
        }
    }

    /// Without it there is an error.
    static func required<Result>(
        _ key: String, _ path: Path<Result>, _ value: Value<Result>, _ about: String
    ) -> Self {
        Self(key, about, value, isRequired: true, default: { _ in nil }, store: { $1[keyPath: path] = $0 })
    }

    /// Without it the value is what a fresh target holds.
    static func defaulted<Result>(
        _ key: String, _ path: Path<Result>, _ value: Value<Result>, _ about: String
    ) -> Self {
        Self(
            key, about, value, isRequired: false, default: { $0[keyPath: path] },
            store: { $1[keyPath: path] = $0 })
    }

    /// Without it the value is `nil`.
    static func optional<Result>(
        _ key: String, _ path: Path<Result?>, _ value: Value<Result>, _ about: String
    ) -> Self {
        Self(key, about, value, isRequired: false, default: { _ in nil }, store: { $1[keyPath: path] = $0 })
    }

    /// A mapping in the document whose fields are fields of the same target.
    static func group(_ key: String, isRequired: Bool, _ form: Form<Target>, _ about: String) -> Self {
        Self(key: key, isRequired: isRequired, outline: form.outline) { _ in
            [.init("description", .text(about))] + form.schema
        } read: { node, target, reader in
            _ = form.read(node, into: &target, &reader)
        }
    }

    /// A key that must be there and always says the same.
    static func constant(_ key: String, _ text: String, _ about: String) -> Self {
        Self(key: key, isRequired: true, outline: []) { _ in
            [.init("description", .text(about)), .init("const", .text(text))]
        } read: { node, _, reader in
            if node.scalar?.text != text { reader.refuse(node, mustBe: text) }
        }
    }

    private init(
        key: String, isRequired: Bool, outline: [Outline],
        schema: @escaping @Sendable (Target) -> [Schema.Keyword],
        read: @escaping @Sendable (Node, inout Target, inout Reader) -> Void
    ) {
        self.key = key
        self.isRequired = isRequired
        self.outline = outline
        self.schema = schema
        self.read = read
    }
}

extension Field {
    static var apiVersion: Self { .constant("apiVersion", Document.apiVersion, "The version of this format.") }

    static func kind(_ kind: String, _ about: String) -> Self { .constant("kind", kind, about) }
}
