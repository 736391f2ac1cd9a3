import CCurl
import Glibc
import TestThreads
import Testing

@testable import HTTP

@Suite(.runs(on: .exchanges)) struct TransferTests {
    @Test func `a streaming transfer pauses while nobody reads, however often libcurl is asked to go on`() async throws
    {
        let total = 16 << 20
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            connection.send([UInt8](repeating: 7, count: total))
        }
        defer { server.stop() }
        let url = server.url
        let (waiting, taken) = try await blocking { Result { try Self.drive(Request(url: url, responseLimit: total)) } }
            .get()
        #expect(waiting >= Transfer.streamingBuffer)
        #expect(waiting < Transfer.streamingBuffer + 2 * Int(CURL_MAX_WRITE_SIZE))
        #expect(taken == total)
    }

    /// - Returns: the bytes that were waiting before anybody read, and all that were read afterwards.
    private static func drive(_ request: Request) throws -> (waiting: Int, taken: Int) {
        let configuration = ClientConfiguration()
        let transfer = try Transfer(request, request.checkedURL(configuration), configuration, isStreaming: true)
        guard let multi = MultiHandle(), multi.add(transfer) else { throw EasyHandle.Refusal(words: "no multi handle") }
        defer { multi.remove(transfer) }
        for _ in 0..<200 {
            multi.perform()
            multi.poll(atMost: .milliseconds(5))
        }
        let waiting = transfer.progress - 1
        var taken = 0
        var isFinished = false
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 1)
        defer { buffer.deallocate() }
        while !isFinished || taken < transfer.progress - 1 {
            taken += transfer.take(into: buffer)
            transfer.resume()
            multi.perform()
            multi.forEachFinished { _, _ in isFinished = true }
        }
        return (waiting, taken)
    }
}
