import Instances

/// A world of many instances, where little is enough to reach a limit on what one pass may do at once; and of people who
/// act on many instances, read what the operators ask for, and approve.
struct FleetOptions: Sendable {
    /// Of the hosts.
    var limits: GuardLimits
    /// Of the repository: `nil` has no say. They can only tighten.
    var settings: Settings.Guards?
    /// How often each kind of act is chosen, beside those of every world.
    var removals: Int
    var stops: Int
    var surrenders: Int
    var wipes: Int
    var vanishings: Int
    var answers: Int
    /// How often an answer is not what was asked for.
    var slips: PerMille
    /// How long a provider denies what there is.
    var longestVanishing: Duration
    /// Whether manifests may say that everything goes with them.
    var deletes: Bool

    /// Drawn apart from everything else, so that the worlds without are what they were.
    private static let salt: UInt64 = 0xF1EE7

    /// - Returns: `nil` in most worlds.
    init?(seed: UInt64) {
        var random = SplitMix64(seed: seed ^ Self.salt)
        guard random.chance(300) else { return nil }
        limits = GuardLimits(
            removals: GuardLimits.Share(random.within(0...2)), vanished: GuardLimits.Share(random.within(0...3)),
            stops: random.pick([nil, 0, 1, 2]))
        settings = random.pick([
            nil, nil, Settings.Guards(maxStops: 1), Settings.Guards(maxRemovals: 1, maxVanished: 0),
        ])
        removals = random.within(1...3)
        stops = random.within(0...2)
        surrenders = random.pick([0, 1, 2])
        wipes = random.pick([0, 1, 2])
        vanishings = random.pick([0, 1, 2])
        answers = random.within(1...5)
        slips = PerMille(random.pick([0, 200, 600]))
        longestVanishing = .seconds(random.pick([30, 200, 600]))
        deletes = random.chance(500)
    }

    /// The most removals among so many manifests, host and repository together, as the design has it.
    func mostRemovals(of count: Int) -> Int {
        min(max(limits.removals.number, count / 5), settings?.maxRemovals ?? .max)
    }

    /// The most resources that may vanish of so many recorded ones.
    func mostVanished(of count: Int) -> Int {
        min(max(limits.vanished.number, count / 5), settings?.maxVanished ?? .max)
    }

    /// The most servers that one pass may stop; `nil`: all of them.
    var mostStops: Int? { [limits.stops, settings?.maxStops].compactMap(\.self).min() }

    /// The repository's settings, as the operators read them.
    var settingsFile: DecodedFile? {
        guard let settings else { return nil }
        let guards = [
            settings.maxStops.map { "maxStops: \($0)" }, settings.maxRemovals.map { "maxRemovals: \($0)" },
            settings.maxVanished.map { "maxVanished: \($0)" },
        ].compactMap(\.self).joined(separator: ", ")
        let text = "apiVersion: operator/v1\nkind: Settings\nspec: {guards: {\(guards)}}\n"
        return decode(SourceFile(path: Settings.path, bytes: Array(text.utf8)))
    }
}
