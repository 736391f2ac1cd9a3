import ScalewayEmulator
import Testing

/// The emulator is held to what the real API was recorded doing.
@Suite(.enabled(if: Recording.folder != nil, Comment(rawValue: Recording.absent)))
struct RecordingTests {
    /// Sessions of 2021, when the API had other fields.
    private static let old: Set<String> = [
        "history-500-server-create-alter-tags", "history-500-and-412-private-network",
    ]

    /// Sessions that are not answered alike yet, and in what.
    private static let known: [String: Comment] = [
        "tf-instance-action-instance-create-snapshot-sbs": "a poll that the recorder dropped: creating for longer",
        "tf-instance-server-root-volume-size": "a poll that the recorder dropped: starting and terminating for longer",
        "history-412-block-snapshot-in-use": "the older API: zone par1, early references",
    ]

    @Test(arguments: ((try? Recording.names()) ?? []).filter { !old.contains($0) })
    func `the emulator answers a recorded session as the real API did`(name: String) throws {
        var replay = Replay()
        replay.play(try Recording.read(name))
        // One line for each way in which they differ.
        let differences = Set(replay.differences).sorted()
        guard let why = Self.known[name] else {
            #expect(differences == [])
            return
        }
        withKnownIssue(why) { #expect(differences == [], "\(differences.joined(separator: "\n   "))") }
    }
}
