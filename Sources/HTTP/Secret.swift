/// Text that must never be seen: a token, a password, a URL with one inside.
///
/// However a secret is printed (interpolation, `print`, `dump`, `Mirror`, inside another value), it prints as `***`.
/// The only way to the text is ``reveal()``, so a search for that word finds every place where it leaves.
public struct Secret: Sendable, Hashable {
    private let text: String

    /// - Parameter text: the secret. One newline at its end is dropped, because files and shells add one.
    public init(_ text: String) {
        // "\r\n" is a single Character.
        self.text = text.last?.isNewline == true ? String(text.dropLast()) : text
    }

    /// The text itself, for the one place that needs it.
    public func reveal() -> String {
        text
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "***" }
    public var debugDescription: String { "***" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
