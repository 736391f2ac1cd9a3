import CLibGit2

/// The name of a git object: the SHA-1 of its type, size and bytes.
///
/// `Kind` only keeps a commit from being taken for a blob.
public struct ObjectID<Kind>: Hashable, Sendable {
    private let first: UInt64
    private let second: UInt64
    private let third: UInt32

    /// - Parameter hex: forty hexadecimal digits; anything else gives nil.
    public init?(_ hex: String) {
        Library.start
        var oid = git_oid()
        guard hex.utf8.count == hexDigits, git_oid_fromstr(&oid, hex) == 0 else { return nil }
        self.init(oid)
    }

    init(_ oid: git_oid) {
        (first, second, third) = withUnsafeBytes(of: oid) {
            (
                $0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                $0.loadUnaligned(fromByteOffset: 16, as: UInt32.self)
            )
        }
    }

    /// The same name, as libgit2 wants it.
    var oid: git_oid {
        var oid = git_oid()
        withUnsafeMutableBytes(of: &oid) {
            $0.storeBytes(of: first, as: UInt64.self)
            $0.storeBytes(of: second, toByteOffset: 8, as: UInt64.self)
            $0.storeBytes(of: third, toByteOffset: 16, as: UInt32.self)
        }
        return oid
    }

    /// Whether this is the name that git uses for "no object".
    var isZero: Bool { first == 0 && second == 0 && third == 0 }
}

extension ObjectID: CustomStringConvertible {
    /// Forty lower-case hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return withUnsafeBytes(of: oid) { bytes in
            String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        }
    }
}

private let hexDigits = 40

public enum CommitKind {}
public enum BlobKind {}
enum TreeKind {}

public typealias CommitID = ObjectID<CommitKind>
public typealias BlobID = ObjectID<BlobKind>
typealias TreeID = ObjectID<TreeKind>
