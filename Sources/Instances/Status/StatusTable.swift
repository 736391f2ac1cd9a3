/// A table of instances for a terminal: aligned columns, nothing that was not meant to be printed.
///
/// - Parameters:
///   - unreadable: why the record of an instance cannot be read, by instance.
///   - width: columns of the terminal; longer lines are cut. `nil`: nothing is cut.
/// - Returns: a line per instance below one of headings, each ending in a line feed.
public func statusTable(
    _ statuses: [InstanceStatus], unreadable: [InstanceName: Explanation] = [:], width: Int? = nil
) -> String {
    let heads = ["NAME", "STATE", "SINCE (UTC)", "DESIRED", "WHERE", "SERVER", "DISKS", "SNAPSHOTS", "WAITING FOR"]
    var rows = statuses.map { status in
        [
            status.name.text, status.state.text, status.since.words, status.desired?.text ?? "", status.place,
            status.serverText, status.disksText, status.snapshotsText, status.waitingText,
        ]
    }
    rows += unreadable.map { name, why in
        [name.text, UnreadableInstance.state, "", "", "", "", "", "", why.message]
    }
    rows.sort { $0[0] < $1[0] }
    return aligned([heads] + rows.map { $0.map { terminalText($0, limit: 200) } }, width: width)
}

/// Everything about one instance, for a terminal.
public func statusDetail(_ status: InstanceStatus) -> String {
    var fields: [(String, String)] = [
        ("name", status.name.text), ("state", "\(status.state.text) since \(status.since.words) UTC"),
        ("desired", status.desired?.text ?? ""), ("where", status.place), ("manifest", status.manifestFile ?? ""),
        ("commit", status.observedCommit),
        ("labels", status.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")),
    ]
    for (type, condition) in [
        ("Ready", status.conditions.ready), ("Reconciling", status.conditions.reconciling),
        ("Stalled", status.conditions.stalled),
    ] {
        let message = condition.message.isEmpty ? "" : ": \(condition.message)"
        fields.append((type, "\(condition.status.rawValue), \(condition.reason)\(message)"))
    }
    fields.append(("waiting for", status.waiting?.message ?? ""))
    fields += ([status.server].compactMap(\.self) + status.otherServers).map { ("server", $0.text) }
    fields += status.storages.map { ("disk", $0.text) }
    fields += status.snapshots.map { ("snapshot", $0.text) }
    fields += status.intents.map { ("under way", $0.text) }
    fields += status.foreign.map { ("not its own", "\($0), never touched") }
    fields += status.history.suffix(InstanceStatus.historyLength).map {
        ("history", "\($0.at.words) \($0.reason)" + ($0.message.isEmpty ? "" : ": \($0.message)"))
    }
    return aligned(fields.filter { !$0.1.isEmpty }.map { [$0.0, terminalText($0.1)] }, width: nil)
}

extension ServerStatus {
    fileprivate var text: String {
        [id.text, state, type, publicIPv4 ?? ""].filter { !$0.isEmpty }.joined(separator: ", ")
    }
}

extension StorageStatus {
    fileprivate var text: String {
        let attachment = attachedTo.map { ["attached to \($0)"] } ?? []
        return ([id.text, role.rawValue, size.words, state] + (isBoot ? ["boots"] : []) + attachment)
            .joined(separator: ", ")
    }
}

extension SnapshotStatus {
    fileprivate var text: String {
        let source = sourceVolume.map { ["of disk \($0)"] } ?? []
        let time = createdAt.map { [$0.words] } ?? []
        return ([id.text, role.rawValue, size.words, state] + source + time).joined(separator: ", ")
    }
}

extension Intent {
    fileprivate var text: String {
        let what = resource.map { " \($0)" } ?? ""
        let time = since.map { " since \($0.words)" } ?? ""
        return "\(kind)\(what), operation \(operation)\(time)"
    }
}

/// Columns two spaces apart, without trailing spaces. Characters count as one column each.
private func aligned(_ rows: [[String]], width: Int?) -> String {
    let columns = rows.map(\.count).max() ?? 0
    // A column that is empty but for its heading says nothing.
    let shown = (0..<columns).filter { column in rows.dropFirst().contains { !$0[column].isEmpty } || column == 0 }
    let widths = shown.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
        var line = ""
        for (column, width) in zip(shown, widths) {
            line += row[column] + String(repeating: " ", count: width - row[column].count + 2)
        }
        while line.last == " " { line.removeLast() }
        if let width, line.count > width, width > 0 { line = line.prefix(width - 1) + "…" }
        return line + "\n"
    }.joined()
}
