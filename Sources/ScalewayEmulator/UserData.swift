extension World {
    /// Longer user data is refused.
    ///
    /// Source: the documentation of the instance API, 128 KB for a value.
    private static let longestUserData = 131_072

    func listUserData(_ call: Call) throws(Refusal) -> APIResponse {
        let server = try server(call)
        return APIResponse(200, ["user_data": .strings(server.userData.map(\.key).sorted())])
    }

    /// Missing keys are answered with 404 and nothing else, as recorded.
    func readUserData(_ call: Call) throws(Refusal) -> APIResponse {
        let server = try server(call)
        let plain = [APIResponse.Header("Content-Type", "text/plain")]
        guard let data = server.userData.first(where: { $0.key == call.key }) else {
            return APIResponse(status: 404, headers: plain)
        }
        return APIResponse(status: 200, headers: plain, body: data.bytes)
    }

    mutating func writeUserData(_ call: Call) throws(Refusal) -> APIResponse {
        let server = try server(call)
        guard call.request.body.count <= Self.longestUserData else {
            throw .invalid("user_data", "constraint", "longer than \(Self.longestUserData) bytes")
        }
        let data = Server.UserData(key: call.key, bytes: call.request.body)
        servers.update(server.id) { server in
            if let index = server.userData.firstIndex(where: { $0.key == data.key }) {
                server.userData[index] = data
            } else {
                server.userData.append(data)
            }
        }
        return APIResponse(status: 204, headers: [APIResponse.Header("Content-Type", "text/plain")])
    }

    mutating func deleteUserData(_ call: Call) throws(Refusal) -> APIResponse {
        let server = try server(call)
        servers.update(server.id) { $0.userData.removeAll { $0.key == call.key } }
        return .noContent
    }
}
