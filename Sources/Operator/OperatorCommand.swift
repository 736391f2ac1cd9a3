import ArgumentParser

struct OperatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator",
        abstract: "Start and stop cloud machines by git commits.",
        discussion: """
            A team commits a manifest per instance. The operator compares each manifest with the live provider and with \
            its records, does what is missing, and commits what it found to a status branch. On stop the data disk is \
            snapshotted, and deleted only once the snapshot is proven; on start it is restored.

            First steps:
              operator validate examples/                      check manifests, without any network
              operator plan --repo PATH|URL                    what would be done
              operator reconcile --once --repo PATH|URL        do it, once
              operator status --repo PATH|URL                  what is, from the status branch

            Every option can be given as an environment variable: --state-dir is OPERATOR_STATE_DIR, and so on.
            Exit codes: 0 done, 1 usage or internal error, 2 changes pending, 3 some instances failed, 4 needs approval, \
            5 invalid manifest, 7 another operator is at work, 8 git or a provider unreachable, 9 still converging, \
            10 status could not be published.
            """,
        version: "operator \(version)",
        subcommands: [
            ReconcileCommand.self, RunCommand.self, PlanCommand.self, ValidateCommand.self, StatusCommand.self,
            SchemaCommand.self, RecoverCommand.self, DoctorCommand.self,
        ])

    /// Of the program; the status branch and the tags have versions of their own.
    static let version = "0.1.0"
}
