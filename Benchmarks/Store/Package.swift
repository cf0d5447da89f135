// swift-tools-version: 6.2
import PackageDescription

// The store's own sources, built for release apart from the main package.
let package = Package(
    name: "StoreBenchmark",
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .target(name: "CPostgres"),
        .target(name: "CSecretMemory"),
        .target(name: "Postgres", dependencies: ["CPostgres"], swiftSettings: settings),
        .target(
            name: "PrefModel",
            resources: [.embedInCode("Vocabulary/dimensions.json")],
            swiftSettings: settings
        ),
        .target(
            name: "PrefStore",
            dependencies: [
                "PrefModel", "Postgres", "CSecretMemory",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "StoreBenchmark",
            dependencies: ["PrefModel", "PrefStore"],
            swiftSettings: settings
        ),
    ]
)

var settings: [SwiftSetting] {
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
    ]
}
