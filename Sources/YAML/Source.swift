import Glibc

/// The bytes of one file, without the byte order mark they may begin with, and the way from offsets to positions.
///
/// Does not own the bytes: valid only inside the `withUnsafeBufferPointer` that made it.
struct Source {
    let bytes: UnsafeBufferPointer<UInt8>

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Refuses what libyaml would accept, or would report without a position.
    init(_ file: UnsafeBufferPointer<UInt8>, limit: Int) throws(YAMLError) {
        guard file.count <= limit else {
            throw YAMLError(.tooLarge(bytes: file.count, limit: limit), at: .start)
        }
        if file.count >= 2 {
            let isMarked = (file[0], file[1]) == (0xFE, 0xFF) || (file[0], file[1]) == (0xFF, 0xFE)
            // Every manifest begins with an ASCII character, which has a zero byte in UTF-16.
            guard !isMarked, file[0] != 0, file[1] != 0 else { throw YAMLError(.utf16, at: .start) }
        }
        let skipped = file.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0
        bytes = UnsafeBufferPointer(rebasing: file[skipped...])

        if let offset = firstOffset(of: 0, from: 0) {
            throw YAMLError(.controlCharacter(0), at: mark(atByte: offset))
        }
        var offset = 0
        while let next = firstOffset(of: Self.byteOrderMark[0], from: offset) {
            if bytes[next...].starts(with: Self.byteOrderMark) {
                throw YAMLError(.byteOrderMarkInside, at: mark(atByte: next))
            }
            offset = next + 1
        }
    }

    func firstOffset(of byte: UInt8, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + start, Int32(byte), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// The position of a byte, counted as libyaml counts it in `yaml_mark_t`.
    func mark(atByte offset: Int) -> Mark {
        var cursor = Cursor()
        while cursor.byte < offset, cursor.byte < bytes.count {
            cursor.advance(in: bytes)
        }
        return Mark(line: cursor.line, column: cursor.column)
    }

    /// Walks over a text by characters, because libyaml's offsets count characters and not bytes.
    struct Cursor {
        private(set) var byte = 0
        private(set) var character = 0
        private(set) var line = 1
        private(set) var column = 1

        mutating func advance(in bytes: UnsafeBufferPointer<UInt8>, to character: Int) {
            while self.character < character, byte < bytes.count {
                advance(in: bytes)
            }
        }

        mutating func advance(in bytes: UnsafeBufferPointer<UInt8>) {
            let first = bytes[byte]
            let start = byte
            byte += 1
            while byte < bytes.count, bytes[byte] & 0xC0 == 0x80 {
                byte += 1
            }
            character += 1
            column += 1
            if endsLine(first, bytes[start..<byte], next: byte < bytes.count ? bytes[byte] : nil) {
                line += 1
                column = 1
            }
        }

        /// YAML 1.1 has five line breaks: LF, CR (LF), NEL, LS and PS.
        private func endsLine(_ first: UInt8, _ character: Slice<UnsafeBufferPointer<UInt8>>, next: UInt8?) -> Bool {
            switch first {
            case UInt8(ascii: "\n"): true
            case UInt8(ascii: "\r"): next != UInt8(ascii: "\n")
            case 0xC2: character.elementsEqual([0xC2, 0x85])
            case 0xE2: character.elementsEqual([0xE2, 0x80, 0xA8]) || character.elementsEqual([0xE2, 0x80, 0xA9])
            default: false
            }
        }
    }
}
