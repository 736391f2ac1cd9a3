extension Call {
    /// Both styles of the API allow this many entries on a page at most.
    private static let longestPage = 100

    /// A page as the instance API gives it: the total in a header and the neighbours in another.
    ///
    /// The addresses in `Link` lack the `/instance/v1/zones/…` in front, as recorded.
    func instancePage<Row>(
        _ name: String, _ rows: [Row], _ render: (Row) -> JSON
    ) throws(Refusal) -> APIResponse {
        let (page, range, size) = try slice(of: rows.count, sizeName: "per_page", defaultSize: 50)
        return APIResponse(
            200, .object([JSON.Member(name, .array(rows[range].map(render)))]),
            headers: pageHeaders(page: page, size: size, total: rows.count))
    }

    /// The same for `products/servers`, whose list is an object.
    func instancePage(_ name: String, members: [JSON.Member]) throws(Refusal) -> APIResponse {
        let (page, range, size) = try slice(of: members.count, sizeName: "per_page", defaultSize: 50)
        return APIResponse(
            200, .object([JSON.Member(name, .object(Array(members[range])))]),
            headers: pageHeaders(page: page, size: size, total: members.count))
    }

    /// A page as every other API gives it: the total in the body.
    func page<Row>(_ name: String, _ rows: [Row], _ render: (Row) -> JSON) throws(Refusal) -> APIResponse {
        let (_, range, _) = try slice(of: rows.count, sizeName: "page_size", defaultSize: 20)
        return APIResponse(
            200,
            .object([
                JSON.Member(name, .array(rows[range].map(render))), JSON.Member("total_count", .integer(rows.count)),
            ]))
    }

    private func slice(of count: Int, sizeName: String, defaultSize: Int) throws(Refusal) -> (Int, Range<Int>, Int) {
        let page = try positive("page") ?? 1
        let size = min(try positive(sizeName) ?? defaultSize, Self.longestPage)
        let (product, overflow) = (page - 1).multipliedReportingOverflow(by: size)
        let start = overflow ? count : min(product, count)
        return (page, start..<min(start + size, count), size)
    }

    private func positive(_ name: String) throws(Refusal) -> Int? {
        guard let text = query(name) else { return nil }
        guard let number = Int(text), number > 0 else { throw .invalid(name, "constraint", "not a valid value") }
        return number
    }

    private func pageHeaders(page: Int, size: Int, total: Int) -> [APIResponse.Header] {
        let last = (total + size - 1) / size
        var relations: [(Int, String)] = []
        if page > 1 { relations += [(1, "first"), (page - 1, "previous")] }
        if page < last { relations.append((page + 1, "next")) }
        relations.append((last, "last"))
        let path = "/" + request.path.split(separator: "/").dropFirst(4).joined(separator: "/")
        let others = request.query.filter { $0.name != "page" && $0.name != "per_page" }
            .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        let links = relations.map { "<\(path)?page=\($0.0)&per_page=\(size)&\(others)>; rel=\"\($0.1)\"" }
        return [
            APIResponse.Header("Link", links.joined(separator: ",")),
            APIResponse.Header("X-Total-Count", String(total)),
        ]
    }
}
