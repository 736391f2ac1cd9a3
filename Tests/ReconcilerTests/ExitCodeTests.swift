import Instances
import Testing
import YAML

@testable import Reconciler

/// Exit codes are a contract with scripts: which apply, and which comes first.
@Suite struct ExitCodeTests {
    private func report(_ outcomes: PassReport.Outcome..., change: (inout PassReport) -> Void = { _ in }) -> PassReport
    {
        var report = PassReport()
        report.instances = outcomes.map {
            PassReport.Instance(name: box, outcome: $0, explanation: Explanation("Test", "test"))
        }
        change(&report)
        return report
    }

    @Test(arguments: [
        (PassReport.Outcome.settled, ExitCode.success), (.pending, .changesPending), (.converging, .timedOut),
        (.failed, .someFailed), (.blocked, .blocked), (.invalid, .invalidManifest), (.unknown, .unreachable),
    ])
    func `every outcome has its code`(outcome: PassReport.Outcome, code: ExitCode) {
        #expect(report(outcome).exitCodes == [code])
    }

    @Test func `the numbers are those of the documentation`() {
        #expect(
            ExitCode.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        #expect(ExitCode.byUrgency.map(\.rawValue) == [1, 6, 5, 4, 7, 8, 3, 10, 9, 2])
    }

    @Test func `of several the most pressing comes first, and all are told`() {
        let all = report(.pending, .converging, .failed, .blocked, .invalid, .unknown) { $0.unpublished = "protected" }
        #expect(all.exitCodes.map(\.rawValue) == [5, 4, 8, 3, 10, 9, 2])
        #expect(report().exitCodes == [.success])
    }

    @Test func `who waits for a lock in vain has not timed out`() {
        #expect(report(.converging) { $0.lockedBy = "ci" }.exitCodes == [.locked])
        #expect(report(.settled) { $0.unreachable = "git" }.exitCodes == [.unreachable])
    }

    @Test func `an error in a file counts, a warning does not`() {
        func codes(_ severity: Diagnostic.Severity) -> [ExitCode] {
            report(.settled) {
                $0.diagnostics = [Diagnostic(file: "a.yaml", mark: .start, severity: severity, text: "x")]
            }.exitCodes
        }
        #expect(codes(.error) == [.invalidManifest])
        #expect(codes(.warning) == [.success])
    }
}
