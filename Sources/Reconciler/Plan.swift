public import Instances

/// What a pass would do.
public struct PlanReport: Sendable {
    public var pass: PassReport
    /// The whole chain of every instance that has something to do.
    public var steps: [InstanceName: [Projection.Step]] = [:]
}

extension Reconciler {
    /// Looks at everything and follows every instance's chain to its end, without doing any of it.
    public mutating func plan() async -> PlanReport {
        if let trouble = await refresh() { return PlanReport(pass: report(of: trouble)) }
        let round = await look()
        var plan = PlanReport(pass: report(of: round))
        plan.pass.instances = []
        for name in round.names {
            guard let entry = round.entries[name] else { continue }
            var instance = PassReport.Instance(name: name, outcome: entry.outcome, explanation: entry.explanation)
            if entry.outcome == .converging {
                let projection = Projection(of: entry.situation)
                plan.steps[name] = projection.steps
                (instance.outcome, instance.explanation) = outcome(of: projection)
            }
            plan.pass.instances.append(instance)
        }
        return plan
    }

    private func outcome(of projection: Projection) -> (PassReport.Outcome, Explanation) {
        let explanation = projection.end.explanation
        switch projection.end {
        case .halt: return (.failed, explanation)
        case .blocked: return (.blocked, explanation)
        case .rest: return (projection.steps.isEmpty ? .settled : .pending, explanation)
        case .wait, .act, .publish: return (.pending, explanation)
        }
    }
}
