import ArgumentParser
import Hummingbird
import ScalewayEmulator

@main
struct ScalewayEmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaleway-emulator",
        abstract: "A Scaleway account on your own machine: servers, disks, snapshots and networks, without the bill.")

    @Option(help: ArgumentHelp("Where to listen; 0 takes a free port.", valueName: "port"))
    var port = 8450

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Multiplies every delay of the real API: 1 is as slow, 0.01 a hundred times faster.")
    var timeScale = 0.01

    @Option(help: "The same seed gives the same identifiers and delays.")
    var seed: UInt64 = 1

    func run() async throws {
        let configuration = Configuration(timeScale: timeScale, seed: seed)
        let account = Account(configuration: configuration)
        let application = Application(
            responder: EmulatorResponder(account: account),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "Scaleway API Gateway (emulator)"),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                announce(
                    "http://\(host):\(port)  export SCW_API_URL=http://\(host):\(port)"
                        + " SCW_ACCESS_KEY=\(configuration.accessKey) SCW_SECRET_KEY=\(configuration.secretKey)"
                        + " SCW_DEFAULT_PROJECT_ID=\(configuration.projects[0])"
                        + " SCW_DEFAULT_ORGANIZATION_ID=\(configuration.organization) SCW_DEFAULT_ZONE=fr-par-1")
            })
        try await application.runService()
    }
}
