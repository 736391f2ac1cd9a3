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

let package = Package(
    name: "operator",
    targets: [
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "YAML", dependencies: ["CYAML"], swiftSettings: strict),
        .target(name: "Instances", dependencies: ["YAML"], swiftSettings: safe),
        .target(name: "Reconciler", dependencies: ["Instances"], swiftSettings: safe),
        .testTarget(name: "InstancesTests", dependencies: ["Instances"], swiftSettings: strict),
        .testTarget(name: "YAMLTests", dependencies: ["YAML"], swiftSettings: strict),
    ]
)
