extension Emulator {
    /// The control API, in one place for people too.
    static let controlHelp: [(request: String, explanation: String)] = [
        ("GET /_emulator/state", "everything there is and was, with generations of content"),
        ("GET /_emulator/invariants", "whether the newest data of every disk still exists"),
        ("GET, DELETE /_emulator/requests", "what was asked so far, counted by route; or forget it"),
        ("GET, POST, DELETE /_emulator/faults", "list faults, add one or a list of them, remove all"),
        ("DELETE /_emulator/faults/{id}", "remove one"),
        ("GET /_emulator/holds?wait=5", "requests that a hold fault stopped; waits until there is one"),
        ("POST /_emulator/holds/{number}", "let it go on; {\"drop\": true} breaks its connection"),
        ("GET, POST /_emulator/clock", "{\"freeze\": true}, {\"advance\": 30} seconds, {\"resume\": true}"),
        ("POST /_emulator/servers/{id}/write", "its guest writes to its data disks, or to {\"volume_id\": …}"),
        ("POST /_emulator/servers/{id}/shutdown", "its guest shuts itself down"),
        ("POST /_emulator/volumes/{id}/fail", "the volume breaks"),
        ("POST /_emulator/snapshots/{id}/fail", "the snapshot breaks"),
        ("POST /_emulator/locks", "{\"id\": …, \"locked\": true}: the provider locks a resource"),
        ("POST /_emulator/stock", "{\"zone\": …, \"type\": …, \"in_stock\": false, \"at\": \"poweron\" or \"create\"}"),
        ("POST /_emulator/quotas", "{\"servers\": 3}: limits; null takes one away"),
        ("POST /_emulator/names", "{\"name\": …}: this name resolves, so that it can be the reverse of an address"),
        ("POST /_emulator/lineages/{id}/give-up", "this data may be lost: a test deletes it on purpose"),
        ("POST /_emulator/reset", "an empty account, without faults"),
    ]

    /// Answers a request that the real API does not have.
    mutating func control(_ request: APIRequest, at realNow: Instant) -> APIResponse {
        let path = request.path.split(separator: "/").dropFirst().map(String.init)
        let now = clock.time(at: realNow)
        do throws(Refusal) {
            let body =
                request.body.isEmpty ? JSON.object([]) : try Self.parse(request.body)
            switch (request.method, path.count, path.first) {
            case ("GET", 0, nil):
                return APIResponse(
                    200, .object(Self.controlHelp.map { JSON.Member($0.request, .string($0.explanation)) }))
            case ("GET", 1, "state"): return APIResponse(200, world.dump)
            case ("GET", 1, "invariants"): return APIResponse(200, world.invariants)
            case ("GET", 1, "requests"): return APIResponse(200, log.json)
            case ("DELETE", 1, "requests"): log.clear()
            case ("GET", 1, "faults"): return APIResponse(200, ["faults": .array(faults.map(\.json))])
            case ("POST", 1, "faults"): return try addFaults(body, at: now)
            case ("DELETE", 1, "faults"): faults = []
            case ("DELETE", 2, "faults"): faults.removeAll { $0.id == path[1] }
            case ("GET", 1, "clock"): return clockAnswer(at: realNow)
            case ("POST", 1, "clock"):
                try setClock(Fields(json: body), at: realNow)
                return clockAnswer(at: realNow)
            case ("POST", 1, "reset"): self = Emulator(configuration: world.configuration, now: now)
            case ("POST", _, let subject?):
                try world.control(subject, Array(path.dropFirst()), Fields(json: body), at: now)
            default: throw Self.unknown(request)
            }
            return APIResponse(200, ["ok": true])
        } catch {
            return error.response
        }
    }

