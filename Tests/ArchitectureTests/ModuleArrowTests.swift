import Foundation
import Testing

/// Which module may import which is written once, in the table of `docs/ARCHITECTURE.md`.
@Suite("Module arrows")
struct ModuleArrowTests {
    private struct Description: Decodable {
        struct Target: Decodable {
            let name: String
            let type: String
            let target_dependencies: [String]?
        }
        let targets: [Target]
    }

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The package's own targets and what they depend on, as SwiftPM sees them.
    private func arrows() throws -> [String: Set<String>] {
        let scratch = FileManager.default.temporaryDirectory.appending(
            path: "prefd-\(UUID().uuidString)"
        )
        defer { try? FileManager.default.removeItem(at: scratch) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // A scratch folder of its own: the one in use is locked by whoever runs the tests.
        process.arguments = [
            "swift", "package", "--package-path", Self.root.path, "--scratch-path", scratch.path,
            "describe",
            "--type", "json",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let targets = try JSONDecoder().decode(Description.self, from: data).targets
        let own = targets.filter { $0.type != "test" && $0.name != "TestSupport" }
        return Dictionary(
            uniqueKeysWithValues: own.map { ($0.name, Set($0.target_dependencies ?? [])) }
        )
    }

    /// The table's rows: a module and what it may import.
    private func table() throws -> [String: String] {
        let page = try String(
            contentsOf: Self.root.appending(path: "docs/ARCHITECTURE.md"),
            encoding: .utf8
        )
        var rows: [String: String] = [:]
        for line in page.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3 else { continue }
            rows[cells[0].trimmingCharacters(in: ["`"])] = cells[2]
        }
        return rows
    }

    @Test("are those of the map, and every module is on it")
    func arrowsAreOnTheMap() throws {
        let rows = try table()
        for (module, dependencies) in try arrows()
        where !module.hasPrefix("C") || module == "ChatWire" {
            let allowed = try #require(rows[module], "\(module) has no row in docs/ARCHITECTURE.md")
            guard allowed != "all" else { continue }
            let names = Set(
                allowed.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            )
            for dependency in dependencies {
                #expect(
                    names.contains(dependency),
                    """
                    \(module) imports \(dependency), an arrow that docs/ARCHITECTURE.md does not have. Arrows \
                    point one way so that a module can be read and tested without those above it: move the code, \
                    declare a port, or change the map and say why.
                    """
                )
            }
        }
    }

    @Test("of the map all exist")
    func mapIsTrue() throws {
        let arrows = try arrows()
        for (module, allowed) in try table() where allowed != "all" && allowed != "–" {
            let dependencies = try #require(
                arrows[module],
                "\(module) is on the map and not in the package"
            )
            for name in allowed.split(separator: ",").map({
                $0.trimmingCharacters(in: .whitespaces)
            }) {
                #expect(
                    dependencies.contains(name),
                    "the map lets \(module) import \(name), and it does not"
                )
            }
        }
    }

    @Test("never lead into prefd")
    func nothingImportsTheDaemon() throws {
        for (module, dependencies) in try arrows() {
            #expect(!dependencies.contains("prefd"), "\(module)")
        }
    }
}
