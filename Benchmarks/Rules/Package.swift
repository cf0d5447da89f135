// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The rule engine by itself, from the same sources as prefd's, and a program that measures it.
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

// All that are shipped.
let packs = try FileManager.default
    .contentsOfDirectory(atPath: Context.packageDirectory + "/Sources/PrefRules/Packs").sorted()

let package = Package(
    name: "rulebench",
    dependencies: [.package(url: "https://github.com/jpsim/Yams", from: "6.2.2")],
    targets: [
        .target(
            name: "PrefModel",
            resources: [.embedInCode("Vocabulary/dimensions.json")],
            swiftSettings: strict
        ),
        .target(name: "CTextBlocks"),
        .target(
            name: "PrefRules",
            dependencies: ["PrefModel", "CTextBlocks", .product(name: "Yams", package: "Yams")],
            resources: packs.map { .embedInCode("Packs/\($0)") },
            swiftSettings: strict
        ),
        .executableTarget(
            name: "rulebench",
            dependencies: ["PrefRules"],
            swiftSettings: strict
        ),
    ]
)
