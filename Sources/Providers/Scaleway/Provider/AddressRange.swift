/// Whether a text is a range of IP addresses: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
func isAddressRange(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let address = parts.first, parts.count <= 2 else { return false }
    let width: Int
    if isIPv4(address) { width = 32 } else if isIPv6(address) { width = 128 } else { return false }
    guard parts.count == 2 else { return true }
    guard let prefix = decimal(parts[1], atMost: width) else { return false }
    return prefix <= width
}

private func isIPv4(_ text: Substring) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { decimal($0, atMost: 255) != nil }
}

/// Source: RFC 4291, 2.2.
private func isIPv6(_ text: Substring) -> Bool {
    let halves = text.split(separator: "::", omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return false }
    let groups = halves.flatMap { $0.isEmpty ? [] : $0.split(separator: ":", omittingEmptySubsequences: false) }
    guard groups.allSatisfy({ (1...4).contains($0.utf8.count) && $0.allSatisfy(\.isHexDigit) }) else { return false }
    return halves.count == 2 ? groups.count < 8 : groups.count == 8
}

/// A number without signs and leading zeros.
private func decimal(_ text: Substring, atMost limit: Int) -> Int? {
    guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    guard text.utf8.count == 1 || text.utf8.first != 48, let number = Int(text), number <= limit else { return nil }
    return number
}
