import ArgumentParser
import Glibc
import Instances
import Reconciler

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the status branch.",
        discussion: """
              operator status --repo .            a table of all instances
              operator status gpu-box --repo .    everything about one

            It is read from git alone; no provider is asked.
            """)

    @Argument(help: ArgumentHelp("Show everything about this instance.", valueName: "name"))
    var name: String?

    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let environment = Environment.process
        let settings = try RepositorySettings(repository, environment: environment)
        let format = try output.format(environment)
        let git = GitRepository(
            settings: settings, environment: environment, acceptsStatusRewrite: true, isReader: true, now: wallClock)
        let tree: StatusTree
        do {
            guard let head = try await git.heads().status else {
                print("there is no status yet: nothing was reconciled\n", to: 2)
                throw ArgumentParser.ExitCode(8)
            }
            tree = try await git.status(at: head).tree
        } catch let error as RepositoryError {
            print("error: \(terminalText(error.description))\n", to: 2)
            throw ArgumentParser.ExitCode(8)
        }
        if let name {
            try show(name, of: tree, format)
        } else if format == .json {
            print(String(decoding: tree.page(StatusIndex.path) ?? [], as: UTF8.self), to: 1)
        } else {
            let width = isatty(1) == 1 ? terminalWidth() : nil
            print(statusTable(tree.statuses, unreadable: tree.unreadable, width: width), to: 1)
        }
    }

    private func show(_ text: String, of tree: StatusTree, _ format: OutputFormat) throws {
        guard let name = InstanceName(text), let file = tree.files[name] else {
            throw ValidationError("The status branch knows no instance '\(text)'.")
        }
        if let why = tree.unreadable[name] {
            print("error: \(terminalText(why.message))\n", to: 2)
            throw ArgumentParser.ExitCode(3)
        }
        guard let status = file.status else { throw ValidationError("There is no status of '\(text)' yet.") }
        switch format {
        case .json: print(String(decoding: JSONValue(status.node).document, as: UTF8.self), to: 1)
        case .text: print(statusDetail(status), to: 1)
        }
    }
}

func terminalWidth() -> Int? {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return nil }
    return Int(size.ws_col)
}
