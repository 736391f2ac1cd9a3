import Glibc

/// Traps where something is wrong with what it made of the bytes.
typealias Target = @Sendable ([UInt8]) -> Void

private let targets: [String: Target] = [
    "manifest": fuzzManifest, "record": fuzzRecord, "scaleway": fuzzScaleway, "tree": fuzzTree,
    "schedule": fuzzSchedule,
]

/// The one that the environment variable `FUZZ_TARGET` names.
private let chosen: Target = {
    guard let name = getenv("FUZZ_TARGET"), let target = targets[String(cString: name)] else {
        print("FUZZ_TARGET must be one of \(targets.keys.sorted().joined(separator: ", "))")
        exit(1)
    }
    return target
}()

/// What libFuzzer, which brings the program's `main`, calls for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    chosen(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}

/// Ends the run with the input saved; what is wrong stands above libFuzzer's own report.
func demand(_ condition: Bool, _ what: @autoclosure () -> String) {
    guard !condition else { return }
    let line = Array("violated: \(what())\n".utf8)
    _ = write(2, line, line.count)
    abort()
}

/// Whether text may go to a terminal as it is.
func isPrintable(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } }
