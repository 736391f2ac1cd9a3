import HTTP
import Reconciler

/// The Instance API of one zone and project.
struct InstanceAPI: Sendable {
    let client: Client
    let zone: Zone
    let project: ResourceUUID

    private func path(_ rest: String) -> String { "/instance/v1/zones/\(zone)/\(rest)" }

    // MARK: Servers

    func servers() async throws(ProviderError) -> [InstanceServer] {
        let call = Call.get(
            path("servers"), query: [("project", project.text), ("order", "creation_date_asc")],
            to: "list the servers of \(zone)")
        return try await client.everything(call)
            .filter { $0.project == project.text && $0.zone == zone.text }
    }

    /// Asks for one server, so that a wrong key is noticed for little.
    func probe() async throws(ProviderError) {
        let call = Call.get(
            path("servers"), query: [("project", project.text), ("page", "1"), ("per_page", "1")],
            to: "use the account in \(zone)")
        _ = try await client.answer(call, as: ListingPage<InstanceServer>.self)
    }

    func server(_ id: ResourceUUID) async throws(ProviderError) -> InstanceServer {
        let call = Call.get(path("servers/\(id)"), to: "read server \(id)", about: id)
        return try await client.content(call)
    }

    func createServer(_ request: CreateServer) async throws(ProviderError) -> InstanceServer {
        let call = Call.sending(request, by: .post, path("servers"), to: "create server \(printable(request.name))")
        return try await client.content(call)
    }

    func update(_ id: ResourceUUID, _ change: ServerChange) async throws(ProviderError) {
        let call = Call.sending(change, by: .patch, path("servers/\(id)"), to: "change server \(id)", about: id)
        try await client.perform(call)
    }

    /// The answer holds a task that never changes; the server itself tells how far it is.
    func act(_ action: ServerAction, on id: ResourceUUID) async throws(ProviderError) {
        let call = Call.sending(
            ["action": action.rawValue], by: .post, path("servers/\(id)/action"), to: "\(action.words) server \(id)",
            about: id)
        try await client.perform(call)
    }

    func deleteServer(_ id: ResourceUUID) async throws(ProviderError) {
        try await client.delete(.delete(path("servers/\(id)"), to: "delete server \(id)", about: id))
    }

    func attach(_ volume: ResourceUUID, to server: ResourceUUID) async throws(ProviderError) {
        let call = Call.sending(
            ["volume_id": volume.text, "volume_type": "sbs_volume"], by: .post, path("servers/\(server)/attach-volume"),
            to: "attach disk \(volume) to server \(server)", about: server)
        try await client.perform(call)
    }

    func detach(_ volume: ResourceUUID, from server: ResourceUUID) async throws(ProviderError) {
        let call = Call.sending(
            ["volume_id": volume.text], by: .post, path("servers/\(server)/detach-volume"),
            to: "detach disk \(volume) from server \(server)", about: server)
        try await client.perform(call)
    }

    // MARK: User data

    func userDataKeys(of server: ResourceUUID) async throws(ProviderError) -> [String] {
        struct Answer: Decodable {
            let keys: [String]
            enum CodingKeys: String, CodingKey { case keys = "user_data" }
        }
        let call = Call.get(
            path("servers/\(server)/user_data"), to: "read the user data of server \(server)", about: server)
        return try await client.answer(call, as: Answer.self).keys
    }

    func setCloudInit(_ text: String, of server: ResourceUUID) async throws(ProviderError) {
        let call = Call(
            method: .patch, path: path("servers/\(server)/user_data/cloud-init"), body: .text(Array(text.utf8)),
            purpose: "set the cloud-init text of server \(server)", subject: .resource(server))
        try await client.perform(call)
    }

    func removeCloudInit(of server: ResourceUUID) async throws(ProviderError) {
        let call = Call.delete(
            path("servers/\(server)/user_data/cloud-init"), to: "remove the cloud-init text of server \(server)",
            about: server)
        try await client.delete(call)
    }

