import CLibGit2

/// libgit2's end of a line: the structs and callbacks through which its smart protocol reads and writes.
///
/// One conversation uses one transport. libgit2 frees what it was given when its remote is freed, so the transport has
/// to outlive the remote.
final class Transport {
    private let line: any Line
    private let receivedLimit: Int
    private var stream: UnsafeMutablePointer<clibgit2_stream>?
    private var wire: (any Wire)?

    /// The first failure of ours; libgit2 only knows that there was one.
    private(set) var failure: GitError?
    private(set) var received = 0
    /// Whether the other side stopped talking.
    private(set) var reachedEnd = false
    private var hasWritten = false

    init(_ line: any Line, receivedLimit: Int) {
        self.line = line
        self.receivedLimit = receivedLimit
    }

    /// Whether a request may have reached the other side, at least in part.
    var sentRequest: Bool { hasWritten && wire?.mayHaveActed ?? true }

    /// What the other side said about its silence.
    func explanation() -> GitError? {
        reachedEnd ? wire?.explanation() : nil
    }

    /// Makes the transport that a remote uses. It must not fail: libgit2 1.5 then frees what it never got.
    func make(_ out: UnsafeMutablePointer<UnsafeMutablePointer<git_transport>?>?, for remote: OpaquePointer?) -> Int32 {
        var definition = git_smart_subtransport_definition()
        definition.rpc = line.isStateless ? 1 : 0
        definition.param = Unmanaged.passUnretained(self).toOpaque()
        definition.callback = { out, _, owner in
            let subtransport = UnsafeMutablePointer<clibgit2_subtransport>.allocate(capacity: 1)
            subtransport.initialize(to: clibgit2_subtransport())
            subtransport.pointee.owner = owner
            subtransport.pointee.base.action = { out, subtransport, _, action in
                Transport.of(subtransport).open(out, subtransport, action)
            }
            // Each stream closes its own wire; there is nothing else.
            subtransport.pointee.base.close = { _ in 0 }
            subtransport.pointee.base.free = { subtransport in
                UnsafeMutableRawPointer(subtransport)?.assumingMemoryBound(to: clibgit2_subtransport.self).deallocate()
            }
            out?.pointee = UnsafeMutableRawPointer(subtransport).assumingMemoryBound(to: git_smart_subtransport.self)
            return 0
        }
        return git_transport_smart(out, remote, &definition)
    }

    private static func of(_ subtransport: UnsafeMutablePointer<git_smart_subtransport>?) -> Transport {
        UnsafeMutableRawPointer(subtransport!).withMemoryRebound(to: clibgit2_subtransport.self, capacity: 1) {
            Unmanaged<Transport>.fromOpaque($0.pointee.owner).takeUnretainedValue()
        }
    }

    private static func of(_ stream: UnsafeMutablePointer<git_smart_subtransport_stream>?) -> Transport {
        UnsafeMutableRawPointer(stream!).withMemoryRebound(to: clibgit2_stream.self, capacity: 1) {
            Unmanaged<Transport>.fromOpaque($0.pointee.owner).takeUnretainedValue()
        }
    }

    private func open(
        _ out: UnsafeMutablePointer<UnsafeMutablePointer<git_smart_subtransport_stream>?>?,
        _ subtransport: UnsafeMutablePointer<git_smart_subtransport>?, _ action: git_smart_service_t
    ) -> Int32 {
        if line.isStateless || stream == nil {
            let service: Service =
                action == GIT_SERVICE_UPLOADPACK || action == GIT_SERVICE_UPLOADPACK_LS ? .uploadPack : .receivePack
            let isAdvertisement = action == GIT_SERVICE_UPLOADPACK_LS || action == GIT_SERVICE_RECEIVEPACK_LS
            let opened = attempt { () throws(GitError) in
                wire = try line.wire(service, advertisement: isAdvertisement)
            }
            guard opened else { return -1 }
            let stream = UnsafeMutablePointer<clibgit2_stream>.allocate(capacity: 1)
            stream.initialize(to: clibgit2_stream())
            stream.pointee.owner = Unmanaged.passUnretained(self).toOpaque()
            stream.pointee.base.subtransport = subtransport
            stream.pointee.base.read = { stream, buffer, size, count in
                Transport.of(stream).read(UnsafeMutableRawBufferPointer(start: buffer, count: size), count)
            }
            stream.pointee.base.write = { stream, bytes, size in
                Transport.of(stream).write(UnsafeRawBufferPointer(start: bytes, count: size))
            }
            stream.pointee.base.free = { stream in Transport.of(stream).close(stream) }
            self.stream = stream
        }
        out?.pointee = UnsafeMutableRawPointer(stream)?.assumingMemoryBound(to: git_smart_subtransport_stream.self)
        return 0
    }

    private func read(_ buffer: UnsafeMutableRawBufferPointer, _ count: UnsafeMutablePointer<Int>?) -> Int32 {
        let done = attempt { () throws(GitError) in
            let read = try wire?.read(into: buffer) ?? 0
            if received == 0, Self.speaksSHA256(UnsafeRawBufferPointer(rebasing: buffer[..<read])) {
                throw .invalidRemote(reason: "the repository uses SHA-256 names, which libgit2 cannot read yet")
            }
            received += read
            // Until something was asked for, all that comes is the list of branches.
            let limit = hasWritten ? receivedLimit : min(receivedLimit, Limits.announcedBytes)
            guard received <= limit else {
                let pack = "the number of bytes that the remote sent"
                throw .limitExceeded(
                    what: hasWritten ? pack : "the remote's list of branches, in bytes,", limit: limit,
                    wayOut: hasWritten ? Limits.shorten : nil)
            }
            reachedEnd = read == 0
            count?.pointee = read
        }
        return done ? 0 : -1
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        hasWritten = true
        return attempt { () throws(GitError) in try wire?.write(bytes) } ? 0 : -1
    }

    private func close(_ stream: UnsafeMutablePointer<git_smart_subtransport_stream>?) {
        wire?.close()
        self.stream = nil
        UnsafeMutableRawPointer(stream)?.assumingMemoryBound(to: clibgit2_stream.self).deallocate()
    }

    /// Runs a step of ours inside a callback and keeps the first failure.
    private func attempt(_ step: () throws(GitError) -> Void) -> Bool {
        guard failure == nil else { return false }
        do throws(GitError) {
            try step()
            return true
        } catch {
            failure = error
            git_error_set_str(Int32(GIT_ERROR_NET.rawValue), "broken off")
            return false
        }
    }

    /// Source: gitprotocol-capabilities(5), object-format.
    private static func speaksSHA256(_ bytes: UnsafeRawBufferPointer) -> Bool {
        String(decoding: bytes.prefix(4096), as: UTF8.self).contains("object-format=sha256")
    }
}
