import ArgumentParser
import Instances

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print a JSON Schema of the manifests, for editors.",
        discussion: """
              operator schema > operator.schema.json

            and in the first line of a manifest, for editors with a YAML language server:

              # yaml-language-server: $schema=operator.schema.json
            """)

    func run() {
        print(jsonSchema(), to: 1)
    }
}
