import Instances
import Testing

@Suite struct StatusLockTests {
    @Test func `a lock is read back as it was written`() {
        for seed in UInt64(0)..<200 {
            var generator = StatusGenerator(seed: seed)
            let lock = Lock(
                holder: generator.text(), host: generator.text(),
                process: Int.random(in: 0...4_000_000, using: &generator),
                started: generator.timestamp(), nonce: generator.text(), purpose: generator.text())
            #expect(Lock(bytes: lock.bytes) == lock, "seed \(seed)")
            #expect(terminalText(lock.text) == lock.text)
        }
    }

    @Test func `a lock reads like this`() {
        let lock = Lock(
            holder: "ci job 4711", host: "build-3", process: 12, started: Timestamp(seconds: 1_785_416_175),
            nonce: "8f2e",
            purpose: "stopping gpu-box")
        #expect(
            String(decoding: lock.bytes, as: UTF8.self) == """
                apiVersion: operator/v1
                kind: Lock
                holder: ci job 4711
                host: build-3
                process: 12
                started: "2026-07-30T12:56:15Z"
                nonce: 8f2e
                purpose: stopping gpu-box

                """)
        #expect(lock.text == "ci job 4711 (process 12 on build-3, since 2026-07-30T12:56:15Z): stopping gpu-box")
    }

    @Test(arguments: ["", "garbage", "holder: [", "\u{0}", "process: x\nstarted: never"])
    func `a lock that cannot be read is still a lock, and its changes are seen`(text: String) {
        let lock = Lock(bytes: Array(text.utf8))
        #expect(lock.process == 0)
        #expect(!lock.text.isEmpty)
        #expect(lock != Lock(bytes: Array(("other " + text).utf8)))
    }
}
