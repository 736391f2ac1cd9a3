import YAML

/// `README.md` of the status branch: what a person sees who opens it on a forge's web page.
///
/// The same facts give the same bytes: nothing in it depends on when it was written.
struct StatusReadme {
    static let path = "README.md"
    /// Forges stop showing a page somewhere above half a megabyte; `index.json` has all.
    static let longestTable = 1000
    /// More sections or lines of one kind are not read by anybody.
    static let longestList = 50

    private var lines: [String] = []
    private let fleet: FleetStatus

    static func bytes(_ fleet: FleetStatus) -> [UInt8] {
        var readme = StatusReadme(fleet: fleet)
        readme.writeHead()
        readme.writeAttention()
        readme.writeDiagnostics()
        readme.writeInstances()
        readme.writeForeign()
        readme.writeLegend()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(readme.lines.reduce(0) { $0 + $1.utf8.count + 1 })
        for line in readme.lines {
            bytes += line.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    private init(fleet: FleetStatus) { self.fleet = fleet }

    private mutating func writeHead() {
        let attention = fleet.counts.needAttention
        var counts = ["**\(fleet.counts.ready) of \(fleet.counts.wanted) instances ready**"]
        if attention > 0 { counts.append("\(attention) need\(attention == 1 ? "s" : "") attention") }
        if fleet.counts.retained > 0 { counts.append("\(fleet.counts.retained) retained without a manifest") }
        let errors = fleet.diagnostics.count { $0.severity == .error }
        if errors > 0 { counts.append("\(errors) manifest error\(errors == 1 ? "" : "s")") }
        lines += [
            "# Status of the instances", "", counts.joined(separator: ", ") + ".", "",
            "Configuration commit: \(markdownText(fleet.commit)). Times are UTC. "
                + "This page is written by `operator`; what is edited here is overwritten.",
        ]
    }

    private mutating func writeAttention() {
        guard fleet.counts.needAttention > 0 else { return }
        lines += ["", "## Needs attention"]
        for instance in fleet.unreadable.prefix(Self.longestList) {
            writeTrouble(
                "\(instance.name): \(UnreadableInstance.state)", instance.why,
                wayOut: "what the message says. Nothing of this instance is changed or deleted until then.")
        }
        let room = Self.longestList - min(fleet.unreadable.count, Self.longestList)
        for status in fleet.instances.lazy.filter(\.needsAttention).prefix(room) {
            let state = status.state
            writeTrouble(
                "\(status.name): \(state.text) since \(status.since.words)",
                state == .failing ? status.conditions.ready.explanation : status.why, wayOut: state.wayOut)
        }
        writeRest(of: fleet.counts.needAttention, limit: Self.longestList)
    }

    private mutating func writeTrouble(_ title: String, _ why: Explanation, wayOut: String) {
        lines += [
            "", "### \(title)", "",
            "**\(markdownText(why.reason))**: \(markdownText(why.message, limit: 1000))", "", "What to do: \(wayOut)",
        ]
    }

    private mutating func writeDiagnostics() {
        guard !fleet.diagnostics.isEmpty else { return }
        lines += [
            "", "## Manifests that need a change", "",
            "Instances in a file with an error are left as they are; all others go on.", "",
        ]
        lines += fleet.diagnostics.prefix(Self.longestList).map {
            "- \($0.severity.rawValue) in \(markdownText($0.file)), line \($0.mark.line), column \($0.mark.column): "
                + markdownText($0.text, limit: 1000)
        }
        writeRest(of: fleet.diagnostics.count, limit: Self.longestList)
    }

    private mutating func writeInstances() {
        lines += ["", "## All instances", ""]
        let count = fleet.instances.count + fleet.unreadable.count
        guard count > 0 else {
            lines.append("There are none.")
            return
        }
        let rows =
            fleet.unreadable.prefix(Self.longestTable).map { (name: $0.name, cells: Self.cells($0)) }
            + fleet.instances.prefix(Self.longestTable).map { (name: $0.name, cells: Self.cells($0)) }
        writeTable(
            ["Instance", "State", "Since", "Desired", "Where", "Server", "Disks", "Snapshots", "Waiting for"],
            rows.sorted { $0.name < $1.name }.prefix(Self.longestTable).map(\.cells))
        writeRest(of: count, limit: Self.longestTable)
    }

    private static func cells(_ status: InstanceStatus) -> [String] {
        [
            link(status.name), status.state.text, status.since.words, markdownText(status.desired?.text ?? ""),
            markdownText(status.place), markdownText(status.serverText), markdownText(status.disksText),
            markdownText(status.snapshotsText), markdownText(status.waitingText),
        ]
    }

    private static func cells(_ instance: UnreadableInstance) -> [String] {
        [link(instance.name), UnreadableInstance.state, "", "", "", "", "", "", markdownText(instance.why.message)]
    }

    private static func link(_ name: InstanceName) -> String { "[\(name)](\(InstanceFile.path(of: name)))" }

    private mutating func writeForeign() {
        guard !fleet.foreign.isEmpty else { return }
        lines += [
            "", "## Not accounted for", "",
            "The provider's account also holds these. No instance here accounts for them, so they are never touched.",
            "",
        ]
        writeTable(
            ["What", "Id", "Name", "Where", "Note"],
            fleet.foreign.prefix(Self.longestTable).map {
                [
                    "\($0.kind.rawValue) \($0.resource.kind)", markdownText($0.resource.text), markdownText($0.name),
                    markdownText("\($0.provider)/\($0.zone)"), markdownText($0.note),
                ]
            })
        writeRest(of: fleet.foreign.count, limit: Self.longestTable)
    }

    private mutating func writeLegend() {
        lines.append(Self.legend)
    }

    private static let legend =
        "\n## What the words mean\n\n" + InstanceState.legend.map { "- **\($0.words)**: \($0.meaning)\n" }.joined()
        + "\n`instances/NAME.yaml` has everything about one instance, `index.json` has this page for scripts, and the "
        + "history of this branch has every state there ever was. To start or stop an instance, change its manifest "
        + "and commit."

    private mutating func writeTable(_ heads: [String], _ rows: [[String]]) {
        lines.append("| " + heads.joined(separator: " | ") + " |")
        lines.append("|" + String(repeating: "---|", count: heads.count))
        for row in rows {
            var line = "|"
            for cell in row {
                line += " "
                line += cell
                line += " |"
            }
            lines.append(line)
        }
    }

    private mutating func writeRest(of count: Int, limit: Int) {
        guard count > limit else { return }
        lines += ["", "And \(count - limit) more, in `index.json`."]
    }
}
