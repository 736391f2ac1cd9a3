import Instances
import Reconciler

/// Where everything of the local provider is kept:
///
///     identity                    what this directory is; minted once
///     lock                        byte 0: a commit is going on; the others: somebody works on the resource of that hash
///     accelerator.json            whether KVM works here
///     disks/ID.raw, ID.json       content and metadata
///     snapshots/ID.qcow2, ID.json the same; no snapshot needs another file
///     servers/ID/                 server.json; of a running machine also pid, qmp and serial.log
///     work/OPERATION/             what an operation that is not complete has made so far
///
/// Metadata is the truth. Whatever an operation changes appears in one step, see ``Workspace``.
struct StateDirectory: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case server = "srv"
        case disk = "dsk"
        case snapshot = "snp"

        var folder: String {
            switch self {
            case .server: "servers"
            case .disk: "disks"
            case .snapshot: "snapshots"
            }
        }
    }

    let path: String

    // MARK: Ids and paths

    /// Random, so that an id is never used twice. At most 20 characters, the longest serial number of a virtio disk.
    static func newID(_ kind: Kind) -> String { "\(kind.rawValue)-\(randomDigits())" }

    /// 16 hexadecimal digits.
    static func randomDigits() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Ids come out of records and file names, so they are looked at before they become part of a path.
    static func isID(_ text: some StringProtocol, _ kind: Kind) -> Bool {
        guard text.hasPrefix(kind.rawValue + "-") else { return false }
        let digits = text.utf8.dropFirst(kind.rawValue.utf8.count + 1)
        return digits.count == 16
            && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    func absolute(_ relative: String) -> String { "\(path)/\(relative)" }
    func content(ofDisk id: String) -> String { absolute("disks/\(id).raw") }
    func content(ofSnapshot id: String) -> String { absolute("snapshots/\(id).qcow2") }
    func folder(ofServer id: String) -> String { absolute("servers/\(id)") }

    /// Relative, as ``Changes`` want it.
    static func metadata(_ kind: Kind, _ id: String) -> String {
        kind == .server ? "servers/\(id)/server.json" : "\(kind.folder)/\(id).json"
    }

    // MARK: Identity

    /// What this directory is. A fresh one gets its identity here.
    ///
    /// - Throws: where the identity is gone although something is kept here.
    func identity() throws(ProviderError) -> String {
        if let identity = try recordedIdentity() { return identity }
        guard path.hasPrefix("/"), !path.utf8.contains(where: { $0 < 0x20 }) else {
            throw ProviderError(.invalid, "the state directory is to be an absolute path, not \"\(path)\"")
        }
        try makeFolders()
        let lock = try commitLock(.exclusive)
        defer { withExtendedLifetime(lock) {} }
        if let identity = try recordedIdentity() { return identity }
        for kind in Kind.allCases where try FileSystem.entries(of: absolute(kind.folder))?.isEmpty == false {
            throw ProviderError(
                .host, "\(path) holds \(kind.folder) but its file `identity` is missing; restore that file")
        }
        let identity = "local-" + Self.randomDigits()
        let fresh = absolute("work/\(Self.randomDigits())")
        try FileSystem.create(fresh, Array((identity + "\n").utf8))
        try FileSystem.rename(fresh, to: absolute("identity"))
        try FileSystem.synchronize(path)
        return identity
    }

    /// - Returns: `nil` where there is none.
    func recordedIdentity() throws(ProviderError) -> String? {
        guard let bytes = try FileSystem.read(absolute("identity")) else { return nil }
        let text = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        guard text.hasPrefix("local-"), text.utf8.count == 22 else {
            throw ProviderError(.host, "\(absolute("identity")) is damaged; restore that file")
        }
        return text
    }

    private func makeFolders() throws(ProviderError) {
        var partial = ""
        for component in path.split(separator: "/") {
            partial += "/" + component
            if !FileSystem.exists(partial) { try FileSystem.makeFolder(partial) }
        }
        for folder in Kind.allCases.map(\.folder) + ["work"] { try FileSystem.makeFolder(absolute(folder)) }
    }

    // MARK: Locks

    /// The right to work on some resources, until it goes out of scope.
    ///
    /// - Throws: `conflict` where somebody else works on one of them.
    func lease(_ ids: [String]) throws(ProviderError) -> RangeLock {
        guard let lease = try leaseIfFree(ids) else {
            throw ProviderError(.conflict, "another operation works on \(ids.joined(separator: " or "))")
        }
        return lease
    }

    func leaseIfFree(_ ids: [String]) throws(ProviderError) -> RangeLock? {
        try RangeLock(absolute("lock"), bytes: Self.lockBytes(ids), .exclusive)
    }

    /// In ascending order; byte 0 is the commit lock's.
    static func lockBytes(_ ids: [String]) -> [Int64] {
        Set(ids.map { id in 1 + Int64((UInt64(id.suffix(16), radix: 16) ?? 0) >> 2) }).sorted()
    }
}

extension StateDirectory {
    /// Reads one document; `nil` where there is no such resource.
    func load<Document: Metadata>(
        _ type: Document.Type, _ kind: Kind, _ id: String
    ) throws(ProviderError) -> Document? {
        guard Self.isID(id, kind) else { return nil }
        let path = absolute(Self.metadata(kind, id))
        guard let bytes = try FileSystem.read(path) else {
            let remains = kind == .server ? folder(ofServer: id) : content(of: kind, id)
            guard !FileSystem.exists(remains) else {
                throw ProviderError(.host, "\(path) is missing but \(remains) is there; restore the missing file")
            }
            return nil
        }
        return try Document(bytes: bytes, path: path, expected: id)
    }

    /// Reads every document of one kind, in the order of their ids.
    ///
    /// - Throws: where one of them is missing or damaged; a shorter list would look like something was deleted.
    func loadAll<Document: Metadata>(_ type: Document.Type, _ kind: Kind) throws(ProviderError) -> [Document] {
        guard let names = try FileSystem.entries(of: absolute(kind.folder)) else {
            throw ProviderError(.host, "\(absolute(kind.folder)) is missing")
        }
        let ids = Set(names.map { String($0.prefix { $0 != "." }) }).filter { Self.isID($0, kind) }
        var documents: [Document] = []
        for id in ids.sorted() {
            guard let document = try load(type, kind, id) else {
                throw ProviderError(.host, "\(absolute(kind.folder)) changes while it is read")
            }
            documents.append(document)
        }
        return documents
    }

    private func content(of kind: Kind, _ id: String) -> String {
        kind == .disk ? content(ofDisk: id) : content(ofSnapshot: id)
    }
}
