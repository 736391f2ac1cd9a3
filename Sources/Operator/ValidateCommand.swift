import ArgumentParser
import Glibc
import Instances

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check manifests, without any network.",
        discussion: """
            Reads files and folders as they are on disk and reports all errors of all files. What only a provider can \
            know (does the type exist, is there quota) is checked by `operator plan`.

              operator validate
              operator validate machines/ gpu-box.yaml
            """)

    @Argument(help: ArgumentHelp("Files and folders; default the current folder.", valueName: "path"))
    var paths: [String] = []

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let format = try output.format(.process)
        let files = try WorkingTree(paths: paths.isEmpty ? ["."] : paths).files()
        let configuration = combine(files.map(\.decoded))
        let bytes = Dictionary(files.map { ($0.path, $0.bytes) }, uniquingKeysWith: { $1 })
        switch format {
        case .json:
            print(try jsonText(configuration.diagnostics.map(ReportJSON.Problem.init)), to: 1)
        case .text:
            let isTerminal = isatty(2) == 1
            for diagnostic in configuration.diagnostics {
                print(terminalText(diagnostic.description) + "\n", to: 2)
                if isTerminal, let source = bytes[diagnostic.file], !source.isEmpty {
                    print(excerpt(of: diagnostic, in: source) + "\n", to: 2)
                }
            }
            let count = configuration.manifests.count
            let read = files.count { !$0.decoded.isClosedFolder }
            print(
                "\(count) valid manifest\(count == 1 ? "" : "s") in \(read) file\(read == 1 ? "" : "s")\n", to: 2)
        }
        if configuration.hasErrors { throw ArgumentParser.ExitCode(5) }
    }
}
