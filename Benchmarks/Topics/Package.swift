// swift-tools-version: 6.2
import PackageDescription

// A package of its own, over the same sources: the service's build knows nothing of it.
let package = Package(
    name: "topics-benchmark",
    dependencies: [.package(url: "https://github.com/jpsim/Yams", from: "6.2.2")],
    targets: [
        .target(
            name: "PrefModel",
            resources: [.embedInCode("Vocabulary/dimensions.json")],
            swiftSettings: strict
        ),
        .target(
            name: "PrefTopics",
            dependencies: ["PrefModel", .product(name: "Yams", package: "Yams")],
            resources: [.embedInCode("Tiers")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "topics",
            dependencies: [
                "PrefModel", "PrefTopics", .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
    ]
)

var strict: [SwiftSetting] {
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
