import FoundationEssentials
import Reconciler

/// What `qemu-img` does for us. Source: qemu-img(1).
struct DiskImageTool: Sendable {
    enum Format: String { case raw, qcow2 }

    struct Information: Decodable {
        var virtualSize: Int64
        var backing: String?
        var specific: Specific?

        struct Specific: Decodable {
            var data: Data?
            struct Data: Decodable {
                var external: String?
                enum CodingKeys: String, CodingKey { case external = "data-file" }
            }
        }

        enum CodingKeys: String, CodingKey {
            case virtualSize = "virtual-size"
            case backing = "backing-filename"
            case specific = "format-specific"
        }

        /// Whether all of its content is in the file itself.
        var standsAlone: Bool { backing == nil && specific?.data?.external == nil }
    }

    /// The slowest disk that is still waited for, and what starting and ending may take.
    private static let slowestBytesPerSecond: Int64 = 4_000_000
    private static let patience = Duration.seconds(60)
    /// Copies at once, on all instances: more would only make the disk seek.
    private static let gate = Gate(places: 8)

    let program: String
    let cancellation: Cancellation

    /// Copies the content of an image into a new one that needs no other file, and flushes it.
    func convert(
        _ source: String, _ format: Format, to target: String, _ targetFormat: Format, bytes: Int64
    ) throws(ProviderError) {
        try Self.gate.pass { () throws(ProviderError) in
            _ = try run(["convert", "-q", "-f", format.rawValue, "-O", targetFormat.rawValue, source, target], bytes)
        }
        try FileSystem.synchronize(target)
    }

    /// Finds damage in the structure of a qcow2 file.
    func check(_ path: String, bytes: Int64) throws(ProviderError) {
        try run(["check", "-q", "-f", Format.qcow2.rawValue, path], bytes)
    }

    /// Compares the content of a raw image and a qcow2 image, byte by byte.
    func compare(raw: String, qcow2: String, bytes: Int64) throws(ProviderError) {
        try Self.gate.pass { () throws(ProviderError) in
            _ = try run(["compare", "-q", "-f", "raw", "-F", "qcow2", raw, qcow2], bytes)
        }
    }

    func information(_ path: String, _ format: Format) throws(ProviderError) -> Information {
        let output = try run(["info", "--output=json", "-f", format.rawValue, path], 0)
        guard
            let information = try? JSONDecoder().decode(Information.self, from: FoundationEssentials.Data(output.utf8))
        else {
            throw ProviderError(.host, "\(program) says nothing that can be read about \(path): \(quoted(output))")
        }
        return information
    }

    @discardableResult
    private func run(_ arguments: [String], _ bytes: Int64) throws(ProviderError) -> String {
        let deadline = Self.patience + .seconds(bytes / Self.slowestBytesPerSecond)
        let outcome = try ChildProcess(program: program, arguments: arguments).run(deadline: deadline, cancellation)
        guard outcome.status == 0 else {
            let words = quoted(outcome.output)
            let isLocked = words.contains("Failed to get")
            let remedy = words.contains("No space left on device") ? "; make room there, then run again" : ""
            throw ProviderError(
                isLocked ? .conflict : .host,
                "qemu-img \(arguments[0]) failed on \(arguments.last ?? ""): \(words)\(remedy)")
        }
        return outcome.output
    }
}
