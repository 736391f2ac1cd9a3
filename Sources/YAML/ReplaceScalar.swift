import CYAML

/// Puts another text in the place of one scalar and leaves every other byte as it is: comments, spacing, quotes.
///
/// The scalar keeps its style if it can hold the text: `true` becomes `false` and `"yes"` becomes `"no"`. Else it is put
/// in quotes. After the edit the document is read again, so it says exactly what it said before but for this scalar.
///
/// - Parameters:
///   - document: the index of the document in what `parse` returns.
///   - path: keys from the outermost mapping to the scalar.
/// - Throws: what `parse` throws for these bytes; `notFound`, at the mapping in which the key is missing;
///   `notReplaceable`, at what is there instead of a scalar on lines of its own.
public func replaceScalar(
    in bytes: [UInt8], document: Int, at path: [String], with text: String, limits: Limits = .manifest
) throws(YAMLError) -> [UInt8] {
    let documents = try parse(bytes, limits: limits)
    guard documents.indices.contains(document) else { throw YAMLError(.notFound(path: path), at: .start) }
    let node = try documents[document].value(at: path)
    guard case .scalar(let scalar) = node.content, scalar.style != .literal, scalar.style != .folded else {
        throw YAMLError(.notReplaceable(path: path), at: node.mark)
    }

    var expected = documents
    expected[document] = expected[document].replacing(path[...], with: Node(.scalar(scalar.with(text))))
    let range = try byteRange(of: scalar, at: node.mark, in: bytes)
    for candidate in scalar.spellings(of: text) {
        var edited = bytes
        edited.replaceSubrange(range, with: candidate.utf8)
        // Reading it again is the whole proof: what a spelling means depends on what is around it.
        guard let read = try? parse(edited, limits: limits), read.count == expected.count else { continue }
        if zip(read, expected).allSatisfy({ $0.saysTheSame(as: $1) }) { return edited }
    }
    throw YAMLError(.notReplaceable(path: path), at: node.mark)
}

/// Where a scalar that was read at `mark` stands in the file.
private func byteRange(of scalar: Node.Scalar, at mark: Mark, in file: [UInt8]) throws(YAMLError) -> Range<Int> {
    try file.withUnsafeBufferPointer { (bytes) throws(YAMLError) in
        let source = try Source(bytes, limit: bytes.count)
        var events = try EventStream(source)
        repeat {
            try events.advance()
        } while events.type != YAML_SCALAR_EVENT || events.mark != mark || events.scalar != scalar

        var cursor = Source.Cursor()
        let skipped = bytes.count - source.bytes.count
        cursor.advance(in: source.bytes, to: events.range.lowerBound)
        let start = skipped + cursor.byte
        cursor.advance(in: source.bytes, to: events.range.upperBound)
        return start..<skipped + cursor.byte
    }
}

extension Node {
    fileprivate func value(at path: [String]) throws(YAMLError) -> Node {
        var node = self
        for key in path {
            guard case .mapping(let pairs) = node.content, let pair = pairs.first(where: { $0.key == key }) else {
                throw YAMLError(.notFound(path: path), at: node.mark)
            }
            node = pair.value
        }
        return node
    }

    /// - Parameter path: leads to a value.
    fileprivate func replacing(_ path: ArraySlice<String>, with value: Node) -> Node {
        guard let key = path.first, case .mapping(var pairs) = content,
            let index = pairs.firstIndex(where: { $0.key == key })
        else { return value }
        let pair = pairs[index]
        let replaced = pair.value.replacing(path.dropFirst(), with: value)
        pairs[index] = Pair(key: key, keyMark: pair.keyMark, value: replaced)
        return Node(.mapping(pairs), at: mark)
    }
}

extension Node.Scalar {
    /// The same scalar with another text. Empty text is not null, so it cannot be plain.
    fileprivate func with(_ text: String) -> Node.Scalar {
        Node.Scalar(text, style: style == .plain && text.isEmpty ? .doubleQuoted : style)
    }

    /// How a text could be written in the place of this scalar, the most similar first.
    fileprivate func spellings(of text: String) -> [String] {
        let quoted = TextShape(text).quoted
        switch style {
        case .plain:
            // Where there was nothing, not even a space parts the value from its key.
            return self.text.isEmpty ? [" " + text, " " + quoted] : [text, quoted]
        case .singleQuoted:
            let single = text.unicodeScalars.map { $0 == "'" ? "''" : String($0) }.joined()
            return ["'" + single + "'", quoted]
        case .doubleQuoted, .literal, .folded:
            return [quoted]
        }
    }
}
