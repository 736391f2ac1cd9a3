/// The two programs that speak git's protocol on the far side.
enum Service: String {
    /// Gives objects.
    case uploadPack = "git-upload-pack"
    /// Takes objects and moves branches.
    case receivePack = "git-receive-pack"
}

/// Opens wires to one remote, for one conversation.
protocol Line {
    /// Whether each request goes over a wire of its own, as in HTTP, instead of one wire for the whole conversation.
    var isStateless: Bool { get }
    /// - Parameter advertisement: for a stateless line, whether the list of branches is asked for.
    func wire(_ service: Service, advertisement: Bool) throws(GitError) -> any Wire
}
