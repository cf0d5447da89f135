// swift-tools-version: 6.2
import PackageDescription

// The learner's own sources, built for release apart from the main package.
let package = Package(
    name: "LearningBenchmark",
    targets: [
        .target(
            name: "PrefModel",
            resources: [.embedInCode("Vocabulary/dimensions.json")],
            swiftSettings: settings
        ),
        .target(
            name: "PrefLearning",
            dependencies: ["PrefModel"],
            resources: [
                .embedInCode("Data/followups.json"), .embedInCode("Data/lexicon.json"),
                .embedInCode("Data/questions.json"), .embedInCode("Data/reference.json"),
                .embedInCode("Data/types.json"),
            ],
            swiftSettings: settings
        ),
        .target(name: "TestSupport", swiftSettings: settings),
        .executableTarget(
            name: "LearningBenchmark",
            dependencies: ["PrefModel", "PrefLearning", "TestSupport"],
            swiftSettings: settings
        ),
    ]
)

var settings: [SwiftSetting] {
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ]
}
