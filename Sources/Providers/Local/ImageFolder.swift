import Instances
import Reconciler

/// The images that the host offers: `NAME.qcow2` and `NAME.raw` in one folder.
struct ImageFolder: Sendable {
    struct Image {
        var path: String
        var format: DiskImageTool.Format
    }

    /// `nil`: the host offers none besides the built-in one.
    let path: String?

    /// Looks an image up by the name in a manifest, which can never be a path.
    ///
    /// - Throws: `invalid`, for people, where there is not exactly one such image.
    func image(_ name: String) throws(ProviderError) -> Image {
        guard !name.isEmpty, !name.hasPrefix("."), name.utf8.allSatisfy(Self.isAllowed) else {
            throw ProviderError(
                .invalid, "an image is named by letters, digits, `.`, `_` and `-`; it is not a path: \(quoted(name))")
        }
        guard let path else {
            throw ProviderError(
                .invalid,
                "there is no image \(name): only \(CounterGuest.imageName) is built in, and this host's "
                    + "configuration names no folder of images")
        }
        let found = [DiskImageTool.Format.qcow2, .raw].map { Image(path: "\(path)/\(name).\($0.rawValue)", format: $0) }
            .filter { FileSystem.exists($0.path) }
        if found.count > 1 {
            throw ProviderError(.invalid, "image \(name) is in \(path) both as .qcow2 and as .raw; remove one")
        }
        guard let image = found.first else {
            throw ProviderError(.invalid, "there is no image \(name) in \(path); there is \(try offer())")
        }
        return image
    }

    private func offer() throws(ProviderError) -> String {
        let names = try (path.flatMap { path throws(ProviderError) in try FileSystem.entries(of: path) } ?? [])
            .filter { $0.hasSuffix(".qcow2") || $0.hasSuffix(".raw") }
            .map { String($0[..<($0.lastIndex(of: ".") ?? $0.endIndex)]) }
        return ([CounterGuest.imageName] + names).map(quoted).joined(separator: ", ")
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
