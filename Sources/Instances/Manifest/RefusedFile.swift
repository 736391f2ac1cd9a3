import YAML

extension DecodedFile {
    /// A file that could not even be read: instances may hide in it, so none is taken for removed.
    ///
    /// - Parameter reason: what is wrong with it, and the way out.
    public static func refused(path: String, reason: String) -> DecodedFile {
        var file = DecodedFile(path: path)
        file.unreadable = true
        file.diagnostics = [Diagnostic(file: path, mark: Mark(line: 1, column: 1), text: reason)]
        return file
    }
}
