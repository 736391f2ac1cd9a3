import Foundation
import TestThreads
import Testing

/// Secrets go in by every way that there is, and are looked for wherever something comes out.
@Suite(.runs(on: .programs)) struct CanaryTests {
    private enum Canary {
        static let token = "canary-git-token"
        static let netrc = "canary-netrc-password"
        static let address = "canary-in-the-address"
        static let proxy = "canary-proxy-password"
        static let mistyped = "canary-mistyped-key"
        static let revoked = "99999999-9999-4999-8999-999999999999"
        /// In the form of a token of GitHub, so that it is found where nobody expects one.
        static let inCloudInit = "ghp_canaryCanaryCanaryCanaryCanaryCanary"
        static let inField = "canary-in-a-field"
        static let all = [token, netrc, address, proxy, mistyped, revoked, inCloudInit, inField]
    }

    private static let leaky = """
        apiVersion: operator/v1
        kind: Instance
        metadata: {name: leaky}
        spec:
          provider: scaleway
          zone: fr-par-1
          password: \(Canary.inField)
          server:
            type: DEV1-S
            image: ubuntu_jammy
            cloudInit: |
              #cloud-config
              \(Canary.inCloudInit)
          rootDisk: {sizeGB: 20}
        """

    @Test func `a secret that goes in comes out nowhere`() async throws {
        let sandbox = try Sandbox()
        let cloud = try EmulatedCloud(state: Story.account(in: sandbox), in: sandbox)
        let key = try #require(cloud.environment["SCW_SECRET_KEY"])
        try sandbox.commit(["box.yaml": Self.sound, "leaky.yaml": Self.leaky])
        let netrc = sandbox.root.appendingPathComponent(".netrc")
        try Data("machine 127.0.0.1 login me password \(Canary.netrc)\n".utf8).write(to: netrc)
        chmod(netrc.path, 0o600)
        var told = ""
        for form in ["text", "json"] {
            for trouble in Self.troubles {
                var environment = cloud.environment
                environment["OPERATOR_OUTPUT"] = form
                environment["OPERATOR_GIT_TOKEN"] = Canary.token
                environment.merge(trouble.environment) { $1 }
                let output = try sandbox.run(trouble.arguments, environment: environment)
                #expect((output.code == 0) == trouble.isNone, "\(trouble.arguments): \(output.err.suffix(600))")
                told += output.out + output.err
            }
        }
        // It was all looked at: what is wrong is named, and what is right is done.
        #expect(told.contains("spec.server.cloudInit holds a GitHub token"))
        #expect(told.contains("denied_authentication"))
        #expect(try await cloud.holdings().running == 1)
        told += try sandbox.git("-C", "repository.git", "log", "-p", "status")
        told += try sandbox.remembered()
        for canary in Canary.all + [key] {
            let leaks = told.split(separator: "\n").filter { $0.contains(canary) }
            #expect(leaks.isEmpty)
        }
    }

    private struct Trouble {
        var arguments: [String]
        var environment: [String: String] = [:]
        /// Whether it does what it is asked for, and says nothing of what is wrong.
        var isNone = false
    }

    /// Every command, and every way to be refused that a secret leads to.
    private static let troubles = [
        Trouble(arguments: ["validate", "clone"]),
        Trouble(arguments: ["plan"]),
        Trouble(arguments: ["reconcile", "--once"], environment: ["SCW_SECRET_KEY": Canary.revoked]),
        Trouble(arguments: ["reconcile", "--once"], environment: ["SCW_SECRET_KEY": Canary.mistyped]),
        Trouble(arguments: ["doctor", "--zone", "fr-par-1"], environment: ["SCW_SECRET_KEY": Canary.revoked]),
        Trouble(arguments: ["reconcile", "--once"]),
        Trouble(arguments: ["status"], isNone: true),
        Trouble(arguments: ["recover"]),
        Trouble(arguments: ["doctor", "--zone", "fr-par-1"], isNone: true),
        Trouble(arguments: ["status", "--repo", "https://127.0.0.1:1/team/machines.git"]),
        Trouble(
            arguments: ["status", "--repo", "https://127.0.0.1:1/team/machines.git"],
            environment: ["OPERATOR_GIT_TOKEN": ""]),
        Trouble(
            arguments: ["status", "--repo", "https://machines.example/team.git"],
            environment: ["https_proxy": "http://me:\(Canary.proxy)@127.0.0.1:1"]),
        Trouble(arguments: ["status", "--repo", "https://me:\(Canary.address)@127.0.0.1:1/machines.git"]),
    ]

    private static let sound = """
        apiVersion: operator/v1
        kind: Instance
        metadata: {name: box}
        spec:
          provider: scaleway
          zone: fr-par-1
          server: {type: DEV1-S, image: ubuntu_jammy, publicIP: none}
          rootDisk: {sizeGB: 20}
        """
}

extension Sandbox {
    /// Everything below the state directory, as it is on the disk.
    fileprivate func remembered() throws -> String {
        let state = root.appendingPathComponent("state")
        let paths = FileManager.default.enumerator(atPath: state.path)?.compactMap { $0 as? String } ?? []
        return paths.compactMap { try? Data(contentsOf: state.appendingPathComponent($0)) }
            .map { String(decoding: $0, as: UTF8.self) }.joined()
    }
}
