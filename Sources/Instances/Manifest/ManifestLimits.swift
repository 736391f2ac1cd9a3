/// How much a field may hold.
enum ManifestLimits {
    /// 64 TB: past the largest volume of any provider, and small enough that a slip of some zeros is noticed.
    static let sizeGB = 1...64_000
    /// Far more than any class of volume offers.
    static let iops = 1...1_000_000
    /// Every snapshot that is kept is paid for.
    static let snapshotsKept = 0...100
    /// Source: Scaleway's products/servers, `private_network: 8`; no other provider gives a server more interfaces.
    static let privateNetworks = 0...8
    /// Firewalls of most providers end here.
    static let firewallRules = 0...100
    /// Characters; half of what a file may have.
    static let cloudInit = 1...32_768
    static let labels = 50
    /// Characters.
    static let label = 0...100
    /// Characters.
    static let suspensionReason = 1...500
    static let folders = 1...100
    /// More than anybody has, and far from the end of integers.
    static let guardedInstances = 0...1_000_000
}

extension Word {
    static let instanceName = Word(ends: "a-z0-9", inside: "-", longest: InstanceName.longest)
    static let provider = Word(ends: "a-z0-9", inside: "-", longest: 40)
    static let zone = Word(ends: "a-z0-9", inside: "-", longest: 40)
    static let serverType = Word(ends: "A-Za-z0-9", inside: "._-", longest: 64)
    /// Without a slash: the local provider looks for a file of this name.
    static let image = Word(ends: "A-Za-z0-9", inside: "._-", longest: 64)
    /// Of something that a provider has and that people named.
    static let resourceName = Word(ends: "A-Za-z0-9", inside: " ._-", longest: 64)
    static let labelKey = Word(ends: "A-Za-z0-9", inside: "./_-", longest: 63)
}
