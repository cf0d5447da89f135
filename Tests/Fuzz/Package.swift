// swift-tools-version: 6.2
import PackageDescription

// Fuzzers in a package of their own: they are built with other flags than everything else.
// Sources/ holds links to the modules that they test. `run.sh` builds and runs them.
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

// What is tested is watched for its coverage and by the address sanitizer; what it stands on is not.
// One flag for both: given one by one, the fuzzer sees no coverage. Tests reach inside of modules.
let watched = strict + [.unsafeFlags(["-sanitize=fuzzer,address", "-enable-testing"])]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(
            name: "PrefModel",
            resources: [.embedInCode("Vocabulary/dimensions.json")],
            swiftSettings: watched
        ),
        .target(name: "ChatWire", swiftSettings: watched),
        .target(
            name: "PrefLearning",
            dependencies: ["PrefModel"],
            resources: [
                .embedInCode("Data/followups.json"), .embedInCode("Data/lexicon.json"),
                .embedInCode("Data/questions.json"), .embedInCode("Data/reference.json"),
                .embedInCode("Data/types.json"),
            ],
            swiftSettings: watched
        ),
        .target(
            name: "CTextBlocks",
            cSettings: [.unsafeFlags(["-fsanitize=fuzzer-no-link,address"])]
        ),
        .target(
            name: "PrefRules",
            dependencies: ["PrefModel", "CTextBlocks", yams],
            resources: [.embedInCode("Packs")],
            swiftSettings: watched + [.define("SERIAL")]
        ),
        // The step that enforces, without the side of it that does I/O: that stands on all of NIO,
        // which takes minutes to build.
        .target(
            name: "PrefPipeline",
            dependencies: ["PrefModel", "ChatWire", "PrefRules", "PrefLearning", nioCore],
            exclude: ["AnswerOutcome.swift", "Enforcement.swift", "Judging"],
            swiftSettings: watched
        ),
        .target(name: "TestSupport", swiftSettings: strict),
        .target(name: "CLibFuzzer"),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "CLibFuzzer", "ChatWire", "PrefModel", "PrefRules", "PrefPipeline", "TestSupport",
                nioCore,
            ],
            swiftSettings: watched + [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]
        ),
    ]
)
