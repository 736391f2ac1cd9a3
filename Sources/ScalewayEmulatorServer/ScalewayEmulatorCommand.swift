import ArgumentParser
import FoundationEssentials
import Hummingbird
import Logging
import ScalewayEmulator
import ServiceLifecycle
import UnixSignals

@main
struct ScalewayEmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaleway-emulator",
        abstract: "A Scaleway account on your own machine: servers, disks, snapshots and networks, without the bill.",
        discussion: """
            Speaks the Instance, Block Storage, VPC, IPAM, Marketplace, IAM and Account APIs with the delays and the \
            refusals of the real ones. Every client that knows SCW_API_URL works with it: scw, Terraform, the SDKs.

              scaleway-emulator --port 8450 &
              export SCW_API_URL=http://127.0.0.1:8450    the line it prints has the other variables
              scw instance server list

            Tests drive it through a control API that the real one does not have:

              curl $SCW_API_URL/_emulator                 what there is
              curl $SCW_API_URL/_emulator/invariants      does the newest data of every disk still exist?
              curl $SCW_API_URL/_emulator/faults -d '{"on": "POST /block/v1/zones/*/snapshots", \
            "when": {"nth": 1}, "do": "server-error"}'

            A fault is a request ("METHOD /path", * for a segment, ** for the rest), optionally "with" members of the \
            body, "when" it happens ({"nth": 2} or [1, 3], {"every": 5}, {"from": 3}, {"times": 2}, \
            {"probability": 0.1}), and what to "do":

              "drop-before", "drop-after"   break the connection; after, the request is carried out
              "hold-before", "hold-after"   wait for POST /_emulator/holds/NUMBER
              {"late": 20}                  break the connection, carry the request out 20 seconds later
              {"delay": 3}                  carry it out at once, answer 3 seconds later
              {"truncate": 10}              break the connection after 10 bytes of the body
              {"stale": 30}                 answer a read as it was 30 seconds ago
              {"omit": 1}                   leave the last entry out of a list; {"ids": […], "hide": true} in full
              {"status": 503, "body": …}    answer so, and carry nothing out
              "rate-limited", "server-error", "unavailable", "not-json", "unauthenticated", "forbidden", "not-found", \
            "out-of-stock", "quota", "locked", "transient"
            """)

    @Option(help: ArgumentHelp("Where to listen; 0 takes a free port.", valueName: "port"))
    var port = 8450

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Multiplies every delay of the real API: 1 is as slow, 0.01 a hundred times faster.")
    var timeScale = 1.0

    @Option(help: "The same seed and the same requests give the same identifiers and delays.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Faults from the start: a JSON list as the control API takes it.", valueName: "file"))
    var faults: String?

    @Option(help: ArgumentHelp("Keep the account in this file between runs.", valueName: "file"))
    var state: String?

    @Option(help: "The access key of the account.")
    var accessKey = Configuration.defaultAccessKey

    @Option(help: "The secret key that requests must carry.")
    var secretKey = Configuration.defaultSecretKey

    @Option(help: "A project; several may be given, the first is the default one.")
    var project: [String] = []

    @Option(
        help: ArgumentHelp("Answer 429 for two seconds after more requests than this in one second.", valueName: "n"))
    var rateLimit: Int?

    @Flag(help: "Guests write once more to their data disks when they are shut down, and not only when they boot.")
    var shutdownWrites = false

    func validate() throws {
        guard rateLimit.map({ $0 > 0 }) ?? true else { throw ValidationError("--rate-limit is above 0.") }
        guard timeScale >= 0, timeScale.isFinite else { throw ValidationError("--time-scale is not below 0.") }
    }

    func run() async throws {
        let configuration = Configuration(
            projects: project.isEmpty ? [Configuration.defaultProject] : project, accessKey: accessKey,
            secretKey: secretKey, timeScale: timeScale, seed: seed, writesAtShutdown: shutdownWrites,
            rateLimit: rateLimit)
        let file = state.map(StateFile.init)
        var emulator = try file?.read() ?? Emulator(configuration: configuration, now: .now)
        if let faults {
            _ = try emulator.add(faults: JSON(parsing: Array(Data(contentsOf: URL(filePath: faults)))), at: .now)
        }
        let account = Account(emulator)
        var logger = Logger(label: "scaleway-emulator") { StreamLogHandler.standardError(label: $0) }
        // A connection that was broken on purpose is no error.
        logger.logLevel = .critical
        let application = Application(
            responder: EmulatorResponder(account: account),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "Scaleway API Gateway (emulator)"),
            onServerRunning: { channel in
                announce(self.invitation(port: channel.localAddress?.port ?? port, configuration))
            }, logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: application)], cancellationSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
        } catch is CancellationError {
            // A signal ends the program the way it is meant to end.
        }
        try file?.write(await account.snapshot)
    }

    private func invitation(port: Int, _ configuration: Configuration) -> String {
        let url = "http://\(host):\(port)"
        return "\(url)  export SCW_API_URL=\(url) SCW_ACCESS_KEY=\(configuration.accessKey)"
            + " SCW_SECRET_KEY=\(configuration.secretKey) SCW_DEFAULT_PROJECT_ID=\(configuration.projects[0])"
            + " SCW_DEFAULT_ORGANIZATION_ID=\(configuration.organization) SCW_DEFAULT_ZONE=fr-par-1"
    }
}
