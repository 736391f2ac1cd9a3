import ProviderContract
import TestThreads
import Testing

@Suite(.runs(on: .programs)) struct ContractTests {
    @Test(arguments: ContractClause.allCases)
    func `the local provider keeps the contract`(clause: ContractClause) async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        try await ProviderContract(harness).check(clause)
    }
}
