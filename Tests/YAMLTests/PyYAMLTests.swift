import TestThreads
import Testing

@testable import YAML

@Suite(
    .runs(on: .programs), .enabled(if: PyYAML.isInstalled, "needs python3 with PyYAML (apt-get install python3-yaml)"))
struct PyYAMLTests {
    @Test func `PyYAML reads the strings that were written`() throws {
        var random = SplitMix64(seed: 1)
        let flows: [Flow] = [.never, .fitting(columns: 40), .fitting(columns: 10_000)]
        let documents = (0..<600).map { _ in Fragments.node(depth: 4, using: &random) }
        let files = documents.enumerated().map { write($1, flow: flows[$0 % flows.count]) }
        let answers = try PyYAML.read(files)
        #expect(answers.count == documents.count)
        for (number, answer) in answers.enumerated() {
            let text = String(decoding: files[number], as: UTF8.self).debugDescription
            let expected = [PyYAML.Tree(values: documents[number])]
            #expect(answer.values == expected, "\(text)")
            #expect(answer.libyamlValues == expected, "\(text)")
        }
    }

    @Test func `PyYAML reads what is read here and refuses what is no YAML`() throws {
        var random = SplitMix64(seed: 2)
        let files = (0..<1500).map { _ in Array(Fragments.damagedText(using: &random).utf8) }
        let answers = try PyYAML.read(files)
        var accepted = 0
        var confirmed = 0
        var refused = 0
        for (file, answer) in zip(files, answers) {
            let text = String(decoding: file, as: UTF8.self).debugDescription
            do {
                let trees = try parse(file).map { PyYAML.Tree(scalars: $0) }
                #expect(answer.libyamlScalars?.filter { $0 != .text("") } == trees, "\(text)")
                accepted += 1
                // The reader written in Python refuses a little more: tabs inside bare text, `?` inside brackets.
                guard let scalars = answer.scalars else { continue }
                #expect(scalars.filter { $0 != .text("") } == trees, "\(text)")
                confirmed += 1
            } catch {
                guard case .syntax = error.reason else { continue }
                #expect(answer.libyamlScalars == nil, "\(error): \(text)")
                refused += 1
            }
        }
        // Else the generator would have stopped to test anything.
        #expect(accepted > 300 && refused > 300, "\(accepted) accepted, \(refused) refused")
        #expect(confirmed * 10 > accepted * 9, "\(confirmed) of \(accepted)")
    }
}
