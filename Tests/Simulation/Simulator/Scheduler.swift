import Glibc

/// Runs everything of one episode on one thread, in an order that depends on the seed alone: tasks as they become
/// runnable, and what is due at a moment of virtual time once no task can run.
///
/// Its state is touched by one thread only, which is asserted at every entry: whatever escapes the scheduler stops the
/// program.
final class Scheduler: TaskExecutor, @unchecked Sendable {
    private(set) var now = Moment.start
    private var runnable: [UnownedJob] = []
    private var due = EventHeap()
    private var random: SplitMix64
    private let thread = pthread_self()

    init(random: SplitMix64) { self.random = random }

    func enqueue(_ job: consuming ExecutorJob) {
        precondition(pthread_equal(thread, pthread_self()) != 0, "a task has escaped the scheduler")
        runnable.append(UnownedJob(job))
    }

    /// Does something at a later moment.
    func after(_ delay: Duration, _ action: @escaping () -> Void) { at(now.advanced(by: delay), action) }

    func at(_ moment: Moment, _ action: @escaping () -> Void) { due.insert(max(moment, now), action) }

    /// Goes on until told to stop, or until nothing is left to do.
    func run(until isOver: () -> Bool) {
        let executor = asUnownedTaskExecutor()
        while !isOver() {
            if let job = takeRunnable() {
                job.runSynchronously(on: executor)
            } else if let event = due.removeFirst() {
                now = event.moment
                event.action()
            } else {
                return
            }
        }
    }

    /// Any of them: which is what makes the order of tasks part of what is searched.
    private func takeRunnable() -> UnownedJob? {
        guard runnable.count > 1 else { return runnable.popLast() }
        runnable.swapAt(random.below(runnable.count), runnable.count - 1)
        return runnable.removeLast()
    }
}

/// A moment of virtual time.
struct Moment: InstantProtocol {
    static let start = Moment(microseconds: 0)

    var microseconds: Int64

    func advanced(by duration: Duration) -> Moment { Moment(microseconds: microseconds + duration.microseconds) }
    func duration(to other: Moment) -> Duration { .microseconds(other.microseconds - microseconds) }
    static func < (left: Moment, right: Moment) -> Bool { left.microseconds < right.microseconds }
}

/// A binary heap: the earliest first, and what was put in first of those at the same moment.
private struct EventHeap {
    struct Event {
        var moment: Moment
        var number: Int
        var action: () -> Void

        func precedes(_ other: Event) -> Bool {
            (moment.microseconds, number) < (other.moment.microseconds, other.number)
        }
    }

    private var events: [Event] = []
    private var inserted = 0

    mutating func insert(_ moment: Moment, _ action: @escaping () -> Void) {
        events.append(Event(moment: moment, number: inserted, action: action))
        inserted += 1
        var child = events.count - 1
        while child > 0, events[child].precedes(events[(child - 1) / 2]) {
            events.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> Event? {
        guard !events.isEmpty else { return nil }
        events.swapAt(0, events.count - 1)
        let first = events.removeLast()
        var parent = 0
        while 2 * parent + 1 < events.count {
            var child = 2 * parent + 1
            if child + 1 < events.count, events[child + 1].precedes(events[child]) { child += 1 }
            guard events[child].precedes(events[parent]) else { break }
            events.swapAt(child, parent)
            parent = child
        }
        return first
    }
}
