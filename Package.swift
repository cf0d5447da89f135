// swift-tools-version: 6.2
import PackageDescription

// Every target of prefd compiles under these settings; the C shims are exempt.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle"
)
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "prefd",
    products: [
        .executable(name: "prefd", targets: ["prefd"]),
        .executable(name: "prefctl", targets: ["prefctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Leaves: values and bytes, no I/O.
        .target(
            name: "PrefModel",
            resources: [.embedInCode("Vocabulary/dimensions.json")],
            swiftSettings: strict
        ),
        .target(name: "ChatWire", swiftSettings: strict),
        .target(
            name: "PrefLearning",
            dependencies: ["PrefModel"],
            resources: [
                .embedInCode("Data/followups.json"), .embedInCode("Data/lexicon.json"),
                .embedInCode("Data/questions.json"), .embedInCode("Data/reference.json"),
                .embedInCode("Data/types.json"),
            ],
            swiftSettings: strict
        ),

        // What prefd exists for.
        .target(name: "CTextBlocks"),
        .target(
            name: "PrefRules",
            dependencies: ["PrefModel", "CTextBlocks", yams],
            resources: [.embedInCode("Packs")],
            swiftSettings: strict
        ),
        .target(
            name: "PrefTopics",
            dependencies: ["PrefModel", yams],
            resources: [.embedInCode("Tiers")],
            swiftSettings: strict
        ),
        .target(
            name: "PrefPipeline",
            dependencies: [
                "PrefModel", "ChatWire", "PrefRules", "PrefTopics", "PrefLearning", nioCore,
                nioHTTP1,
            ],
            resources: [.embedInCode("Compose/preference-text.yaml")],
            swiftSettings: strict
        ),

        // Edges: disk, sockets, systemd, configuration.
        .target(name: "Postgres", dependencies: ["CPostgres"], swiftSettings: strict),
        .target(
            name: "PrefStore",
            dependencies: ["PrefModel", "Postgres", "CSecretMemory", grdb, crypto],
            swiftSettings: strict
        ),
        .target(
            name: "UnixHTTP",
            dependencies: ["CPeerCred", nioCore, nioPosix, nioHTTP1, nioTLS, nioSSL],
            swiftSettings: strict
        ),
        .target(name: "Systemd", dependencies: ["CSystemd"], swiftSettings: strict),
        .target(name: "PrefConfig", dependencies: ["PrefModel", yams], swiftSettings: strict),

        // prefd's own API: its messages and client, and the server side.
        .target(
            name: "PrefControl",
            dependencies: ["PrefModel", "UnixHTTP", nioCore, nioHTTP1],
            swiftSettings: strict
        ),
        .target(
            name: "PrefAPI",
            dependencies: [
                "PrefModel", "ChatWire", "PrefControl", "PrefStore", "PrefRules", "PrefLearning",
            ],
            swiftSettings: strict
        ),

        // Composition roots.
        .executableTarget(
            name: "prefd",
            dependencies: [
                "PrefModel", "ChatWire", "PrefRules", "PrefTopics", "PrefLearning", "PrefPipeline",
                "PrefStore", "UnixHTTP", "Systemd",
                "PrefConfig", "PrefControl", "PrefAPI", "CSecretMemory", arguments, lifecycle,
                signals, logging,
                nioCore, nioPosix, nioHTTP1,
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "prefctl",
            dependencies: [
                "PrefModel", "PrefControl", "UnixHTTP", "CClock", arguments, nioCore, nioHTTP1,
            ],
            swiftSettings: strict
        ),

        // C shims, as thin as they go.
        .target(name: "CClock"),
        .target(name: "CPeerCred"),
        .target(name: "CPostgres"),
        .target(name: "CSecretMemory"),
        .systemLibrary(
            name: "CLibSystemd",
            pkgConfig: "libsystemd",
            providers: [.apt(["libsystemd-dev"])]
        ),
        .target(name: "CSystemd", dependencies: ["CLibSystemd"]),

        // Each mirrors its target; Tests/Integration runs the real programs with real clients.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "PrefModelTests",
            dependencies: ["PrefModel", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ChatWireTests",
            dependencies: ["ChatWire", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PrefLearningTests",
            dependencies: ["PrefModel", "PrefLearning", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PrefRulesTests",
            dependencies: ["PrefRules", "CTextBlocks"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PrefTopicsTests",
            dependencies: ["PrefTopics", "PrefModel", yams],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PrefPipelineTests",
            dependencies: [
                "PrefPipeline", "PrefModel", "PrefRules", "PrefTopics", "TestSupport", nioCore,
                nioHTTP1, yams,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PrefStoreTests",
            dependencies: ["PrefStore", "Postgres", "PrefModel", "TestSupport", grdb, crypto],
            exclude: ["Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "UnixHTTPTests",
            dependencies: ["UnixHTTP", nioCore, nioPosix, nioHTTP1, nioSSL],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SystemdTests",
            dependencies: ["Systemd", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PrefConfigTests",
            dependencies: ["PrefConfig", "PrefModel", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PrefAPITests",
            dependencies: [
                "PrefModel", "PrefControl", "PrefStore", "PrefRules", "PrefLearning", "PrefAPI",
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        .testTarget(
            name: "PrefControlTests",
            dependencies: ["PrefModel", "PrefControl", "prefctl", "UnixHTTP", nioCore, nioHTTP1],
            swiftSettings: strict
        ),
    ]
)
