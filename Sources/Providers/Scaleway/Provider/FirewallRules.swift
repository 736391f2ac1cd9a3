import Instances

/// The rules of a security group for a manifest's firewall.
///
/// A group drops what comes in unless a rule lets it; everything may go out, and answers come back.
struct FirewallRules: Hashable, Sendable {
    /// Without any rule a server could never be reached again: then ssh is let in, from everywhere.
    static let ssh = ["0.0.0.0/0", "::/0"].map { FirewallRule(transport: .tcp, ports: 22...22, from: $0) }

    let rules: [SecurityGroupRule]

    init(_ firewall: Firewall) {
        let inbound = firewall.inbound.isEmpty ? Self.ssh : firewall.inbound
        rules = inbound.enumerated().map { SecurityGroupRule($0.element, position: $0.offset + 1) }
    }

    /// Whether a group already has exactly these. Scaleway's own rules, which nobody can change, do not count.
    func match(_ existing: [SecurityGroupRule]) -> Bool {
        let theirs = existing.filter { $0.editable != false }.sorted { $0.position < $1.position }
        return theirs.map(\.comparable) == rules.map(\.comparable)
    }
}

extension SecurityGroupRule {
    fileprivate init(_ rule: FirewallRule, position: Int) {
        let ports = rule.transport == .tcp || rule.transport == .udp ? rule.ports : nil
        self.init(
            action: SecurityGroup.accept, protocol: rule.transport.rawValue.uppercased(), direction: "inbound",
            range: rule.from, firstPort: ports?.lowerBound,
            lastPort: ports.flatMap { $0.count == 1 ? nil : $0.upperBound }, position: position)
    }

    /// As Scaleway would write it: numbered anew, one address without its prefix, one port without a range.
    fileprivate var comparable: SecurityGroupRule {
        var rule = self
        rule.position = 0
        rule.editable = nil
        rule.range = range.hasSuffix("/32") && !range.contains(":") ? String(range.dropLast(3)) : range
        if rule.range.hasSuffix("/128") { rule.range = String(rule.range.dropLast(4)) }
        if rule.lastPort == rule.firstPort { rule.lastPort = nil }
        return rule
    }
}