    // MARK: Catalogue

    func serverTypes() async throws(ProviderError) -> [String: ServerType] {
        let call = Call.get(path("products/servers"), to: "list the types of servers of \(zone)")
        return try await catalogue(call)
    }

    /// By type: `available`, `scarce` or `shortage`.
    func availability() async throws(ProviderError) -> [String: String] {
        let call = Call.get(path("products/servers/availability"), to: "ask which servers \(zone) has left")
        return try await catalogue(call).mapValues { (entry: Availability) in entry.availability }
    }

    /// How many servers the project has in the zone.
    func serverCounts() async throws(ProviderError) -> ServerCounts {
        struct Answer: Decodable { let dashboard: ServerCounts }
        let call = Call.get(
            path("dashboard"), query: [("project", project.text)], to: "count the servers of \(zone)")
        return try await client.answer(call, as: Answer.self).dashboard
    }

    /// Reads a list that is answered as an object, by name, and yet in pages.
    private func catalogue<Entry: Decodable & Hashable & Sendable>(
        _ call: Call
    ) async throws(ProviderError) -> [String: Entry] {
        let entries: [CatalogueEntry<Entry>] = try await client.everything(call)
        return Dictionary(entries.map { ($0.id, $0.entry) }) { first, _ in first }
    }

    func image(_ id: ResourceUUID) async throws(ProviderError) -> InstanceImage {
        let call = Call.get(path("images/\(id)"), to: "read image \(id)", about: id)
        return try await client.content(call)
    }
}

/// What the Instance API lists by name: the pages of such a listing are objects.
private struct CatalogueEntry<Entry: Decodable & Hashable & Sendable>: Listed {
    static var listing: ListingStyle { .instance("servers") }

    let id: String
    let entry: Entry

    static func items(
        of page: KeyedDecodingContainer<MemberName>, named name: MemberName
    ) throws -> [Self] {
        try page.decode([String: Entry].self, forKey: name).map { Self(id: $0.key, entry: $0.value) }
    }
}

private struct Availability: Decodable, Hashable, Sendable { let availability: String }

/// What can be asked of a server. There is no `terminate`: it would delete local disks with the server.
enum ServerAction: String, Sendable {
    case powerOn = "poweron"
    case powerOff = "poweroff"

    fileprivate var words: String {
        switch self {
        case .powerOn: "power on"
        case .powerOff: "power off"
        }
    }
}

/// A server to be made. It is made powered off.
struct CreateServer: Encodable, Sendable {
    var name: String
    var type: String
    var project: String
    var tags: [String]
    /// Always sent: without it Scaleway gives every server a public address.
    var dynamicIPRequired: Bool
    /// `nil`: boots from the disk at key `0` of ``volumes``.
    var image: String?
    /// Key `0` is the disk that it boots from. `nil` leaves it to the image: an empty map would ask for no disk at all.
    var volumes: [String: Template]?
    let bootType = "local"

    struct Template: Encodable, Sendable {
        var id: String?
        var size: Int64?
        let boot = false
        let kind = "sbs_volume"

        private enum CodingKeys: String, CodingKey {
            case id, size, boot
            case kind = "volume_type"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case name, project, tags, image, volumes
        case type = "commercial_type"
        case dynamicIPRequired = "dynamic_ip_required"
        case bootType = "boot_type"
    }
}

/// A change of a server; `nil` leaves a field alone. Disks are not among them: sending any would detach all others.
struct ServerChange: Encodable, Hashable, Sendable {
    var tags: [String]?
    var type: String?
    var dynamicIPRequired: Bool?
    var protected: Bool?
    var securityGroup: Named?

    private enum CodingKeys: String, CodingKey {
        case tags, protected
        case type = "commercial_type"
        case dynamicIPRequired = "dynamic_ip_required"
        case securityGroup = "security_group"
    }
}
