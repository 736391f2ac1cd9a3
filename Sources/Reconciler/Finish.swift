import Instances

extension Reconciler {
    /// Publishes how things stand, and gives the lock back.
    mutating func finish(_ round: Round) async -> PassReport {
        var report = report(of: round)
        if round.lockedBy == nil, round.unpublished == nil {
            let published = await publish(records: [:], round: round, final: true)
            report.unpublished = published.failure ?? (published.isThere ? nil : Self.everybodyElsePushed)
        }
        for instance in report.instances where instance.outcome == .settled {
            surroundings.say(.settled(instance.name, instance.explanation))
        }
        return report
    }

    private static var everybodyElsePushed: String {
        "others pushed to the status branch first, \(pushesInARow) times in a row"
    }

    func report(of round: Round) -> PassReport {
        var report = PassReport()
        report.commit = configuration?.commit
        report.diagnostics = round.diagnostics
        report.lockedBy = round.lockedBy
        report.unpublished = round.unpublished
        report.isInterrupted = surroundings.isStopping()
        report.instances = round.names.compactMap { name in
            round.entries[name].map {
                PassReport.Instance(name: name, outcome: $0.outcome, explanation: $0.explanation)
            }
        }
        return report
    }

    func report(of trouble: Trouble) -> PassReport {
        var report = PassReport()
        report.commit = configuration?.commit
        if trouble.isMisuse { report.misuse = trouble.text } else { report.unreachable = trouble.text }
        report.isInterrupted = surroundings.isStopping()
        return report
    }
}
