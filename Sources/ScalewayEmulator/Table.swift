/// Rows by identifier, in the order in which they were made.
struct Table<Row: Sendable & Codable>: Sendable, Codable {
    private var rows: [String: Row] = [:]
    private var order: [String] = []

    var count: Int { rows.count }

    subscript(id: String) -> Row? { rows[id] }

    /// Every row, oldest first.
    var all: [Row] { order.compactMap { rows[$0] } }

    mutating func insert(_ row: Row, id: String) {
        if rows.updateValue(row, forKey: id) == nil { order.append(id) }
    }

    /// Changes the row in place; does nothing where there is none.
    mutating func update(_ id: String, _ change: (inout Row) -> Void) {
        guard let index = rows.index(forKey: id) else { return }
        change(&rows.values[index])
    }

    @discardableResult
    mutating func remove(_ id: String) -> Row? {
        let row = rows.removeValue(forKey: id)
        // Removed identifiers stay in the order until they are half of it: removing one stays cheap in a large table.
        if order.count > 2 * rows.count + 16 { order.removeAll { rows[$0] == nil } }
        return row
    }
}
