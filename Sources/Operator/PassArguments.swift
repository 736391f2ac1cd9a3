import ArgumentParser
import Instances
import Reconciler

/// How a pass behaves; shared by `reconcile`, `run` and `plan`.
struct PassArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Look only at this instance; may be repeated. (OPERATOR_ONLY)", valueName: "name"))
    var only: [String] = []

    @Option(help: ArgumentHelp("When to give up waiting; default 10m. (OPERATOR_TIMEOUT)", valueName: "time"))
    var timeout: TimeSpan?

    @Option(
        help: ArgumentHelp("Longest pause between two looks; default 3s. (OPERATOR_POLL_INTERVAL)", valueName: "time"))
    var pollInterval: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "How long a provider may take to list what a lost call has made; default 30s. (OPERATOR_SETTLE_TIME)",
            valueName: "time"))
    var settleTime: TimeSpan?

    @Option(help: ArgumentHelp("Stop at most this many servers in one pass. (OPERATOR_MAX_STOPS)", valueName: "n"))
    var maxStops: UInt?

    @Option(
        help: ArgumentHelp(
            "Let so many manifests be removed at once without an approval, whatever the number of all; default 3, or a "
                + "fifth of all. (OPERATOR_MAX_REMOVALS)", valueName: "n"))
    var maxRemovals: UInt?

    @Option(
        help: ArgumentHelp(
            "Put up with so many resources that vanish at once, whatever the number of all; default 1, or a fifth of all. "
                + "(OPERATOR_MAX_VANISHED)", valueName: "n"))
    var maxVanished: UInt?

    private func names(_ environment: Environment) throws -> Set<InstanceName> {
        try Set(
            (only.isEmpty ? environment.list("OPERATOR_ONLY") : only).map { text in
                guard let name = InstanceName(text) else { throw ValidationError("'\(text)' is no instance name.") }
                return name
            })
    }

    func timeLimit(_ environment: Environment) throws -> Duration {
        try (timeout ?? environment.option("OPERATOR_TIMEOUT"))?.duration ?? .seconds(600)
    }

    func settleTime(_ environment: Environment) throws -> Duration {
        try (settleTime ?? environment.option("OPERATOR_SETTLE_TIME"))?.duration ?? PassOptions.usualSettleTime
    }

    private func limits(_ environment: Environment) throws -> GuardLimits {
        var limits = GuardLimits()
        limits.stops = try (maxStops ?? environment.option("OPERATOR_MAX_STOPS")).map { Int(clamping: $0) }
        if let number = try maxRemovals ?? environment.option("OPERATOR_MAX_REMOVALS") {
            limits.removals = GuardLimits.Share(Int(clamping: number), percent: 0)
        }
        if let number = try maxVanished ?? environment.option("OPERATOR_MAX_VANISHED") {
            limits.vanished = GuardLimits.Share(Int(clamping: number), percent: 0)
        }
        return limits
    }

    func options(
        acceptsRewrite: Bool, lock: LockHolder, environment: Environment
    ) throws -> PassOptions {
        PassOptions(
            only: try names(environment),
            timeout: try timeLimit(environment),
            pollInterval: try (pollInterval ?? environment.option("OPERATOR_POLL_INTERVAL"))?.duration ?? .seconds(3),
            settleTime: try settleTime(environment),
            limits: try limits(environment), lock: lock,
            acceptsRewrite: acceptsRewrite)
    }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json
}

struct OutputOptions: ParsableArguments {
    @Option(help: "text for people, json for scripts: one document. (OPERATOR_OUTPUT)")
    var output: OutputFormat?

    func format(_ environment: Environment) throws -> OutputFormat {
        try output ?? environment.option("OPERATOR_OUTPUT") ?? .text
    }
}
