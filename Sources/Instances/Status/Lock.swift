import YAML

/// `lock.yaml`: says to other operators that one is at work. A courtesy; no safety rests on it.
public struct Lock: Hashable, Sendable {
    static let path = "lock.yaml"

    /// Names the holder for people: free text, such as `ci job 4711`.
    public var holder: String
    public var host: String
    /// Process id on `host`; 0 where it is not known.
    public var process: Int
    public var started: Timestamp
    /// Of this taking of the lock: the same holder takes it with another one next time.
    public var nonce: String
    /// What is being done, for people.
    public var purpose: String

    public init(holder: String, host: String, process: Int, started: Timestamp, nonce: String, purpose: String) {
        self.holder = holder
        self.host = host
        self.process = process
        self.started = started
        self.nonce = nonce
        self.purpose = purpose
    }

    /// Reads a lock. One that is damaged is still a lock: nobody knows who wrote it, so it is waited for like any other,
    /// until it has not changed for long enough.
    public init(bytes: [UInt8]) {
        let fields = (try? parse(bytes, limits: .status))?.first.flatMap { StatusFields($0) }
        self.init(
            holder: fields?.text("holder") ?? "somebody whose lock cannot be read",
            host: fields?.text("host") ?? "", process: fields?.integer("process") ?? 0,
            started: fields?.timestamp("started") ?? Timestamp(seconds: 0),
            // A change of what cannot be read is seen too.
            nonce: fields?.text("nonce") ?? String(decoding: bytes.prefix(256), as: UTF8.self),
            purpose: fields?.text("purpose") ?? "")
    }

    public var bytes: [UInt8] {
        write(
            .mapping([
                ("apiVersion", .text("operator/v1")), ("kind", .text("Lock")), ("holder", .text(holder)),
                ("host", .text(host)), ("process", .plain("\(process)")), ("started", .text(started.description)),
                ("nonce", .text(nonce)), ("purpose", .text(purpose)),
            ]))
    }

    /// For people: `ci job 4711 (process 12 on build-3, since 2026-07-30T12:56:15Z): stopping gpu-box`.
    public var text: String {
        let who = terminalText(holder, limit: 100)
        let place = host.isEmpty ? "" : "process \(process) on \(terminalText(host, limit: 100)), "
        let purpose = purpose.isEmpty ? "" : ": " + terminalText(purpose, limit: 200)
        return "\(who) (\(place)since \(started))\(purpose)"
    }
}
