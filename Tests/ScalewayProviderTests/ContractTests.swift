import ProviderContract
import Testing

extension ScalewayHarness: ProviderHarness {}

@Suite struct ContractTests {
    @Test(arguments: ContractClause.allCases)
    func `the Scaleway provider keeps the contract`(clause: ContractClause) async throws {
        try await ProviderContract(ScalewayHarness()).check(clause)
    }
}
