public import Instances
public import Reconciler

extension LocalProvider {
    public func tag(_ resource: ResourceID, with tags: Tags) async throws(ProviderError) {
        try await change([resource.text]) { (_) throws(ProviderError) in
            switch resource {
            case .server(let id): try self.replace(try self.require(id).tagged(tags), .server)
            case .disk(let id): try self.replace(try self.require(id).tagged(tags), .disk)
            case .snapshot(let id): try self.replace(try self.require(id).tagged(tags), .snapshot)
            case .companion(let id): throw self.noCompanion(id)
            }
        }
    }

    public func deleteCompanion(_ id: CompanionID) async throws(ProviderError) { throw noCompanion(id) }

    private func noCompanion(_ id: CompanionID) -> ProviderError {
        ProviderError(
            .notFound, "the local provider makes no addresses, firewalls or networks, so no \(quoted(id.text))")
    }
}
