// swift-tools-version: 6.2

import PackageDescription

/// Every module: Swift 6, warnings are errors, imports say what they leak.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// Modules that hold no pointer at all.
let safe = strict + [.strictMemorySafety()]

/// For mutation tests only: every guard can be switched off by its name. Production is built without.
let mutants: [SwiftSetting] = Context.environment["OPERATOR_MUTANTS"] == "1" ? [.define("MUTANTS")] : []

/// `make fuzz` alone: a program that only links with libFuzzer, and reaches into the modules that it feeds.
let fuzzing: [Target] =
    Context.environment["OPERATOR_FUZZ"] == "1"
    ? [
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "CLibGit2", "Git", "HTTP", "Instances", "Reconciler", "ScalewayProvider", "Simulation",
                "YAML",
            ],
            path: "Fuzzing/Fuzz", swiftSettings: strict)
    ] : []

/// `make mutants` alone: only there can a safeguard be taken out.
let mutationTests: [Target] =
    mutants.isEmpty
    ? []
    : [
        .executableTarget(
            name: "mutants", dependencies: ["Instances", "Simulation", "Simulator"], path: "Tests/Simulation/mutants",
            swiftSettings: safe)
    ]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "operator",
    products: [
        .executable(name: "operator", targets: ["Operator"]),
        .executable(name: "scaleway-emulator", targets: ["ScalewayEmulatorServer"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CLibGit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),

        .target(name: "YAML", dependencies: ["CYAML"], swiftSettings: strict),
        .target(name: "HTTP", dependencies: ["CCurl"], swiftSettings: strict),
        .target(name: "Git", dependencies: ["CLibGit2", "HTTP"], swiftSettings: strict),
        .target(name: "Instances", dependencies: ["YAML"], swiftSettings: safe + mutants),
        .target(name: "Reconciler", dependencies: ["Instances"], swiftSettings: safe),
        .target(
            name: "LocalProvider", dependencies: ["Instances", "Reconciler"], path: "Sources/Providers/Local",
            exclude: ["CounterGuest.S"], swiftSettings: strict),
        .target(
            name: "ScalewayProvider", dependencies: ["HTTP", "Instances", "Reconciler", "YAML"],
            path: "Sources/Providers/Scaleway", swiftSettings: safe),
        .executableTarget(
            name: "Operator",
            dependencies: [
                "Git", "HTTP", "Instances", "LocalProvider", "Reconciler", "ScalewayProvider", "YAML", argumentParser,
            ], swiftSettings: strict),

        .target(name: "ScalewayEmulator", swiftSettings: safe),
        .executableTarget(
            name: "ScalewayEmulatorServer",
            dependencies: [
                "ScalewayEmulator", argumentParser, .product(name: "Hummingbird", package: "hummingbird"),
            ], swiftSettings: strict),

        .target(
            name: "ProviderContract", dependencies: ["Instances", "Reconciler"], path: "Tests/ProviderContract",
            swiftSettings: safe),
        .target(
            name: "Simulation", dependencies: ["Instances"], path: "Tests/Simulation/Explorer", swiftSettings: safe),
        .executableTarget(
            name: "explore", dependencies: ["Simulation"], path: "Tests/Simulation/explore", swiftSettings: safe),
        .target(name: "TestThreads", path: "Tests/TestThreads", swiftSettings: strict),
        .target(
            name: "Simulator", dependencies: ["Instances", "Reconciler"], path: "Tests/Simulation/Simulator",
            swiftSettings: strict),
        .executableTarget(
            name: "simulate", dependencies: ["Simulator"], path: "Tests/Simulation/simulate",
            swiftSettings: strict,
            // Most of what it calls is the runtime: no detour over its stubs is a fourteenth less time.
            linkerSettings: [.unsafeFlags(["-static-stdlib"], .when(configuration: .release))]),
        .testTarget(
            name: "SimulationTests", dependencies: ["Simulation", "Simulator", "TestThreads"],
            swiftSettings: strict),
        .testTarget(name: "YAMLTests", dependencies: ["YAML", "TestThreads"], swiftSettings: strict),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP", "TestThreads"], swiftSettings: strict),
        .testTarget(name: "GitTests", dependencies: ["Git", "HTTP", "TestThreads"], swiftSettings: strict),
        .testTarget(name: "InstancesTests", dependencies: ["Instances", "YAML", "TestThreads"], swiftSettings: strict),
        .testTarget(name: "ReconcilerTests", dependencies: ["Instances", "Reconciler", "YAML"], swiftSettings: strict),
        .target(name: "CrashPoints", path: "Tests/CrashPoints"),
        .executableTarget(
            name: "local-provider-crasher",
            dependencies: ["CrashPoints", "LocalProvider", "Instances", "Reconciler"],
            path: "Tests/LocalProviderCrasher", swiftSettings: strict),
        .testTarget(
            name: "LocalProviderTests",
            dependencies: [
                "LocalProvider", "ProviderContract", "Instances", "Reconciler", "local-provider-crasher",
                "TestThreads",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ScalewayProviderTests",
            dependencies: [
                "ScalewayProvider", "HTTP", "Instances", "Reconciler", "YAML", "ScalewayEmulator",
                "ScalewayEmulatorServer", "ProviderContract", "TestThreads",
            ], swiftSettings: strict),
        .testTarget(
            name: "ScalewayEmulatorTests",
            dependencies: ["ScalewayEmulator", "ScalewayEmulatorServer", "YAML", "TestThreads"],
            exclude: ["drive.py", "proxied.py"], swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests", dependencies: ["HTTP", "Operator", "ScalewayEmulatorServer", "TestThreads"],
            swiftSettings: strict),
    ] + fuzzing + mutationTests
)
