import Instances
import Reconciler

/// One process of an operator, from its start until it ends.
///
/// A process that has crashed runs on for a moment, so that its task unwinds, but nothing it does comes to anything:
/// every exchange fails before it is sent and before anything is drawn for it, and it is told to stop. What it had sent
/// before may still land.
final class Life: @unchecked Sendable {
    unowned let episode: Episode
    let host: Host
    let number: Int
    private(set) var isOver = false
    /// Told to end: it finishes the step at hand.
    private(set) var isTold = false
    /// Whether it has sent anything that may change something.
    private(set) var hasSent = false
    /// Whether it has come to the end of a pass in which it could read the repository.
    var hasPassed = false
    private var pausedUntil = Moment.start
    /// What ends the sleep that it is in.
    private var sleeper: (() -> Void)?
    private var random: SplitMix64
    /// Instances of which this process is about to delete something, on the strength of what it has just read.
    private(set) var deleting: Set<InstanceName> = []
    /// Instances for which it has said what it is about to call, and has not called yet.
    var acting: Set<InstanceName> = []
    var knowledge = Knowledge()

    init(of host: Host, number: Int, in episode: Episode) {
        self.host = host
        self.number = number
        self.episode = episode
        random = episode.random.split()
    }

    var actor: Trace.Actor { host.isPersons ? .person : .operates(host.number) }
    var faults: Faults { episode.faults }
    var draw: UInt64 { random.next() }

    // MARK: Ending

    func crash(_ when: String) {
        guard !isOver else { return }
        isOver = true
        episode.note(actor, key: 1, "crashes \(when)")
        episode.ended(self)
        endSleep()
    }

    func tell() {
        guard !isOver, !isTold else { return }
        isTold = true
        episode.note(actor, key: 2, "is told to end")
        endSleep()
    }

    /// Its task has come to its end.
    func end() {
        guard !isOver else { return }
        isOver = true
        episode.note(actor, key: 3, "ends")
        episode.ended(self)
    }

    /// The whole episode is over: nothing is counted any more.
    func abandon() { isOver = true }

    func pause(until moment: Moment) {
        pausedUntil = moment
        episode.note(actor, key: 4, "stands still until \(moment.text)")
    }

    func wake() { pausedUntil = .start }

    // MARK: Waiting

    /// Gives control back to the process, or as soon as it moves again.
    func resume(_ action: @escaping () -> Void) {
        guard !isOver, pausedUntil > episode.scheduler.now else { return action() }
        episode.scheduler.at(pausedUntil) { self.resume(action) }
    }

    /// Sleeps until a moment, or until it is told to end. Meanwhile it may be told so, or be held up.
    func sleep(until deadline: Moment) async {
        guard !isOver, !isTold else { return }
        befall(from: episode.scheduler.now, to: deadline)
        await withUnsafeContinuation { continuation in
            sleeper = { self.resume { continuation.resume() } }
            episode.scheduler.at(deadline) { self.endSleep() }
        }
    }

    private func endSleep() {
        let end = sleeper
        sleeper = nil
        end?()
    }

    /// What happens to it in each quarter of a second of a sleep.
    private func befall(from start: Moment, to end: Moment) {
        let faults = episode.faults
        guard faults.pause.value + faults.told.value > 0 else { return }
        var moment = start
        while moment < end {
            if episode.random.chance(faults.pause) {
                let pause = episode.random.duration(upTo: faults.longestPause)
                return self.pause(until: moment.advanced(by: pause))
            }
            if episode.random.chance(faults.told) { return episode.scheduler.at(moment) { self.tell() } }
            moment = moment.advanced(by: .milliseconds(250))
        }
    }

    /// Sends something, has it carried out at some moment, and brings the answer back at another.
    ///
    /// - Parameters:
    ///   - fate: what becomes of it.
    ///   - carryOut: its effect; runs once or never.
    ///   - lost: what the caller is told where there is no answer.
    func exchange<Value: Sendable, Failure: Error>(
        _ fate: Fate<Failure>, latency: Duration, dead: Failure, lost: Failure,
        _ carryOut: @escaping () -> Result<Value, Failure>
    ) async -> Result<Value, Failure> {
        guard !isOver else { return .failure(dead) }
        let episode = episode
        let faults = episode.faults
        if episode.random.chance(faults.crashBefore) {
            crash("before it sends")
            return .failure(dead)
        }
        let scheduler = episode.scheduler
        let there = episode.random.duration(upTo: latency)
        let back = episode.random.duration(upTo: latency)
        let crashes = episode.random.chance(faults.crashAfter)
        return await withUnsafeContinuation { continuation in
            func answer(_ result: Result<Value, Failure>, after delay: Duration) {
                scheduler.after(delay) {
                    if crashes { self.crash("before the answer arrives") }
                    self.resume { continuation.resume(returning: self.isOver ? .failure(dead) : result) }
                }
            }
            if case .answered = fate {} else { episode.faultsMet += 1 }
            switch fate {
            case .answered:
                scheduler.after(there) { answer(carryOut(), after: back) }
            case .answerLost:
                scheduler.after(there) {
                    _ = carryOut()
                    answer(.failure(lost), after: back)
                }
            case .late(let delay):
                scheduler.after(delay) { _ = carryOut() }
                answer(.failure(lost), after: there)
            case .refused(let error):
                answer(.failure(error), after: there)
            }
        }
    }

    /// A call that may change something, or a push.
    func sends() {
        episode.calls += 1
        if !hasSent { episode.acted(self) }
        hasSent = true
    }

    // MARK: What it says

    func hear(_ event: Event) {
        switch event {
        case .step(let name, let explanation):
            knowledge.decides()
            acting.insert(name)
            if !isOver { episode.requireUnlocked(name, explanation, by: self) }
            // The reads that prove a deletion come right after this, and the call right after them.
            if explanation.reason == "Deleting" { deleting.insert(name) }
            say("\(name): \(explanation.reason): \(explanation.message)")
        case .failed(let name, let explanation): say("\(name): failed: \(explanation.message)")
        case .settled: break
        case .published(let commit): say("pushed \(commit.prefix(8))")
        case .note(let text): say(text)
        }
    }

    /// It looks at everything anew: whatever it was about to do is done or given up.
    func looksAnew() { (deleting, acting) = ([], []) }

    /// What it has said so far was about records; what it says from now on is about calls.
    func publishes() { acting = [] }

    private func say(_ text: @autoclosure () -> String) {
        guard !isOver else { return }
        episode.note(actor, key: 5, text())
    }
}

/// What becomes of something that is sent.
enum Fate<Failure: Error> {
    case answered
    case answerLost
    case late(Duration)
    /// It is not carried out.
    case refused(Failure)
}

/// Virtual time as one process has it.
struct LifeClock: Clock {
    let life: Life

    var now: Moment { life.episode.scheduler.now }
    var minimumResolution: Duration { .microseconds(1) }

    func sleep(until deadline: Moment, tolerance: Duration?) async throws { await life.sleep(until: deadline) }
}

/// Where an operator runs: what survives its processes.
final class Host {
    let number: Int
    /// The head of the status branch that was seen last, as the state directory keeps it.
    var lastHead: String?
    /// How far its clock on the wall is off. No time that passes is measured with that.
    var clockOffset = Duration.zero
    /// The process that runs; `nil` while there is none.
    var life: Life?
    /// Processes that were started here.
    var lives = 0

    /// Somebody's own machine, on which no operator runs.
    let isPersons: Bool

    init(number: Int, isPersons: Bool = false) {
        self.number = number
        self.isPersons = isPersons
    }
}
