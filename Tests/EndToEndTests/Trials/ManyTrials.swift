import TestThreads

/// Carries trials out, many at a time: they wait more than they compute. How fast things go must not decide anything.
func carryOut<Item: Sendable>(_ trials: [Item], _ trial: @escaping @Sendable (Item) async -> Void) async {
    await withTaskGroup { group in
        var rest = trials[...]
        let atATime = TestThreads.trials.count
        for item in rest.prefix(atATime) { group.addTask { await trial(item) } }
        rest = rest.dropFirst(atATime)
        while await group.next() != nil {
            if let next = rest.popFirst() { group.addTask { await trial(next) } }
        }
    }
}
