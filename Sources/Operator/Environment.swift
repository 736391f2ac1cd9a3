import ArgumentParser
import Glibc

/// The process's environment, where options that are not on the command line are looked up.
struct Environment: Sendable {
    let values: [String: String]

    static let process = Environment(values: readProcess())

    subscript(name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// The value of an option that was not given: `OPERATOR_` and its name.
    func option<Value: ExpressibleByArgument>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
        guard let text = self[name] else { return nil }
        guard let value = Value(argument: text) else {
            throw ValidationError("\(name) is '\(text)', which cannot be read as \(hint(type)).")
        }
        return value
    }

    /// Several values, separated by colons.
    func list(_ name: String) -> [String] {
        self[name]?.split(separator: ":").map(String.init) ?? []
    }

    func flag(_ name: String) throws -> Bool {
        switch self[name] {
        case nil, "0", "false": return false
        case "1", "true": return true
        case let text?: throw ValidationError("\(name) is '\(text)'; it is either true or false.")
        }
    }

    private func hint<Value>(_ type: Value.Type) -> String {
        if type == TimeSpan.self { return "a duration such as 90s or 10m" }
        return type == UInt.self ? "a whole number from 0" : "\(type)"
    }

    private static func readProcess() -> [String: String] {
        var values: [String: String] = [:]
        var entry = environ
        while let raw = entry.pointee {
            let pair = String(cString: raw).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { values[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return values
    }
}
