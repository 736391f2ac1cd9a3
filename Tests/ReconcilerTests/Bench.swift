import Instances
import Reconciler
import Synchronization

/// A clock that sleepers take with them.
final class VirtualClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (one: Instant, other: Instant) -> Bool { one.offset < other.offset }
    }

    private let current = Mutex(Instant(offset: .zero))
    var now: Instant { current.withLock { $0 } }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        current.withLock { $0 = max($0, deadline) }
    }

    func advance(by duration: Duration) { current.withLock { $0 = $0.advanced(by: duration) } }
}

/// A cloud, a repository and operators that work on them.
final class Bench: Sendable {
    let cloud = SmallCloud()
    let repository: SmallRepository
    let clock = VirtualClock()
    private let draws = Mutex<UInt64>(0)
    private let isStopping = Mutex(false)
    private let wallClock = Mutex<Int64>(1_000_000)

    /// The wall clock is set, or the machine has slept.
    func setWallClock(by seconds: Int64) { wallClock.withLock { $0 += seconds } }

    /// A signal arrives, or is over.
    func stop(_ isStopping: Bool = true) { self.isStopping.withLock { $0 = isStopping } }

    init(_ manifests: Manifest...) { repository = SmallRepository(Configuration(manifests: manifests)) }

    func reconciler(_ nonce: String = "mine", change: (inout PassOptions) -> Void = { _ in }) -> Reconciler {
        let lock = Lock(
            holder: "test", host: "here", process: 1, started: Timestamp(seconds: 0), nonce: nonce, purpose: "")
        var options = PassOptions(lock: LockHolder(lock: lock, isDead: { $0.host == "dead" }))
        change(&options)
        let surroundings = Surroundings(
            clock: clock,
            now: { [self] in Timestamp(seconds: wallClock.withLock { $0 } + clock.now.offset.components.seconds) },
            random: { [self] in
                draws.withLock { draws in
                    draws += 1; return draws &* 0x9e37_79b9_7f4a_7c15
                }
            },
            providerNames: ["local"],
            provider: { [cloud] place in
                place.zone == "closed" ? .missing("no credentials for \(place)") : .found(cloud)
            },
            say: { _ in },
            isStopping: { [self] in isStopping.withLock { $0 } })
        return Reconciler(repository: repository, surroundings: surroundings, options: options)
    }
}

extension Bench {
    /// `box` runs.
    static func running() async -> (bench: Bench, reconciler: Reconciler) {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        return (bench, reconciler)
    }

    /// `box` ran, then its branch was deleted and `other` was committed.
    static func afterLoss() async -> Bench {
        let bench = Bench(manifest())
        var before = bench.reconciler("before")
        _ = await before.pass()
        bench.repository.bend { contents in
            contents.files = [:]
            contents.status = nil
        }
        bench.repository.commit(Configuration(manifests: [manifest(), manifest("other")]))
        return bench
    }
}

func manifest(_ name: String = "box", _ runtime: Runtime = Runtime()) -> Manifest {
    Manifest(
        name: InstanceName(name)!, provider: "local", zone: "local",
        server: ServerManifest(type: "c1-m64", image: "counter"), dataDisk: DataDiskManifest(sizeGB: 1),
        runtime: runtime)
}

let stopped = Runtime(enableInstanceServer: false, dataDiskState: .snapshot)
let box = InstanceName("box")!

extension PassReport {
    func outcome(_ name: InstanceName = box) -> Outcome? { instances.first { $0.name == name }?.outcome }
    func reason(_ name: InstanceName = box) -> String? { instances.first { $0.name == name }?.explanation.reason }
}
