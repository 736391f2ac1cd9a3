import HTTP
import Reconciler

/// The Marketplace API: which images there are for a zone.
struct MarketplaceAPI: Sendable {
    let client: Client
    let zone: Zone

    /// The images behind a label that make a root disk of the Block API, one for each architecture.
    ///
    /// - Returns: empty where there is no such label.
    func localImages(label: String) async throws(ProviderError) -> [LocalImage] {
        var call = Call.get(
            "/marketplace/v2/local-images",
            query: [("image_label", label), ("zone", zone.text), ("type", LocalImage.block)],
            to: "look up image '\(printable(label, limit: 60))' in \(zone)")
        call.subject = .kind("MarketplaceImage")
        do throws(ProviderError) {
            return try await client.everything(call)
                .filter { $0.zone == zone.text && $0.type == LocalImage.block && $0.label == label }
        } catch {
            guard error.reason == .notFound else { throw error }
            return []
        }
    }

    /// Every label there is.
    func labels() async throws(ProviderError) -> [String] {
        let call = Call.get("/marketplace/v2/images", to: "list the images of the marketplace")
        return try await client.everything(call, of: MarketplaceImage.self).map(\.label)
    }
}

/// An image of the marketplace in one zone, for one architecture. Its id changes with every update of the image.
struct LocalImage: Listed {
    static let listing = ListingStyle.usual("local_images")
    /// Images that make a root disk of the Block API.
    static let block = "instance_sbs"

    var id: String
    var arch: String
    var zone: String
    var label: String
    var type: String
    var compatibleTypes: [String]

    private enum CodingKeys: String, CodingKey {
        case id, arch, zone, label, type
        case compatibleTypes = "compatible_commercial_types"
    }
}

/// An image of the marketplace.
struct MarketplaceImage: Listed {
    static let listing = ListingStyle.usual("images")

    var id: String
    var label: String
}
