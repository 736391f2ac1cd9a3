import Instances

/// The worlds that are searched at every change, and those for a night.
extension World {
    public static let quick: [World] = [
        World("crashes") { $0.budget = Budget(flips: 2, writes: 1) },
        World("late") { $0.budget = Budget(flips: 2, writes: 1, late: 1) },
        World("later") { $0.budget = Budget(flips: 1, writes: 1, late: 2) },
        World("lag") { $0.budget = Budget(flips: 2, writes: 1, lag: 1) },
        World("errors") { $0.budget = Budget(flips: 2, writes: 1, errors: 1) },
        World("runtimes", runtimes: allRuntimes) { $0.budget = Budget(flips: 2, writes: 1) },
        World("runtimes-late", runtimes: allRuntimes) { $0.budget = Budget(flips: 2, writes: 1, late: 1) },
        World("power-off", runtimes: allRuntimes) { world in
            world.budget = Budget(flips: 2, writes: 1, late: 1)
            world.whenDisabled = .powerOff
        },
        World("rollback") { $0.budget = Budget(flips: 3, writes: 1, rollbacks: 1) },
        World("touched") { $0.budget = Budget(flips: 2, writes: 1, touches: 1) },
        World("edited") { world in
            world.budget = Budget(flips: 2, writes: 1, touches: 1)
            world.editsRecord = true
        },
        World("stale") { world in
            world.budget = Budget(flips: 2, writes: 1, lag: 1)
            world.staleReads = true
        },
        World("unreadable") { world in
            world.budget = Budget(flips: 2, writes: 1, late: 1)
            world.unreadable = true
        },
        World("configured") { world in
            world.budget = Budget(flips: 2, writes: 1, late: 1)
            world.configures = true
        },
        World("roots") { world in
            world.budget = Budget(flips: 2)
            world.hasRootDisks = true
            world.tagsRootDisks = true
        },
        World("untagged-roots") { world in
            world.budget = Budget(flips: 2)
            world.hasRootDisks = true
        },
        World("root-snapshots") { world in
            world.budget = Budget(flips: 2)
            world.hasRootDisks = true
            world.tagsRootDisks = true
            world.snapshotsRoot = true
        },
        World("two") { world in
            world.operators = 2
            world.budget = Budget(flips: 2, writes: 1)
        },
        World("two-late") { world in
            world.operators = 2
            world.budget = Budget(flips: 2, writes: 1, late: 1)
        },
        World("two-apart") { world in
            world.operators = 2
            world.readsApart = true
            world.budget = Budget(flips: 2, writes: 1)
        },
        World("two-rollback") { world in
            world.operators = 2
            world.budget = Budget(flips: 1, writes: 1, rollbacks: 1)
        },
    ]

    public static let deep: [World] = [
        World("two-lag") { world in
            world.operators = 2
            world.budget = Budget(flips: 2, writes: 1, lag: 1)
        },
        World("two-flips") { world in
            world.operators = 2
            world.budget = Budget(flips: 3, writes: 1, late: 1)
        },
        World("two-later") { world in
            world.operators = 2
            world.budget = Budget(flips: 2, writes: 1, late: 2)
        },
        World("two-late-lag") { world in
            world.operators = 2
            world.budget = Budget(flips: 2, writes: 1, late: 1, lag: 1)
        },
        World("two-touched") { world in
            world.operators = 2
            world.budget = Budget(flips: 2, writes: 1, touches: 1)
        },
        World("two-late-rollback") { world in
            world.operators = 2
            world.budget = Budget(flips: 2, writes: 1, late: 1, rollbacks: 1)
        },
        World("two-apart-late") { world in
            world.operators = 2
            world.readsApart = true
            world.budget = Budget(flips: 2, writes: 1, late: 1)
        },
        World("late-lag") { $0.budget = Budget(flips: 2, writes: 1, late: 1, lag: 1) },
        World("rollback-late") { $0.budget = Budget(flips: 3, writes: 1, late: 1, rollbacks: 1) },
        World("rollback-touched") { $0.budget = Budget(flips: 3, writes: 1, rollbacks: 1, touches: 1) },
        World("touched-late") { $0.budget = Budget(flips: 2, writes: 1, late: 1, touches: 1) },
        World("power-off-late", runtimes: allRuntimes) { world in
            world.budget = Budget(flips: 3, writes: 1, late: 1)
            world.whenDisabled = .powerOff
        },
        World("root-snapshots-late") { world in
            world.budget = Budget(flips: 2, late: 1)
            world.hasRootDisks = true
            world.snapshotsRoot = true
        },
    ]

    /// Worlds that show what one safeguard is for, and little else.
    public static let special: [World] = [
        World("late-flips") { $0.budget = Budget(flips: 3, writes: 1, late: 1) },
        World("untagged-roots-late") { world in
            world.budget = Budget(flips: 2, late: 1)
            world.hasRootDisks = true
        },
    ]

    /// Every world that has a name.
    public static let all = quick + deep + special
}
