import ScalewayEmulator

/// The emulated account, one request at a time.
actor Account {
    private var emulator: Emulator

    init(configuration: Configuration) {
        emulator = Emulator(configuration: configuration, now: .now)
    }

    func handle(_ request: APIRequest) -> APIResponse {
        emulator.handle(request, at: .now)
    }
}
