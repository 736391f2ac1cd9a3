/// The worlds that are searched at every change, and those for a night.
extension World {
    public static let quick: [World] = [
        World("crashes") { $0.budget = Budget(flips: 2, writes: 1) },
        World("late") { $0.budget = Budget(flips: 2, writes: 1, late: 1) },
        World("lag") { $0.budget = Budget(flips: 2, writes: 1, late: 1, lag: 1) },
    ]
    public static let deep: [World] = []
}
