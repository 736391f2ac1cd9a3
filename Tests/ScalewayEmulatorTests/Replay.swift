import ScalewayEmulator
import Testing

/// Plays the requests of a recording to an emulator and compares the answers.
struct Replay {
    /// Slow, so that nothing ends by itself between two requests: recorders drop polls that show what the one before
    /// showed, and only a recording tells when a thing ended.
    private var laboratory = Laboratory(Configuration(timeScale: 1_000))
    /// The emulator's identifier for each of the recording's.
    private var translations: [String: String] = [:]
    private(set) var compared = 0
    /// Where the emulator differs.
    private(set) var differences: [String] = []

    /// Products that the emulator does not have.
    private static let foreign = [
        "/vpc-gw/", "/domain/", "/marketplace/v1/", "/vpc/v1/", "/product-catalog/", "/routes-with-nexthop",
    ]

    static func covers(_ recording: Recording) -> Bool {
        !foreign.contains { recording.path.contains($0) } && recording.status != 500 && recording.status != 429
    }

    mutating func play(_ recordings: [Recording]) {
        for recording in recordings {
            guard Self.covers(recording) else { continue }
            learnName(recording)
            learnProject(recording)
            play(recording)
        }
    }

    /// The DNS spreads at its own pace: a name resolves from when the real API took it.
    private mutating func learnName(_ recording: Recording) {
        guard recording.method == "PATCH", recording.path.contains("/ips/"), recording.status == 200,
            let name = (try? JSON(parsing: Array(recording.body.utf8)))?["reverse"]?.text
        else { return }
        laboratory.expect(200, "POST", "/_emulator/names", ["name": .string(name)])
    }

    /// Whatever project or organization the recording works in is the emulator's default one.
    private mutating func learnProject(_ recording: Recording) {
        let body = try? JSON(parsing: Array(recording.body.utf8))
        let names = ["project", "project_id", "organization_id"]
        let queried = recording.query.filter { names.contains($0.name) }.map(\.value)
        for id in names.compactMap({ body?[$0]?.text }) + queried {
            translations[id] = laboratory.configuration.projects[0]
        }
    }

    private mutating func play(_ recording: Recording) {
        var request = APIRequest(
            recording.method, translate(recording.path),
            query: recording.query.map { APIRequest.Parameter($0.name, translate($0.value)) },
            token: laboratory.configuration.secretKey, body: Array(translate(recording.body).utf8))
        if recording.path.contains("/user_data/") { request.body = Array(recording.body.utf8) }
        laboratory.wait(seconds: 0.1)
        compare(answer(to: request, like: recording), with: recording)
    }

    /// The answer as soon as the emulator, which has its own delays, is where the real API was; the first one where it
    /// never gets there.
    private mutating func answer(to request: APIRequest, like recording: Recording) -> APIResponse {
        var first: (laboratory: Laboratory, answer: APIResponse)?
        var waiting = laboratory
        while true {
            var attempt = waiting
            let answer = attempt.emulator.handle(request, at: attempt.now).response
            if agrees(answer, recording) {
                laboratory = attempt
                return answer
            }
            if first == nil { first = (attempt, answer) }
            guard let next = waiting.emulator.nextEvent else { break }
            waiting.now = max(waiting.now, next)
            // Any request lets happen what is due.
            _ = waiting.send("GET", "\(Laboratory.zone)/servers?per_page=1")
        }
        guard let first else { return APIResponse(status: 500) }
        if recording.method != "GET" { laboratory = first.laboratory }
        return first.answer
    }

    private func agrees(_ answer: APIResponse, _ recording: Recording) -> Bool {
        guard answer.status == recording.status else { return false }
        return Self.states(of: answer.json) == Self.states(of: recording.json)
    }

    /// Those of an image are of interest where it was asked for.
    private static func states(of json: JSON?) -> [String] { states(json?["image"] ?? json ?? .null) }

    /// The states in an answer, in their order.
    private static func states(_ json: JSON) -> [String] {
        switch json {
        case .object(let members):
            members.sorted { $0.name < $1.name }.flatMap { member -> [String] in
                switch member.name {
                case "state", "status": member.value.text.map { [$0] } ?? []
                case "image", "parent_volume": []
                default: states(member.value)
                }
            }
        case .array(let items): items.flatMap(states)
        default: []
        }
    }

    private mutating func compare(_ answer: APIResponse, with recording: Recording) {
        compared += 1
        let name =
            "\(recording.method) "
            + recording.path.split(separator: "/")
            .map { String($0).isIdentifier ? "{id}" : String($0) }.joined(separator: "/")
        guard answer.status == recording.status else {
            let body = String(decoding: answer.body, as: UTF8.self)
            differences.append("\(name): \(answer.status) for \(recording.status): \(body.prefix(300))")
            return
        }
        guard let recorded = recording.json else {
            if recording.answer != String(decoding: answer.body, as: UTF8.self) {
                differences.append("\(name): another body")
            }
            return
        }
        guard let emulated = answer.json else {
            differences.append("\(name): no JSON")
            return
        }
        let (ordered, others) = (Self.order(recorded), Self.order(emulated))
        learn(ordered, others)
        let isList = recording.method == "GET" && recorded["id"] == nil && recorded["server"] == nil
        let comparison = Comparison(translations: translations, isList: isList)
        differences += comparison.differences(ordered, others, at: "").map { "\(name): \($0)" }
    }

    /// Pairs the identifiers that stand in the same place.
    private mutating func learn(_ recorded: JSON, _ emulated: JSON) {
        switch (recorded, emulated) {
        case (.string(let old), .string(let new)):
            // A path, such as that of the image of a backup, ends with an identifier.
            let (old, new) = (String(old.suffix(36)), String(new.suffix(36)))
            if old.isIdentifier, new.isIdentifier, translations[old] == nil { translations[old] = new }
        case (.object(let members), .object):
            for member in members { if let other = emulated[member.name] { learn(member.value, other) } }
        case (.array(let items), .array(let others)):
            for (item, other) in zip(items, others) { learn(item, other) }
        default: break
        }
    }

    /// Images of one label come in no order; the architecture tells which is which.
    private static func order(_ json: JSON) -> JSON {
        guard let images = json["local_images"]?.items else { return json }
        return ["local_images": .array(images.sorted { ($0["arch"]?.text ?? "") < ($1["arch"]?.text ?? "") })]
    }

    private func translate(_ text: String) -> String { Self.translate(text, with: translations) }

    /// Puts the emulator's identifiers in the place of the recording's.
    static func translate(_ text: String, with translations: [String: String]) -> String {
        var translated = ""
        var rest = text[...]
        while let start = rest.firstIndex(where: \.isHexDigit) {
            translated += rest[..<start]
            let candidate = rest[start...].prefix(36)
            if String(candidate).isIdentifier {
                translated += translations[String(candidate)] ?? String(candidate)
                rest = rest[candidate.endIndex...]
            } else {
                translated.append(rest[start])
                rest = rest[rest.index(after: start)...]
            }
        }
        return translated + rest
    }
}

extension String {
    /// A UUID in lower case.
    var isIdentifier: Bool {
        let bytes = Array(utf8)
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            [8, 13, 18, 23].contains(index)
                ? byte == UInt8(ascii: "-") : Unicode.Scalar(byte).properties.isASCIIHexDigit
        }
    }
}
