import Instances

/// A server of the Instance API, as far as the operator reads it.
///
/// Fields that every recorded answer has are required: a server without tags would look like somebody else's. Words of
/// enumerations stay words, because the API adds new ones.
struct InstanceServer: Listed, Enveloped {
    static let listing = ListingStyle.instance("servers")
    static let envelope = "server"

    var id: String
    var name: String
    var project: String
    var zone: String
    var tags: [String]
    var state: String
    var stateDetail: String?
    var commercialType: String
    var volumes: [String: Volume]
    var publicIPs: [PublicAddress]
    var dynamicIPRequired: Bool?
    var protected: Bool?
    var privateNICs: [PrivateNIC]
    var securityGroup: Named?
    var image: Image?
    var createdAt: Timestamp?

    /// A disk as the server sees it: of a disk of the Block API there is little more than the id.
    struct Volume: Decodable, Hashable, Sendable {
        var id: String
        var kind: String
        var name: String?
        var size: Int64?

        private enum CodingKeys: String, CodingKey {
            case id, name, size
            case kind = "volume_type"
        }
    }

    struct PublicAddress: Decodable, Hashable, Sendable {
        var id: String
        var address: String?
        var family: String?
        var dynamic: Bool?
    }

    struct Image: Decodable, Hashable, Sendable { var id: String }
}

extension InstanceServer {
    private enum CodingKeys: String, CodingKey {
        case id, name, project, zone, tags, state, volumes, protected, image
        case stateDetail = "state_detail"
        case commercialType = "commercial_type"
        case publicIPs = "public_ips"
        case dynamicIPRequired = "dynamic_ip_required"
        case privateNICs = "private_nics"
        case securityGroup = "security_group"
        case createdAt = "creation_date"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(String.self, forKey: .id)
        name = try fields.decode(String.self, forKey: .name)
        project = try fields.decode(String.self, forKey: .project)
        zone = try fields.decode(String.self, forKey: .zone)
        tags = try fields.list(.tags)
        state = try fields.decode(String.self, forKey: .state)
        stateDetail = try fields.decodeIfPresent(String.self, forKey: .stateDetail)
        commercialType = try fields.decode(String.self, forKey: .commercialType)
        volumes = try fields.decodeNil(forKey: .volumes) ? [:] : fields.decode([String: Volume].self, forKey: .volumes)
        // Absent in answers of 2021.
        publicIPs = try fields.decodeIfPresent([PublicAddress].self, forKey: .publicIPs) ?? []
        dynamicIPRequired = try fields.decodeIfPresent(Bool.self, forKey: .dynamicIPRequired)
        protected = try fields.decodeIfPresent(Bool.self, forKey: .protected)
        privateNICs = try fields.decodeIfPresent([PrivateNIC].self, forKey: .privateNICs) ?? []
        securityGroup = try fields.decodeIfPresent(Named.self, forKey: .securityGroup)
        image = try fields.decodeIfPresent(Image.self, forKey: .image)
        createdAt = fields.unimportantTime(.createdAt)
    }
}

/// An id with a name, as one resource speaks of another.
struct Named: Codable, Hashable, Sendable {
    var id: String
    /// `nil` where only the id was answered; a security group is sent with both.
    var name: String?
}

/// An interface of a server in a private network.
struct PrivateNIC: Listed {
    static let listing = ListingStyle.instance("private_nics")

    var id: String
    var network: String
    /// `available`, `syncing`, `syncing_error`.
    var state: String?

    private enum CodingKeys: String, CodingKey {
        case id, state
        case network = "private_network_id"
    }
}

/// A public address of the Instance API.
struct InstanceIP: Listed, Enveloped {
    static let listing = ListingStyle.instance("ips")
    static let envelope = "ip"

    var id: String
    var project: String
    var zone: String
    var tags: [String]
    var address: String?
    /// `routed_ipv4`, `routed_ipv6`.
    var type: String?
    var server: Named?
}

extension InstanceIP {
    private enum CodingKeys: String, CodingKey { case id, project, zone, tags, address, type, server }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(String.self, forKey: .id)
        project = try fields.decode(String.self, forKey: .project)
        zone = try fields.decode(String.self, forKey: .zone)
        tags = try fields.decodeIfPresent([String].self, forKey: .tags) ?? []
        address = try fields.decodeIfPresent(String.self, forKey: .address)
        type = try fields.decodeIfPresent(String.self, forKey: .type)
        server = try fields.decodeIfPresent(Named.self, forKey: .server)
    }
}

