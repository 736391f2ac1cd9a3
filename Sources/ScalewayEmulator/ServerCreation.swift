extension World {
    /// A volume of a server that is about to be made, checked.
    private enum PlannedVolume {
        case existing(String)
        case existingLocal(String)
        case block(name: String, size: Int, from: Snapshot?)
        /// A root from an image: its parent is the image's snapshot, which nobody else can see.
        case root(size: Int, image: Image)
        case local(name: String, type: String, size: Int)
    }

    /// Checks everything before it changes anything: a server that is refused leaves nothing behind.
    mutating func createServer(_ call: Call) throws(Refusal) -> APIResponse {
        let body = try call.body()
        let type = try instanceType(body)
        let project = try project(body.text("project"), "instance")
        let image = try image(body, type: type, zone: call.zone)
        let planned = try planVolumes(body, image: image, type: type, zone: call.zone, project: project)
        let addresses = try flexibleAddresses(body, zone: call.zone)
        let group = try body.text("security_group")
        if let group, securityGroups[group]?.zone != call.zone { throw .notFound("instance_security_group", group) }
        try checkQuota("servers", current: { servers.all.count { $0.project == project } }, project: project)
        if outOfStock.contains("\(call.zone)/\(type.name)/create") { throw .outOfStock(type.name) }
        if try body.text("placement_group") != nil {
            throw .invalid("placement_group", "constraint", "not a valid value")
        }

        let id = randomness.identifier()
        let number = nextNumber()
        var server = Server(
            id: id, zone: call.zone, name: try body.text("name") ?? "srv-\(number)", project: project,
            commercialType: type.name, arch: type.arch,
            macAddress: Self.macAddress("de:00", number),
            securityGroup: group ?? defaultSecurityGroup(zone: call.zone, project: project, at: call.now),
            createdAt: call.now, updatedAt: call.now)
        server.bootType = try body.text("boot_type") ?? "local"
        server.image = image
        server.tags = try body.strings("tags") ?? []
        server.isProtected = try body.flag("protected") ?? false
        server.dynamicAddressRequired = try body.flag("dynamic_ip_required") ?? true
        server.enableIPv6 = try body.flag("enable_ipv6") ?? false
        servers.insert(server, id: id)
        for (key, boot, volume) in planned { place(volume, key: key, boot: boot, on: server, at: call.now) }
        for address in addresses { attach(address: address, to: id) }

        var answer = answer(try stored(id), status: 201)
        answer.headers.append(
            APIResponse.Header("Location", "https://api.scaleway.com/instance/v1/zones/\(call.zone)/servers/\(id)"))
        return answer
    }

    static func macAddress(_ prefix: String, _ number: Int) -> String {
        let digits = String(number, radix: 16)
        let padded = Array(String(repeating: "0", count: max(0, 8 - digits.count)) + digits)
        return ([prefix] + stride(from: 0, to: 8, by: 2).map { String(padded[$0..<$0 + 2]) }).joined(separator: ":")
    }

    private func instanceType(_ body: Fields) throws(Refusal) -> Catalogue.InstanceType {
        guard let name = try body.text("commercial_type") else {
            let missing = ["commercial_type", "image", "volumes"].filter { !body.has($0) }
            throw .validation(missing)
        }
        guard body.has("image") || body.has("volumes") else { throw .validation(["image", "volumes"]) }
        guard let type = Catalogue.type(name) else {
            throw .invalid("commercial_type", "constraint", "not a valid value")
        }
        return type
    }

    /// The API takes an identifier or a label of the marketplace.
    private func image(_ body: Fields, type: Catalogue.InstanceType, zone: String) throws(Refusal) -> Image? {
        guard let name = try body.text("image") else { return nil }
        let found =
            images[name] ?? Marketplace.localImage(name)?.image
            ?? Marketplace.resolve(label: name, zone: zone, arch: type.arch)?.image
        guard let found, found.zone == zone else { throw .notFound("instance_image", name) }
        guard found.arch == type.arch else {
            throw .invalid("image", "constraint", "image is not compatible with \(type.name)")
        }
        return found
    }

    private func flexibleAddresses(_ body: Fields, zone: String) throws(Refusal) -> [String] {
        let single = try body.text("public_ip").map { [$0] }
        let list = try body.strings("public_ips") ?? single ?? []
        for id in list where addresses[id]?.zone != zone { throw .notFound("instance_ip", id) }
        return list
    }

    private func planVolumes(
        _ body: Fields, image: Image?, type: Catalogue.InstanceType, zone: String, project: String
    ) throws(Refusal) -> [(key: Int, boot: Bool, volume: PlannedVolume)] {
        var planned: [(key: Int, boot: Bool, volume: PlannedVolume)] = []
        for member in try body.object("volumes")?.json.members ?? [] {
            guard let key = Int(member.name), key >= 0, member.value.members != nil else {
                throw .invalid("volumes", "format", "keys are numbers, values are objects")
            }
            let fields = Fields(json: member.value, path: "volumes.\(key).")
            planned.append(
                (key, try fields.flag("boot") ?? false, try planVolume(fields, key: key, image: image, zone: zone)))
        }
        if let image, !planned.contains(where: { $0.key == 0 }) {
            planned.append((0, false, try planRoot(image, size: nil, type: nil)))
        }
        guard planned.count <= Catalogue.volumesPerServer else {
            throw .invalid("volumes", "constraint", "at most \(Catalogue.volumesPerServer) volumes")
        }
        let local = planned.reduce(0) { sum, entry in
            switch entry.volume {
            case .local(_, _, let size): sum + size
            case .existingLocal(let id): sum + (localVolumes[id]?.size ?? 0)
            default: sum
            }
        }
        guard local <= type.localStorage else {
            throw .invalid(
                "volumes", "constraint", "The total size of local-volume(s) must be at most \(type.localStorage) bytes")
        }
        let new = planned.count { if case .existing = $0.volume { false } else { true } }
        try checkQuota(
            "volumes", current: { volumes.all.count { $0.project == project } + max(0, new - 1) }, project: project)
        return planned.sorted { $0.key < $1.key }
    }

    private func planVolume(
        _ fields: Fields, key: Int, image: Image?, zone: String
    ) throws(Refusal) -> PlannedVolume {
        let type = try fields.text("volume_type")
        if let id = try fields.text("id") {
            if localVolumes[id]?.zone == zone { return .existingLocal(id) }
            guard let volume = volumes[id], volume.zone == zone else { throw .notFound("volume", id) }
            guard volume.references.isEmpty else {
                throw .precondition(400, "resource_still_in_use", "volume \(id) is already attached")
            }
            return .existing(id)
        }
        let name = try fields.text("name") ?? "volume-\(key)"
        if let base = try fields.text("base_snapshot") {
            let snapshot = try usableSnapshot(base, zone: zone)
            return .block(name: name, size: try Self.size(fields) ?? snapshot.size, from: snapshot)
        }
        let size = try Self.size(fields)
        if key == 0, let image { return try planRoot(image, size: size, type: type) }
        guard let size else { throw .validation(["volumes.\(key).size"]) }
        return type == "l_ssd" || type == "scratch"
            ? .local(name: name, type: type ?? "l_ssd", size: size) : .block(name: name, size: size, from: nil)
    }

    private func planRoot(_ image: Image, size: Int?, type: String?) throws(Refusal) -> PlannedVolume {
        let size = size ?? image.size
        guard size >= image.size else {
            throw .invalid("volumes.0.size", "constraint", "smaller than the image's \(image.size) bytes")
        }
        guard image.rootSnapshot != nil, type != "l_ssd" else {
            return .local(name: image.name, type: "l_ssd", size: size)
        }
        return .root(size: size, image: image)
    }

    private mutating func place(
        _ planned: PlannedVolume, key: Int, boot: Bool, on server: Server, at now: Instant
    ) {
        let id: String
        switch planned {
        case .existing(let volume): id = volume
        case .existingLocal(let volume): id = volume
        case .block(let name, let size, let snapshot):
            id = addVolume(
                name: name, project: server.project, zone: server.zone, size: size, iops: 5000, from: snapshot, at: now)
            volumes.update(id) { $0.base = .available }
        case .root(let size, let image):
            id = addVolume(
                name: "\(image.name)_sbs_volume_0", project: server.project, zone: server.zone, size: size,
                iops: 5000, from: image.rootSnapshot.flatMap { snapshots[$0] }, at: now)
            volumes.update(id) {
                $0.base = .available
                $0.parentSnapshot = image.rootSnapshot
            }
        case .local(let name, let type, let size):
            id = addLocalVolume(
                name: name, type: type, size: size, project: server.project, zone: server.zone, at: now)
        }
        attach(volume: id, key: key, boot: boot, to: server.id, status: .attached, at: now)
    }

    mutating func addLocalVolume(
        name: String, type: String, size: Int, project: String, zone: String, at now: Instant
    ) -> String {
        let id = randomness.identifier()
        localVolumes.insert(
            LocalVolume(
                id: id, zone: zone, name: name, project: project, organization: configuration.organization, type: type,
                size: size, createdAt: now, updatedAt: now, content: startLineage(id)),
            id: id)
        return id
    }
}
