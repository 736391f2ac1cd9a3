import FoundationEssentials
import Glibc
import ScalewayEmulator

/// Keeps the account between two runs of the program.
struct StateFile {
    let path: String

    enum Failure: Error, CustomStringConvertible {
        case unreadable(String, reason: String)
        case unwritable(String, reason: String)

        var description: String {
            switch self {
            case .unreadable(let path, let reason): "cannot read the state in \(path): \(reason)"
            case .unwritable(let path, let reason): "cannot write the state to \(path): \(reason)"
            }
        }
    }

    /// - Returns: nil where there is no file yet.
    func read() throws(Failure) -> Emulator? {
        guard access(path, F_OK) == 0 else { return nil }
        do {
            return try JSONDecoder().decode(Emulator.self, from: Data(contentsOf: URL(filePath: path)))
        } catch {
            throw .unreadable(path, reason: "\(error)")
        }
    }

    func write(_ emulator: Emulator) throws(Failure) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            try encoder.encode(emulator).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw .unwritable(path, reason: "\(error)")
        }
    }
}