/// What may come in and go out of the servers that use it.
struct SecurityGroup: Shared, Enveloped {
    static let kind = "security group"
    static let listing = ListingStyle.instance("security_groups")
    static let envelope = "security_group"

    var id: String
    var name: String
    var project: String
    var zone: String
    var tags: [String]
    /// Who uses it, as far as that is said: Scaleway deletes no group that is in use.
    var servers: [Named]
    var inboundPolicy: String
    var outboundPolicy: String
    var stateful: Bool
    var projectDefault: Bool?
    /// `syncing` while a change spreads.
    var state: String?
    var createdAt: Timestamp?
    /// Moves with every change, of its rules too. Only compared.
    var modifiedAt: String?
}

extension SecurityGroup {
    private enum CodingKeys: String, CodingKey {
        case id, name, project, zone, tags, servers, stateful, state
        case createdAt = "creation_date"
        case modifiedAt = "modification_date"
        case inboundPolicy = "inbound_default_policy"
        case outboundPolicy = "outbound_default_policy"
        case projectDefault = "project_default"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(String.self, forKey: .id)
        name = try fields.decode(String.self, forKey: .name)
        project = try fields.decode(String.self, forKey: .project)
        zone = try fields.decode(String.self, forKey: .zone)
        tags = try fields.decodeIfPresent([String].self, forKey: .tags) ?? []
        servers = try fields.decodeIfPresent([Named].self, forKey: .servers) ?? []
        inboundPolicy = try fields.decode(String.self, forKey: .inboundPolicy)
        outboundPolicy = try fields.decode(String.self, forKey: .outboundPolicy)
        stateful = try fields.decode(Bool.self, forKey: .stateful)
        projectDefault = try fields.decodeIfPresent(Bool.self, forKey: .projectDefault)
        state = try fields.decodeIfPresent(String.self, forKey: .state)
        createdAt = fields.unimportantTime(.createdAt)
        modifiedAt = try fields.decodeIfPresent(String.self, forKey: .modifiedAt)
    }
}

/// One rule of a security group, as read and as sent.
struct SecurityGroupRule: Codable, Hashable, Sendable {
    var action: String
    /// `TCP`, `UDP`, `ICMP`, `ANY`.
    var `protocol`: String
    var direction: String
    var range: String
    /// `nil`: every port.
    var firstPort: Int?
    /// `nil`: only ``firstPort``.
    var lastPort: Int?
    var position: Int
    /// `false`: a rule of Scaleway's own, which cannot be changed.
    var editable: Bool?

    private enum CodingKeys: String, CodingKey {
        case action, `protocol`, direction, position, editable
        case range = "ip_range"
        case firstPort = "dest_port_from"
        case lastPort = "dest_port_to"
    }
}

/// How many servers there are.
struct ServerCounts: Decodable, Hashable, Sendable {
    var all: Int
    var byType: [String: Int]

    private enum CodingKeys: String, CodingKey {
        case all = "servers_count"
        case byType = "servers_by_types"
    }
}

/// What a type of server is and can do.
struct ServerType: Decodable, Hashable, Sendable {
    var arch: String
    var endOfService: Bool?
    var capabilities: Capabilities?

    struct Capabilities: Decodable, Hashable, Sendable {
        var blockStorage: Bool?
        /// How many interfaces in private networks.
        var privateNetworks: Int?

        private enum CodingKeys: String, CodingKey {
            case blockStorage = "block_storage"
            case privateNetworks = "private_network"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case arch, capabilities
        case endOfService = "end_of_service"
    }
}

/// An image of the project's own.
struct InstanceImage: Enveloped, Hashable, Sendable {
    static let envelope = "image"

    /// What it makes root disks from.
    struct Root: Decodable, Hashable, Sendable {
        /// `sbs_snapshot` is block storage; anything else makes a disk that ends with its server.
        var kind: String

        private enum CodingKeys: String, CodingKey { case kind = "volume_type" }
    }

    var id: String
    var arch: String
    /// `available`, `creating`, `error`.
    var state: String
    var root: Root?

    private enum CodingKeys: String, CodingKey {
        case id, arch, state
        case root = "root_volume"
    }
}
