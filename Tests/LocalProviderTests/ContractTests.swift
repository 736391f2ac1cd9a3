import ProviderContract
import Testing

@Suite struct ContractTests {
    @Test(arguments: ContractClause.allCases)
    func `the local provider keeps the contract`(clause: ContractClause) async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        try await ProviderContract(harness).check(clause)
    }
}
