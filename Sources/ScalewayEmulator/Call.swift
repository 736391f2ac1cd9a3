/// A request that matched a route.
struct Call: Sendable {
    let request: APIRequest
    let now: Instant
    /// What stands in the path for `{zone}`, `{server}` and so on.
    let parameters: [String: String]

    var zone: String { parameters["zone"] ?? "" }
    var region: String { parameters["region"] ?? "" }
    /// The last identifier of the path.
    var id: String { parameters["id"] ?? "" }
    /// The server of a path that goes on below it.
    var server: String { parameters["server"] ?? "" }
    var key: String { parameters["key"] ?? "" }

    /// The first value of a query parameter; an empty one counts as absent.
    func query(_ name: String) -> String? {
        request.query.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// Every value of a query parameter, whether it is repeated (block, vpc) or joined with commas (instance).
    func values(_ names: String...) -> [String] {
        request.query.filter { names.contains($0.name) && !$0.value.isEmpty }
            .flatMap { $0.value.split(separator: ",").map(String.init) }
    }

    /// Accepts `False` too: the Python SDK writes it so.
    func flag(_ name: String) -> Bool? {
        query(name).flatMap { Bool($0.lowercased()) }
    }

    /// The body as an object; no body is an empty one.
    func body() throws(Refusal) -> Fields {
        guard !request.body.isEmpty else { return Fields(json: [:]) }
        guard let json = try? JSON(parsing: request.body), json.members != nil else {
            throw .badRequest("request body is not a JSON object")
        }
        return Fields(json: json)
    }
}

/// The members of a request's object, read with their types.
struct Fields: Sendable {
    let json: JSON
    /// Where the object stands in the body, for error messages.
    var path = ""

    /// Nil for an absent member and for `null`.
    private func value(_ name: String) -> JSON? {
        json[name].flatMap { $0.isNull ? nil : $0 }
    }

    func has(_ name: String) -> Bool { value(name) != nil }

    /// True where the member is there, also as `null`.
    func mentions(_ name: String) -> Bool { json[name] != nil }

    private func typed<Value>(_ name: String, _ type: String, _ read: (JSON) -> Value?) throws(Refusal) -> Value? {
        guard let json = value(name) else { return nil }
        guard let value = read(json) else { throw .invalid(path + name, "format", "expected \(type)") }
        return value
    }

    func text(_ name: String) throws(Refusal) -> String? { try typed(name, "a string") { $0.text } }
    func integer(_ name: String) throws(Refusal) -> Int? { try typed(name, "an integer") { $0.integer } }
    func flag(_ name: String) throws(Refusal) -> Bool? { try typed(name, "a boolean") { $0.flag } }
    func items(_ name: String) throws(Refusal) -> [JSON]? { try typed(name, "an array") { $0.items } }

    func strings(_ name: String) throws(Refusal) -> [String]? {
        try typed(name, "an array of strings") { json in
            guard let items = json.items else { return nil }
            let texts = items.compactMap(\.text)
            return texts.count == items.count ? texts : nil
        }
    }

    func object(_ name: String) throws(Refusal) -> Fields? {
        try typed(name, "an object") { $0.members == nil ? nil : Fields(json: $0, path: path + name + ".") }
    }

    func required(_ name: String) throws(Refusal) -> String {
        guard let text = try text(name) else { throw .invalid(path + name, "required", "required key not provided") }
        return text
    }
}
