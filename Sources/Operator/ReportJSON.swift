import FoundationEssentials
import Instances
import Reconciler
import YAML

/// The one document that `--output json` prints. Fields are only ever added.
struct ReportJSON: Encodable {
    struct Instance: Encodable {
        var name: String
        /// `settled`, `suspended`, `retained`, `pending`, `converging`, `failed`, `blocked`, `invalid` or `unknown`.
        var outcome: String
        var reason: String
        var message: String
        /// Of a plan: what would be done, in order.
        var steps: [Step]?
    }

    struct Step: Encodable {
        var reason: String
        var message: String
    }

    struct Problem: Encodable {
        var file: String
        var line: Int
        var column: Int
        var severity: String
        var message: String
        var instance: String?

        init(_ diagnostic: Diagnostic) {
            file = diagnostic.file
            line = diagnostic.mark.line
            column = diagnostic.mark.column
            severity = diagnostic.severity.rawValue
            message = diagnostic.text
            instance = diagnostic.instance?.text
        }
    }

    /// The one returned; see `exitCodes` for all that apply.
    var exitCode: Int32
    var exitCodes: [Int32]
    var commit: String?
    var instances: [Instance]
    var diagnostics: [Problem]
    /// Why git could not be read, who holds the lock, why the status was not published.
    var errors: [String]
    var interrupted: Bool

    init(_ report: PassReport, steps: [InstanceName: [Projection.Step]]? = nil) {
        exitCodes = report.exitCodes.map(\.rawValue)
        exitCode = exitCodes.first ?? 0
        commit = report.commit
        instances = report.instances.map { instance in
            Instance(
                name: instance.name.text, outcome: "\(instance.outcome)", reason: instance.explanation.reason,
                message: instance.explanation.message,
                steps: steps.map { steps in
                    (steps[instance.name] ?? []).map {
                        Step(reason: $0.explanation.reason, message: $0.explanation.message)
                    }
                })
        }
        diagnostics = report.diagnostics.map(Problem.init)
        errors = [report.misuse, report.unreachable, report.lockedBy.map { "locked by \($0)" }, report.unpublished]
            .compactMap { $0 }
        interrupted = report.isInterrupted
    }

    func text() throws -> String { try jsonText(self) }
}

func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
}
