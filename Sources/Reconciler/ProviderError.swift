/// Why a call to a provider failed, sorted by what to do next.
public struct ProviderError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        /// It does not exist. On a read by id, and nowhere else, this means gone.
        case notFound
        /// Something else is going on with it, or it is not in the state that the call needs: wait.
        case conflict
        /// Still attached to or needed by something else: wait, or keep it.
        case inUse
        /// The account may not have more of this: a person acts.
        case quota
        /// The provider has none left at the moment: later.
        case capacity
        /// Later; after this long where the provider says so.
        case rateLimited(retryAfter: Duration?)
        /// The credentials are not accepted: a person acts.
        case unauthorized
        /// The credentials do not permit this: a person acts.
        case forbidden
        /// The provider refuses the arguments: a person acts.
        case invalid
        /// Nothing was carried out: unreachable, or the server failed before the call reached it.
        case unavailable
        /// It may have been carried out, or may be later: look before trying again.
        case unknownOutcome
        /// This machine cannot do it: a program is missing, a disk is full. A person acts.
        case host
    }

    public var reason: Reason
    /// For people: what was tried, on what, and the provider's own words with its request id. Without secrets and
    /// control characters.
    public var message: String

    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    public var description: String { message }

    /// Whether a person has to act before another try makes sense.
    var isForPerson: Bool {
        switch reason {
        case .quota, .unauthorized, .forbidden, .invalid, .host: true
        case .notFound, .conflict, .inUse, .capacity, .rateLimited, .unavailable, .unknownOutcome: false
        }
    }
}
