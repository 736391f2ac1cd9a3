import Glibc
import HTTP

/// Logins by host, in the file format of ftp(1) as curl and git read it.
///
/// Source: netrc(5); curl, "The .netrc file format".
struct Netrc {
    struct Entry {
        /// Nil for `default`.
        let machine: String?
        let login: String
        let password: Secret
    }

    private(set) var entries: [Entry] = []

    /// Bytes. A file of logins is far smaller; a device or a mistake is not read to the end.
    private static let limit = 1 << 20

    /// A file that is not there counts as empty.
    ///
    /// - Parameter isAskedFor: somebody has named the file. One that is only looked for where everybody has it counts as
    ///   empty too where this user cannot get at it: a service often has the home folder of nobody.
    /// - Throws: `.invalidRemote` where others can read it.
    init(path: String, isAskedFor: Bool) throws(GitError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            let code = errno
            guard code == ENOENT || !isAskedFor && [ENOTDIR, EACCES].contains(code) else {
                throw .invalidRemote(reason: "cannot read \(path): \(String(cString: strerror(code)))")
            }
            self.init(text: "")
            return
        }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_size <= Self.limit else {
            throw .invalidRemote(reason: "\(path) is not a file of at most \(Self.limit) bytes")
        }
        guard info.st_mode & 0o007 == 0 else {
            throw .invalidRemote(reason: "\(path) holds passwords and is open to everybody: chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: Self.limit)
        let count = Glibc.read(file, &bytes, bytes.count)
        self.init(text: String(decoding: bytes[..<max(0, count)], as: UTF8.self))
    }

    init(text: String) {
        var machine: String??
        var login: String?
        var password: String?
        func finish(_ entries: inout [Entry]) {
            guard let machine, let login, let password else { return }
            entries.append(Entry(machine: machine, login: login, password: Secret(password)))
        }
        var words = Self.words(text)[...]
        while let word = words.popFirst() {
            switch word {
            case "machine", "default":
                finish(&entries)
                (login, password) = (nil, nil)
                machine = .some(word == "machine" ? words.popFirst() : nil)
            case "login": login = words.popFirst()
            case "password": password = words.popFirst()
            case "account": _ = words.popFirst()
            default: continue
            }
        }
        finish(&entries)
    }

    /// The first entry for the host, and for its user where the URL names one; else the default.
    func entry(for origin: Remote.Origin) -> Entry? {
        func isMeant(_ entry: Entry) -> Bool { origin.user == nil || origin.user == entry.login }
        return entries.first { $0.machine?.lowercased() == origin.host && isMeant($0) }
            ?? entries.first { $0.machine == nil && isMeant($0) }
    }

    /// Without comments and macros. A word in double quotes may hold blanks and, after a backslash, quotes.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var isInMacro = false
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if isInMacro {
                isInMacro = !line.allSatisfy(\.isWhitespace)
                continue
            }
            guard line.first(where: { !$0.isWhitespace }) != "#" else { continue }
            for word in self.words(of: line) {
                if word == "macdef" {
                    isInMacro = true
                    break
                }
                words.append(word)
            }
        }
        return words
    }

    private static func words(of line: Substring) -> [String] {
        var words: [String] = []
        var rest = line.drop(while: \.isWhitespace)
        while let first = rest.first {
            var word = ""
            if first == "\"" {
                rest.removeFirst()
                while let character = rest.popFirst(), character != "\"" {
                    word.append(character == "\\" ? rest.popFirst() ?? "\\" : character)
                }
            } else {
                word = String(rest.prefix { !$0.isWhitespace })
                rest = rest.dropFirst(word.count)
            }
            words.append(word)
            rest = rest.drop(while: \.isWhitespace)
        }
        return words
    }
}
