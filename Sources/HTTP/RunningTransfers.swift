import CCurl

/// The jobs that the transfer thread has not answered yet. Answers each exactly once.
struct RunningTransfers {
    private struct Entry {
        let job: TransferLoop.Job
        /// Nil while the job waits for others with the same host.
        var transfer: Transfer?
    }

    private var entries: [TransferLoop.ID: Entry] = [:]
    private var admission = Admission()
    /// No deadline is earlier. It may belong to a job that is over.
    private(set) var nextDeadline: ContinuousClock.Instant?

    mutating func start(_ job: TransferLoop.Job, on multi: borrowing MultiHandle) {
        entries[job.id] = Entry(job: job)
        nextDeadline = min(nextDeadline ?? job.deadline, job.deadline)
        if admission.enter(job.id, job.url.origin, limit: job.configuration.maxConnectionsPerHost),
            let error = run(job.id, on: multi)
        {
            finish(job.id, .failure(error), on: multi)
        }
    }

    mutating func cancel(_ id: TransferLoop.ID, on multi: borrowing MultiHandle) {
        guard let entry = entries[id] else { return }
        let sent = entry.transfer?.isSent ?? false
        finish(id, .failure(.cancelled(sent: sent, entry.job.request.context(""))), on: multi)
    }

    mutating func cancelAll(on multi: borrowing MultiHandle) {
        // From the youngest: none of those that wait is started meanwhile.
        for id in entries.keys.sorted(by: >) { cancel(id, on: multi) }
    }

    mutating func collectFinished(of multi: borrowing MultiHandle) {
        var finished: [(Transfer, CURLcode)] = []
        multi.forEachFinished { finished.append(($0, $1)) }
        for (transfer, code) in finished {
            finish(transfer.id, transfer.outcome(code), on: multi)
        }
    }

    /// Ends every job whose time is over, running or waiting.
    mutating func expire(at now: ContinuousClock.Instant, on multi: borrowing MultiHandle) {
        guard let next = nextDeadline, next <= now else { return }
        // From the youngest, as above.
        for (id, entry) in entries.filter({ $0.value.job.deadline <= now }).sorted(by: { $0.key > $1.key }) {
            let sent = entry.transfer?.isSent ?? false
            finish(id, .failure(.deadline(sent: sent, entry.job.request.context(""))), on: multi)
        }
        nextDeadline = entries.values.map(\.job.deadline).min()
    }

    /// - Returns: why it cannot run.
    private mutating func run(_ id: TransferLoop.ID, on multi: borrowing MultiHandle) -> HTTPError? {
        guard let job = entries[id]?.job else { return nil }
        do throws(HTTPError) {
            let transfer = try Transfer(job.request, job.url, job.configuration, id: id)
            guard multi.add(transfer) else { throw .invalid(reason: "libcurl takes no more", job.request.context("")) }
            entries[id]?.transfer = transfer
            return nil
        } catch {
            return error
        }
    }

    /// Answers a job and starts the one that waited for its place. One that cannot start makes room for the next.
    private mutating func finish(
        _ id: TransferLoop.ID, _ outcome: TransferLoop.Outcome, on multi: borrowing MultiHandle
    ) {
        var (id, outcome) = (id, outcome)
        while let entry = entries.removeValue(forKey: id) {
            if let transfer = entry.transfer { multi.remove(transfer) }
            entry.job.continuation.resume(returning: outcome)
            guard let next = admission.leave(id, entry.job.url.origin), let error = run(next, on: multi) else { return }
            (id, outcome) = (next, .failure(error))
        }
    }
}

/// Who may run now: so many with each host, the others in the order of arrival.
///
/// libcurl has such a queue too, but a transfer in it has no deadline, and its wait counts as time to connect.
struct Admission {
    private struct Host {
        var running: Set<TransferLoop.ID> = []
        var waiting: ArraySlice<TransferLoop.ID> = []
    }

    private var hosts: [String: Host] = [:]

    /// - Returns: whether the job may run at once.
    mutating func enter(_ id: TransferLoop.ID, _ origin: String, limit: Int) -> Bool {
        if hosts[origin, default: Host()].running.count < max(1, limit) {
            hosts[origin, default: Host()].running.insert(id)
            return true
        }
        hosts[origin, default: Host()].waiting.append(id)
        return false
    }

    /// - Returns: the job that may run instead.
    mutating func leave(_ id: TransferLoop.ID, _ origin: String) -> TransferLoop.ID? {
        guard hosts[origin]?.running.remove(id) != nil else {
            hosts[origin]?.waiting.removeAll { $0 == id }
            return nil
        }
        if let next = hosts[origin]?.waiting.popFirst() {
            hosts[origin]?.running.insert(next)
            return next
        }
        if hosts[origin]?.running.isEmpty == true { hosts[origin] = nil }
        return nil
    }
}
