import HTTPTypes
import Hummingbird
import NIOCore
import ScalewayEmulator

/// Turns HTTP into the emulator's requests, and its answers into HTTP or into a broken connection.
struct EmulatorResponder: HTTPResponder {
    typealias Context = Connection

    let account: Account

    /// The largest body that the API has a use for is user data.
    private static let longestBody = 1 << 20

    func respond(to request: Request, context: Connection) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.longestBody)
        let answer = await account.answer(
            APIRequest(
                request.method.rawValue, request.uri.path,
                query: request.uri.query.map { APIRequest.Parameter.list($0) } ?? [],
                token: HTTPField.Name("X-Auth-Token").flatMap { request.headers[$0] },
                contentType: request.headers[.contentType], body: Array(buffer: body)))
        if answer.delay > 0 { try await Task.sleep(for: .seconds(answer.delay)) }
        return try await deliver(answer, over: context.channel)
    }

    private func deliver(_ answer: Emulator.Answer, over channel: any Channel) async throws -> Response {
        var headers = HTTPFields()
        for header in answer.response.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            headers.append(HTTPField(name: name, value: header.value))
        }
        let status = HTTPResponse.Status(code: answer.response.status)
        let bytes = ByteBuffer(bytes: answer.response.body)
        switch answer.delivery {
        case .whole: return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: bytes))
        case .nothing:
            try await channel.close()
            // Nobody sees it: writing to a closed channel ends the connection's task.
            return Response(status: .internalServerError)
        case .cut(let count):
            let start = bytes.getSlice(at: bytes.readerIndex, length: count) ?? ByteBuffer()
            return Response(
                status: status, headers: headers,
                body: ResponseBody(contentLength: bytes.readableBytes) { writer in
                    try await writer.write(start)
                    try await channel.close()
                })
        }
    }
}

/// What a request knows about its connection: enough to break it.
struct Connection: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }
}