    private static func parse(_ bytes: [UInt8]) throws(Refusal) -> JSON {
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw .badRequest("the body is no JSON: \(error)")
        }
    }

    private static func unknown(_ request: APIRequest) -> Refusal {
        Refusal(status: 404, body: ["message": .string("no such control: see GET /_emulator"), "type": "not_found"])
    }

    /// Adds faults as the control API and `--faults` give them: one, or a list.
    public mutating func add(faults json: JSON, at realNow: Instant) throws(FaultError) -> [String] {
        let now = clock.time(at: realNow)
        var made: [Fault] = []
        for item in json.items ?? [json] {
            let number = faultsMade + made.count + 1
            made.append(
                try Fault(item, id: "fault-\(number)", seed: world.configuration.seed &+ UInt64(number)))
        }
        faults += made
        faultsMade += made.count
        remember(at: now)
        return made.map(\.id)
    }

    private mutating func addFaults(_ json: JSON, at now: Instant) throws(Refusal) -> APIResponse {
        do throws(FaultError) {
            return APIResponse(200, ["ids": .strings(try add(faults: json, at: now))])
        } catch {
            throw .badRequest(error.description)
        }
    }

    private func clockAnswer(at realNow: Instant) -> APIResponse {
        APIResponse(
            200, ["now": .string(clock.time(at: realNow).zuluStamp), "frozen": .bool(clock.isFrozen)])
    }

    private mutating func setClock(_ body: Fields, at realNow: Instant) throws(Refusal) {
        if try body.flag("freeze") == true { clock.freeze(at: realNow) }
        if let seconds = body.json["advance"]?.number {
            guard seconds >= 0 else { throw .badRequest("time does not go back") }
            clock.advance(bySeconds: seconds)
        }
        if try body.flag("resume") == true { clock.resume(at: realNow) }
        world.advance(to: clock.time(at: realNow))
    }
}

extension Fault {
    fileprivate var json: JSON {
        ["id": .string(id), "fault": source, "seen": .integer(seen), "fired": .integer(fired)]
    }
}

extension World {
    /// What a test does to the account from outside the API.
    fileprivate mutating func control(
        _ subject: String, _ path: [String], _ body: Fields, at now: Instant
    ) throws(Refusal) {
        switch (subject, path.count, path.last) {
        case ("servers", 2, "write"):
            let server = try stored(path[0])
            let volume = try body.text("volume_id")
            for slot in server.slots where volume.map({ $0 == slot.volume }) ?? (slot.volume != server.bootVolume) {
                write(to: slot.volume, at: now)
            }
        case ("servers", 2, "shutdown"):
            let server = try stored(path[0])
            guard server.state == .running else { throw .badRequest("server should be running") }
            servers.update(server.id) { $0.action += 1 }
            stopInPlace(server.id, at: now)
        case ("volumes", 2, "fail"):
            guard let volume = volumes[path[0]] else { throw .notFound("volume", path[0]) }
            volumes.update(volume.id) { $0.base = .error }
            checkLineage(volume.content.lineage, at: now, because: "volume \(volume.id) broke")
        case ("snapshots", 2, "fail"):
            guard let snapshot = snapshots[path[0]] else { throw .notFound("snapshot", path[0]) }
            snapshots.update(snapshot.id) { $0.base = .error }
            checkLineage(snapshot.content.lineage, at: now, because: "snapshot \(snapshot.id) broke")
        case ("locks", 0, nil):
            let id = try body.required("id")
            if try body.flag("locked") ?? true { locked.insert(id) } else { locked.remove(id) }
        case ("stock", 0, nil): try setStock(body)
        case ("names", 0, nil): resolvableNames.insert(try body.required("name"))
        case ("quotas", 0, nil):
            for member in body.json.members ?? [] { configuration.quotas[member.name] = member.value.integer }
        case ("lineages", 2, "give-up"):
            guard lineages[path[0]] != nil else { throw .notFound("lineage", path[0]) }
            lineages[path[0]]?.isGivenUp = true
        default:
            throw Refusal(status: 404, body: ["message": "no such control: see GET /_emulator", "type": "not_found"])
        }
    }

    private mutating func setStock(_ body: Fields) throws(Refusal) {
        let type = try body.required("type")
        let suffix = try body.text("at") == "create" ? "/create" : ""
        let zone = try body.text("zone")
        for place in zone.map({ [$0] }) ?? Place.zones {
            let name = "\(place)/\(type)\(suffix)"
            if try body.flag("in_stock") ?? false { outOfStock.remove(name) } else { outOfStock.insert(name) }
        }
    }
}
