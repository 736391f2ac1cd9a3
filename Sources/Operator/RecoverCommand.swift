import ArgumentParser
import Instances
import Reconciler

struct RecoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Bring back records from the tags of what exists, after a status branch was lost or rolled back.",
        discussion: """
            Shows, for every instance whose record is missing or older than what exists, what the tags say. Nothing is \
            changed: read the proposal, look at the resources, and only then

              operator recover --accept --repo PATH|URL

            writes it to the status branch. Where a copy of the status branch exists, pushing that back is better. What has \
            to be stopped before, and what to compare, is in docs/recovery.md. An operator that still runs on this host, with \
            the same state directory, is waited for as long as --timeout says.

            Exit codes: 0 nothing to recover, or all was accepted; 1 wrong usage, such as a name that nobody has; 2 there are \
            proposals; 3 some instance has none, the others are proposed or accepted; 7 another operator uses the state \
            directory; 8 git cannot be read, or nothing was accepted because a provider did not answer; 10 the status branch \
            could not be written.
            """)

    @Flag(help: "Write the proposed records to the status branch.")
    var accept = false

    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var pass: PassArguments

    func run() async throws {
        let environment = Environment.process
        let settings = try RepositorySettings(repository, environment: environment)
        let session: Session
        do {
            session = try await Session(
                settings: settings, environment: environment, isQuiet: false, pass: pass, acceptsStatusRewrite: true)
        } catch let trouble as StateDirectory.Trouble {
            try fail(trouble.description, code: trouble.report.exitCodes[0].rawValue)
        }
        let options = try pass.options(
            acceptsRewrite: settings.acceptsRewrite, lock: session.lockHolder(environment: environment),
            environment: environment)
        var reconciler = Reconciler(
            repository: session.repository, surroundings: session.surroundings(), options: options)
        let report = await reconciler.proposeRecovery()
        if let trouble = report.trouble { try fail(trouble, code: report.isMisuse ? 1 : 8) }
        print(text(of: report), to: 1)
        guard accept else {
            if !report.proposals.isEmpty { print("nothing was changed; --accept writes this\n", to: 2) }
            throw ArgumentParser.ExitCode(report.refusals.isEmpty ? (report.proposals.isEmpty ? 0 : 2) : 3)
        }
        if !report.notLookedAt.isEmpty {
            let names = report.notLookedAt.sorted().map(\.text).joined(separator: ", ")
            try fail(
                "nothing was accepted, because nobody knows what there is of \(names): run this again, or accept the others "
                    + "alone with --only", code: 8)
        }
        try await refuseSecondBranch(of: Set(report.proposals.map(\.owner)), in: session.repository)
        if let why = await reconciler.accept(report.proposals) { try fail(why, code: 10) }
        try await session.repository.acceptStatusHead()
        print(
            report.proposals.isEmpty
                ? "accepted: the status branch counts as it is\n"
                : "accepted: \(report.proposals.count) records are on the status branch\n", to: 2)
        if !report.refusals.isEmpty { throw ArgumentParser.ExitCode(3) }
    }

    private func refuseSecondBranch(of lineages: Set<OwnerID>, in repository: GitRepository) async throws {
        for lineage in lineages.sorted() {
            let other: String?
            do { other = try await repository.otherBranch(of: lineage) } catch { try fail("\(error)", code: 8) }
            guard let other else { continue }
            try fail(
                "branch '\(other)' holds lineage \(lineage) already, and operators of two branches would delete what the "
                    + "other counts on. Recover into that branch, with --status-branch \(other) or without the option. If "
                    + "nobody is to use it any more, stop its operators and delete it first", code: 10)
        }
    }

    private func fail(_ why: String, code: Int32) throws -> Never {
        print("error: \(terminalText(why))\n", to: 2)
        throw ArgumentParser.ExitCode(code)
    }

    private func text(of report: RecoveryReport) -> String {
        var lines: [String] = []
        for proposal in report.proposals {
            lines.append("\(proposal.name) (uid \(proposal.record.uid), lineage \(proposal.owner)):")
            lines += proposal.findings.map { "  - \(terminalText($0))" }
        }
        for (name, why) in report.refusals.sorted(by: { $0.key < $1.key }) {
            lines.append("\(name): no proposal: \(terminalText(why))")
        }
        for (name, resources) in report.withoutManifest.sorted(by: { $0.key < $1.key }) {
            let ids = resources.map { terminalText("\($0)") }.joined(separator: ", ")
            lines.append(
                "\(terminalText(name)): no proposal: there is no manifest of it, but \(ids). If that is yours, bring the "
                    + "manifest back before anything is accepted")
        }
        if !report.unheardOf.isEmpty {
            let names = report.unheardOf.map(\.text).joined(separator: ", ")
            lines.append(
                "neither a record nor a resource with these credentials: \(names). What exists of them is in another account "
                    + "or gone; otherwise they are new, and are made with empty disks")
        } else if lines.isEmpty {
            lines.append("nothing to recover: records and resources agree")
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
