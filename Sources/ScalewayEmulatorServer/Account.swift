import ScalewayEmulator

/// The emulated account behind HTTP: one request at a time, except for those that are held.
actor Account {
    private var emulator: Emulator
    private var holds: [Int: Hold] = [:]

    /// A request that waits for the control API.
    private struct Hold {
        let request: APIRequest
        let phase: String
        let release: CheckedContinuation<Release, Never>
    }

    enum Release {
        case goOn, drop
    }

    init(_ emulator: Emulator) {
        self.emulator = emulator
    }

    /// The account as it is now.
    var snapshot: Emulator { emulator }

    func answer(_ request: APIRequest) async -> Emulator.Answer {
        if request.path.hasPrefix("/_emulator/holds") { return Emulator.Answer(await control(holds: request)) }
        let admission = emulator.admit(request, at: .now)
        let nothing = Emulator.Answer(APIResponse(status: 500), delivery: .nothing)
        if admission.isHeldBefore, await hold(admission, "before") == .drop { return nothing }
        let answer = emulator.process(admission, at: .now)
        if admission.isHeldAfter, await hold(admission, "after") == .drop { return nothing }
        return answer
    }

    private func hold(_ admission: Emulator.Admission, _ phase: String) async -> Release {
        await withTaskCancellationHandler {
            await withCheckedContinuation { release in
                holds[admission.number] = Hold(request: admission.request, phase: phase, release: release)
            }
        } onCancel: {
            // The program ends: nobody will release the request any more.
            Task { await release(admission.number, .drop) }
        }
    }

    /// - Returns: false where no such request is held.
    @discardableResult
    private func release(_ number: Int, _ release: Release) -> Bool {
        guard let hold = holds.removeValue(forKey: number) else { return false }
        hold.release.resume(returning: release)
        return true
    }

    /// How often somebody who waits for a held request looks for one.
    private static let patience = Duration.milliseconds(5)

    private func control(holds request: APIRequest) async -> APIResponse {
        let path = request.path.split(separator: "/").dropFirst(2).map(String.init)
        switch (request.method, path.count) {
        case ("GET", 0):
            let wait = request.query.first { $0.name == "wait" }.flatMap { Double($0.value) } ?? 0
            let end = ContinuousClock.now + .seconds(wait)
            while holds.isEmpty, ContinuousClock.now < end {
                guard (try? await Task.sleep(for: Self.patience)) != nil else { break }
            }
            return APIResponse(200, ["holds": .array(holds.sorted { $0.key < $1.key }.map(json))])
        case ("POST", 1):
            let drops = (try? JSON(parsing: request.body))?["drop"]?.flag ?? false
            guard let number = Int(path[0]), release(number, drops ? .drop : .goOn) else { break }
            return APIResponse(200, ["ok": true])
        default: break
        }
        return APIResponse(404, ["message": "no such held request", "type": "not_found"])
    }

    private func json(_ number: Int, _ hold: Hold) -> JSON {
        [
            "number": .integer(number), "phase": .string(hold.phase), "method": .string(hold.request.method),
            "path": .string(hold.request.path),
        ]
    }
}
