import Glibc
import Instances
import Reconciler
import Synchronization

/// Says what happens while it happens: on a terminal a live line for each busy instance, else one line a step.
final class Progress: Sendable {
    private let state: Mutex<State>
    private let isTerminal: Bool
    private let start = ContinuousClock.now
    /// More live lines than this are no help.
    private static let liveLines = 12

    private struct State {
        var busy: [InstanceName: String] = [:]
        var drawn = 0
        var last: [InstanceName: String] = [:]
    }

    /// - Parameter isQuiet: says nothing at all, for output that is one document.
    init(isQuiet: Bool) {
        isTerminal = !isQuiet && isatty(STDERR_FILENO) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"
        self.isQuiet = isQuiet
        state = Mutex(State())
    }

    private let isQuiet: Bool

    func say(_ event: Event) {
        guard !isQuiet else { return }
        state.withLock { state in
            switch event {
            case .step(let name, let explanation):
                step(name, explanation, mark: "…", &state)
            case .failed(let name, let explanation):
                state.busy[name] = nil
                step(name, explanation, mark: "!", &state)
            case .settled(let name, let explanation):
                // An instance that was at rest all the time is no news; the summary counts it.
                guard state.last.removeValue(forKey: name) != nil else { return }
                state.busy[name] = nil
                line("\(clock()) \(paint(.green, "✓")) \(name): \(terminalText(explanation.message))", &state)
            case .published(let commit):
                if !isTerminal { line("\(clock())   status published as \(commit.prefix(12))", &state) }
            case .note(let text):
                line("\(clock()) \(terminalText(text))", &state)
            }
        }
    }

    private func step(_ name: InstanceName, _ explanation: Explanation, mark: String, _ state: inout State) {
        let text = "\(name): \(terminalText(explanation.message))"
        // A wait that is looked at again and again is one step.
        guard state.last[name] != text else { return }
        state.last[name] = text
        if isTerminal, mark == "…" {
            state.busy[name] = text
            erase(&state)
            draw(&state)
        } else {
            line("\(clock()) \(mark == "!" ? paint(.red, mark) : mark) \(text)", &state)
        }
    }

    /// Takes the live lines away.
    func finish() {
        state.withLock { state in
            erase(&state)
            state.busy = [:]
        }
    }

    // MARK: Drawing

    private func line(_ text: String, _ state: inout State) {
        erase(&state)
        write(text + "\n")
        draw(&state)
    }

    private func erase(_ state: inout State) {
        guard state.drawn > 0 else { return }
        write("\u{1b}[\(state.drawn)A\u{1b}[J")
        state.drawn = 0
    }

    private func draw(_ state: inout State) {
        guard isTerminal else { return }
        let lines = state.busy.sorted { $0.key < $1.key }.map(\.value)
        let width = columns()
        for text in lines.prefix(Self.liveLines) { write("\(clock()) … \(text.prefix(width))\n") }
        if lines.count > Self.liveLines { write("        and \(lines.count - Self.liveLines) more\n") }
        state.drawn = min(lines.count, Self.liveLines) + (lines.count > Self.liveLines ? 1 : 0)
    }

    private func columns() -> Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 60 }
        return Int(size.ws_col) - 12
    }

    private func clock() -> String {
        let seconds = start.duration(to: .now)
        let tenths = seconds.components.seconds * 10 + seconds.components.attoseconds / 100_000_000_000_000_000
        let text = "\(tenths / 10).\(tenths % 10)s"
        return String(repeating: " ", count: max(0, 7 - text.count)) + text
    }

    private enum Colour: Int { case red = 31, green = 32 }

    private func paint(_ colour: Colour, _ text: String) -> String {
        isTerminal && getenv("NO_COLOR") == nil ? "\u{1b}[\(colour.rawValue)m\(text)\u{1b}[0m" : text
    }

    private func write(_ text: String) { print(text, to: STDERR_FILENO) }
}

/// Writes all of a text, whatever the descriptor takes at a time; a reader that is gone is no reason to stop.
func print(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        bytes = bytes.dropFirst(count)
    }
}
