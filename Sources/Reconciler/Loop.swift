extension Reconciler {
    /// Runs passes until told to stop.
    ///
    /// - Parameters:
    ///   - interval: between the end of a pass and the next; up to a tenth is added at random, so that operators that
    ///     were started together do not ask together. A remote that wants more rest gets it.
    ///   - onPass: hears of every pass.
    /// - Returns: the report of the last pass.
    public mutating func run(
        every interval: Duration, onPass: @Sendable (PassReport) -> Void
    ) async -> PassReport {
        while true {
            let report = await pass()
            onPass(report)
            if surroundings.isStopping() { return report }
            let jitter = Double(surroundings.random() >> 11) / Double(1 << 53) / 10
            let rest = max(interval + interval * jitter, quiet)
            await pause(rest, until: surroundings.clock.now.advanced(by: rest))
            if surroundings.isStopping() { return report }
        }
    }
}
