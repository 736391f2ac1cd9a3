import YAML

/// A range of addresses in CIDR notation, `192.0.2.0/24` or `2001:db8::/32`.
///
/// Source: RFC 4632 section 3.1, RFC 4291 section 2.3.
struct NetworkBlock: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16.
    let address: [UInt8]
    let prefix: Int

    enum Problem: Hashable, Error {
        case notABlock
        /// Only the address is written.
        case noPrefix(NetworkBlock)
        /// Bits after the prefix are set; providers cut them off, and would then differ from the manifest for ever.
        case bitsPastPrefix(NetworkBlock)
    }

    init(_ text: String) throws(Problem) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, let address = Self.ipv4(first) ?? Self.ipv6(first), parts.count <= 2 else {
            throw .notABlock
        }
        let bits = address.count * 8
        guard parts.count == 2 else { throw .noPrefix(Self(address: address, prefix: bits)) }
        guard let prefix = decimal(parts[1]), prefix <= bits else { throw .notABlock }
        let block = Self(address: address, prefix: prefix)
        guard block.masked == block else { throw .bitsPastPrefix(block.masked) }
        self = block
    }

    private init(address: [UInt8], prefix: Int) {
        self.address = address
        self.prefix = prefix
    }

    private var masked: NetworkBlock {
        var address = address
        for index in address.indices {
            let kept = min(8, max(0, prefix - index * 8))
            address[index] &= ~(UInt8.max >> UInt8(kept))
        }
        return NetworkBlock(address: address, prefix: prefix)
    }

    /// The one spelling that everybody agrees on. Source: RFC 5952 section 4.
    var description: String {
        guard address.count == 16 else { return address.map(String.init).joined(separator: ".") + "/\(prefix)" }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(address[$0]) << 8 | UInt16(address[$0 + 1]) }
        let zeros = Self.longestZeros(groups)
        let hexadecimal = groups.map { String($0, radix: 16) }
        guard zeros.count > 1 else { return hexadecimal.joined(separator: ":") + "/\(prefix)" }
        let left = hexadecimal[..<zeros.lowerBound].joined(separator: ":")
        let right = hexadecimal[zeros.upperBound...].joined(separator: ":")
        return "\(left)::\(right)/\(prefix)"
    }

    /// The first of the longest runs.
    private static func longestZeros(_ groups: [UInt16]) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > best.count { best = start..<index }
            start = index + 1
        }
        return best
    }

    private static func ipv4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { decimal($0).flatMap { UInt8(exactly: $0) } }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    private static func ipv6(_ text: Substring) -> [UInt8]? {
        guard text.utf8.contains(UInt8(ascii: ":")) else { return nil }
        let halves = separate(text)
        guard let left = groups(halves[0], isEnd: halves.count == 1) else { return nil }
        guard halves.count == 2 else { return left.count == 8 ? bytes(of: left) : nil }
        guard let right = groups(halves[1], isEnd: true), left.count + right.count <= 7 else { return nil }
        return bytes(of: left + Array(repeating: 0, count: 8 - left.count - right.count) + right)
    }

    /// The text before and after the first `::`, or all of it; another `::` makes an empty group, which is refused.
    private static func separate(_ text: Substring) -> [Substring] {
        var colon = false
        for index in text.indices {
            if text[index] == ":", colon {
                return [text[..<text.index(before: index)], text[text.index(after: index)...]]
            }
            colon = text[index] == ":"
        }
        return [text]
    }

    /// - Parameter isEnd: whether the address ends here; only there its last four bytes may be written as in IPv4.
    private static func groups(_ text: Substring, isEnd: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if isEnd, index == parts.count - 1, let last = ipv4(part) {
                groups += [UInt16(last[0]) << 8 | UInt16(last[1]), UInt16(last[2]) << 8 | UInt16(last[3])]
            } else {
                guard part.utf8.count <= 4, part.allSatisfy(\.isHexDigit), let group = UInt16(part, radix: 16) else {
                    return nil
                }
                groups.append(group)
            }
        }
        return groups
    }

    private static func bytes(of groups: [UInt16]) -> [UInt8] {
        groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }
}

extension Value where Result == String {
    /// A range of addresses, in its canonical spelling.
    static var networkBlock: Self {
        let demand = "a range of addresses such as 0.0.0.0/0 or 2001:db8::/32"
        return Value(
            schema: [
                .init("type", .text("string")),
                .init(
                    "pattern",
                    .text("^([0-9]{1,3}(\\.[0-9]{1,3}){3}/[0-9]{1,2}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*/[0-9]{1,3})$")),
            ],
            read: { node, reader in
                guard let text = text(of: node, &reader) else { return nil }
                do throws(NetworkBlock.Problem) {
                    return try NetworkBlock(text).description
                } catch {
                    let hint: String? =
                        switch error {
                        case .notABlock: nil
                        case .noPrefix(let block), .bitsPastPrefix(let block): "\(block)"
                        }
                    reader.refuse(node, mustBe: demand, hint: hint.map { ": did you mean \($0)?" } ?? "")
                    return nil
                }
            })
    }
}

extension Value where Result == ClosedRange<Int> {
    /// A port, or the first and the last of several.
    static var ports: Self {
        let all = 1...65_535
        let demand = "a port such as 22, or a range such as 80-443"
        return Value(
            schema: [
                .init(
                    "anyOf",
                    .list([
                        .of(
                            ("type", .text("integer")), ("minimum", .number(all.lowerBound)),
                            ("maximum", .number(all.upperBound))),
                        .of(("type", .text("string")), ("pattern", .text("^[1-9][0-9]{0,4}-[1-9][0-9]{0,4}$"))),
                    ]))
            ],
            read: { node, reader in
                let parts = node.scalar.map { $0.text.split(separator: "-", omittingEmptySubsequences: false) } ?? []
                let ports = parts.compactMap { decimal($0) }.filter(all.contains)
                guard let first = ports.first, let last = ports.last, ports.count == parts.count, ports.count <= 2,
                    first <= last
                else {
                    reader.refuse(node, mustBe: demand)
                    return nil
                }
                guard ports.count == 2 || node.scalar?.style == .plain else {
                    reader.refuse(node, mustBe: demand, hint: ": write it without quotes")
                    return nil
                }
                return first...last
            })
    }
}
