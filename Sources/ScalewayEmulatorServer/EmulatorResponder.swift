import HTTPTypes
import Hummingbird
import NIOCore
import ScalewayEmulator

/// Turns HTTP into the emulator's requests and its answers into HTTP.
struct EmulatorResponder: HTTPResponder {
    typealias Context = Connection

    let account: Account

    /// The largest body the API has a use for is user data.
    private static let longestBody = 1 << 20

    func respond(to request: Request, context: Connection) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.longestBody)
        let answer = await account.handle(
            APIRequest(
                request.method.rawValue, request.uri.path,
                query: request.uri.queryParameters.map { APIRequest.Parameter(String($0.key), String($0.value)) },
                token: HTTPField.Name("X-Auth-Token").flatMap { request.headers[$0] },
                contentType: request.headers[.contentType], body: Array(buffer: body)))
        var headers = HTTPFields()
        for header in answer.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            headers.append(HTTPField(name: name, value: header.value))
        }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}

/// What a request knows about its connection: enough to break it.
struct Connection: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }
}
