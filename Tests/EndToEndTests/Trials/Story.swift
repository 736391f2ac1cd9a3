import Foundation

/// One change of an instance, from the state before it, which trials start from again and again.
final class Story: Sendable {
    let plot: Plot
    /// Repository and account before the change; the change is pushed already.
    let before: Sandbox
    /// Serves the repositories of all trials of this story.
    let daemon: GitDaemon
    /// Every endpoint that the undisturbed change asks, in its order.
    let calls: [Call]
    let pushes: Int

    init(_ plot: Plot) async throws {
        self.plot = plot
        before = try Sandbox()
        let manifests = plot.manifests(scalewayManifest)
        for (index, manifest) in manifests.enumerated() {
            try before.commit(["box.yaml": manifest])
            let cloud = try EmulatedCloud(state: Self.account(in: before), in: before)
            if index < manifests.count - 1 {
                let output = try before.reconcile(environment: cloud.environment)
                guard output.code == 0 else { throw Sandbox.Trouble(text: output.err) }
            }
            cloud.save()
        }
        daemon = try GitDaemon(serving: before)
        let undisturbed = try Stage(copying: before, behind: daemon)
        try PushHook.count.install(in: undisturbed.sandbox)
        // The account remembers those that came before the change.
        try await undisturbed.cloud.forgetRequests()
        let output = try undisturbed.reconcile()
        guard output.code == 0 else { throw Sandbox.Trouble(text: output.err) }
        calls = try await undisturbed.cloud.requests()
        pushes = try PushHook.pushes(in: undisturbed.sandbox)
    }

    /// A trial as its failure tells it.
    func name(with disturbance: Disturbance) -> String { "\(plot.rawValue): \(disturbance)" }

    static func account(in sandbox: Sandbox) -> URL { sandbox.root.appendingPathComponent("account.json") }
}

/// What a trial has for itself: a repository behind the daemon, an account, and a machine that knows nothing of either.
struct Stage: Sendable {
    let sandbox: Sandbox
    let cloud: EmulatedCloud
    private let daemon: GitDaemon

    init(copying before: Sandbox, behind daemon: GitDaemon) throws {
        let repository = before.root.appendingPathComponent("repository.git")
        sandbox = try Sandbox(copying: [repository, Story.account(in: before)])
        cloud = try EmulatedCloud(state: Story.account(in: sandbox), in: sandbox)
        self.daemon = daemon
    }

    private var environment: [String: String] {
        cloud.environment.merging([
            "OPERATOR_REPO": daemon.url(of: sandbox), "OPERATOR_TIMEOUT": "30s", "OPERATOR_POLL_INTERVAL": "1s",
            "OPERATOR_SETTLE_TIME": "250ms",
        ]) { $1 }
    }

    /// Runs the operator until it ends by itself.
    func reconcile() throws -> Sandbox.Output { try sandbox.reconcile(environment: environment) }

    /// - Parameter state: the folder in which the operator keeps what it need not lose, on another machine another one.
    func start(state: String = "state") throws -> Process {
        try sandbox.start(
            ["reconcile", "--once", "--state-dir", sandbox.root.path + "/" + state], environment: environment)
    }
}

/// A manifest that asks for one of everything.
func scalewayManifest(enabled: Bool = true, data: String = "live", rootSnapshot: Bool = false) -> String {
    """
    apiVersion: operator/v1
    kind: Instance
    metadata:
      name: box
    spec:
      provider: scaleway
      zone: fr-par-1
      server:
        type: DEV1-S
        image: ubuntu_jammy
        publicIP: reserved
        privateNetworks: [lan]
        firewall:
          inbound: [{protocol: tcp, ports: 22, from: 0.0.0.0/0}]
        cloudInit: |
          #cloud-config
      rootDisk:
        sizeGB: 20
        snapshot: {enable: \(rootSnapshot)}
      dataDisk:
        sizeGB: 1
      runtime:
        enableInstanceServer: \(enabled)
        dataDiskState: \(data)
    """
}

/// A hook of the bare repository that counts pushes and can stop one of them.
enum PushHook {
    case count
    /// Stops the push of this number, before the branch moves or after.
    case hold(Int, before: Bool)

    func install(in sandbox: Sandbox) throws {
        let (number, name) =
            switch self {
            case .count: (0, "pre-receive")
            case .hold(let number, let before): (number, before ? "pre-receive" : "post-receive")
            }
        let script = """
            #!/bin/sh
            n=$(($(cat pushes 2>/dev/null || echo 0) + 1))
            echo $n > pushes
            [ $n = \(number) ] || exit 0
            echo $PPID > arrived && mv arrived held
            # A test that was killed lets nobody go: after a minute the push is refused.
            n=0
            while [ ! -s go ] && [ $n -lt 3000 ]; do n=$((n + 1)); sleep 0.02; done
            exit $(cat go || echo 1)

            """
        let hook = sandbox.root.appendingPathComponent("repository.git/hooks/\(name)")
        try script.write(to: hook, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook.path)
    }

    private static func file(_ name: String, in sandbox: Sandbox) -> URL {
        sandbox.root.appendingPathComponent("repository.git/" + name)
    }

    static func pushes(in sandbox: Sandbox) throws -> Int {
        let text = try String(contentsOf: file("pushes", in: sandbox), encoding: .utf8)
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    static func isHolding(in sandbox: Sandbox) -> Bool {
        FileManager.default.fileExists(atPath: file("held", in: sandbox).path)
    }

    /// Lets the push that is held go on, or refuses it, and waits until it has come to its end.
    static func letGo(in sandbox: Sandbox, refusing: Bool) async throws {
        let held = file("held", in: sandbox)
        let receiver = pid_t(try String(contentsOf: held, encoding: .utf8).trimmingCharacters(in: .newlines))
        try FileManager.default.removeItem(at: held)
        try (refusing ? "1\n" : "0\n").write(to: file("go", in: sandbox), atomically: true, encoding: .utf8)
        while let receiver, kill(receiver, 0) == 0 { try await Task.sleep(for: .milliseconds(5)) }
    }
}
