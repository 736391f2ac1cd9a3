import ArgumentParser
import Glibc

/// Runs a command and turns what comes of it into the program's exit codes.
///
/// The parser's own code for a usage error is 64; ours is 1, as the contract says.
@main
enum Main {
    static func main() async {
        do {
            var command = try OperatorCommand.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            exit(code(for: error))
        }
    }

    private static func code(for error: any Error) -> Int32 {
        if let code = error as? ArgumentParser.ExitCode { return code.rawValue }
        let text = OperatorCommand.fullMessage(for: error)
        let isAnswer = OperatorCommand.exitCode(for: error) == .success
        if !text.isEmpty { print(text + "\n", to: isAnswer ? 1 : 2) }
        return isAnswer ? 0 : 1
    }
}
