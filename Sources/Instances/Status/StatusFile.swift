/// A file of the status branch as the operator writes it: what it says, and its bytes for whom needs them.
public enum StatusFile: Hashable, Sendable {
    indirect case instance(name: InstanceName, lineage: OwnerID, status: InstanceStatus?, record: Record?)
    case readme(FleetStatus)
    case index(FleetStatus)
    case lock(Lock)

    public var path: String {
        switch self {
        case .instance(let name, _, _, _): InstanceFile.path(of: name)
        case .readme: StatusReadme.path
        case .index: StatusIndex.path
        case .lock: Lock.path
        }
    }

    public var bytes: [UInt8] {
        switch self {
        case .instance(let name, let lineage, let status, let record):
            InstanceFile.bytes(name: name, lineage: lineage, status: status, record: record)
        case .readme(let fleet): StatusReadme.bytes(fleet)
        case .index(let fleet): StatusIndex.bytes(fleet)
        case .lock(let lock): lock.bytes
        }
    }
}
