import YAML

/// `instances/NAME.yaml`: status and record of one instance, and the branch that both belong to.
public struct InstanceFile: Hashable, Sendable {
    /// Where they all are, with the slash.
    public static let folder = "instances/"
    private static let suffix = ".yaml"
    private static let apiVersion = "operator/v1"
    private static let kind = "InstanceStatus"
    /// A line of a small mapping that still reads well beside another file.
    private static let flow = Flow.fitting(columns: 160)

    public var name: InstanceName
    /// ``OwnerID`` of the branch; `nil` where it cannot be read.
    public var lineage: OwnerID?
    /// `nil` where it is missing or damaged; nothing rests on it.
    public var status: InstanceStatus?
    /// `nil` where there is none yet.
    public var record: Result<Record?, RecordError>

    public init(name: InstanceName, lineage: OwnerID?, status: InstanceStatus?, record: Result<Record?, RecordError>) {
        self.name = name
        self.lineage = lineage
        self.status = status
        self.record = record
    }

    /// The record, as far as it may be relied on in a branch of this lineage.
    func record(in lineage: Lineage) -> Result<Record?, RecordError> {
        guard case .known(let expected) = lineage, let found = self.lineage, found != expected else { return record }
        return .failure(.otherLineage(found: found, expected: expected))
    }

    /// Why the record may not be relied on; `nil` where it may.
    func trouble(in lineage: Lineage) -> Explanation? {
        guard case .failure(let error) = record(in: lineage) else { return nil }
        return error.explanation(file: Self.path(of: name))
    }

    public static func path(of name: InstanceName) -> String { folder + name.text + suffix }

    /// - Returns: `nil` where the path is not that of an instance's file.
    public static func name(path: String) -> InstanceName? {
        guard path.hasPrefix(folder), path.hasSuffix(suffix) else { return nil }
        return InstanceName(String(path.dropFirst(folder.count).dropLast(suffix.count)))
    }

    /// What is written. The record is always there, as `null` if need be: one that was cut out by hand is noticed.
    public static func bytes(
        name: InstanceName, lineage: OwnerID, status: InstanceStatus?, record: Record?
    ) -> [UInt8] {
        write(
            .mapping([
                ("apiVersion", .text(apiVersion)), ("kind", .text(kind)),
                ("metadata", .mapping([("name", .text(name.text)), ("lineage", .text(lineage.text))])),
                ("status", status?.node ?? .plain("null")), ("record", record?.node ?? .plain("null")),
            ]), flow: flow)
    }

    /// Reads a file, whatever is in it.
    public init(name: InstanceName, bytes: [UInt8]) {
        self.init(name: name, lineage: nil, status: nil, record: .success(nil))
        do throws(YAMLError) {
            let documents = try parse(bytes, limits: .status)
            guard let document = documents.first, let fields = StatusFields(document) else {
                record = .failure(.broken(.start, "the file holds no status"))
                return
            }
            lineage = fields.fields("metadata")?.lineage("lineage")
            status = fields.node("status").flatMap { InstanceStatus(node: $0, name: name) }
            record = Result { () throws(RecordError) in try Self.record(of: name, in: document, fields) }
        } catch {
            record = .failure(.broken(error.mark, "\(error.reason)"))
        }
    }

    private static func record(
        of name: InstanceName, in document: Node, _ fields: StatusFields
    ) throws(RecordError) -> Record? {
        let version = fields.text("apiVersion") ?? ""
        guard version == apiVersion, fields.text("kind") == kind else {
            let mark = fields.node("apiVersion")?.mark ?? document.mark
            throw version.hasPrefix("operator/") && version != apiVersion
                ? .newer(mark, "apiVersion is \(terminalText(version, limit: 60)), this operator knows \(apiVersion)")
                : .broken(mark, "the file is not of kind \(kind), \(apiVersion)")
        }
        let metadata = fields.fields("metadata")
        guard metadata?.text("name") == name.text else {
            throw .broken(metadata?.node("name")?.mark ?? document.mark, "metadata.name must be \(name)")
        }
        guard metadata?.lineage("lineage") != nil else {
            throw .broken(fields.node("metadata")?.mark ?? document.mark, "metadata.lineage is missing or is none")
        }
        guard let node = fields.node("record") else { throw .broken(document.mark, "the record was taken out") }
        if case .scalar(let scalar) = node.content, scalar.isNull { return nil }
        let record = try Record(node: node)
        guard record.name == name else { throw .broken(node.mark, "record.name must be \(name)") }
        return record
    }
}
