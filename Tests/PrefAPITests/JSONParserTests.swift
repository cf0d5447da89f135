import Foundation
import Testing

@testable import PrefAPI

@Suite("Reading bodies as JSON")
struct JSONParserTests {
    private func parse(_ text: String) throws(JSONSyntaxError) -> JSONNode {
        try JSONParser.parse(Array(text.utf8))
    }

    @Test("values are what RFC 8259 says they are")
    func values() throws {
        #expect(try parse(" null ") == .null)
        #expect(try parse("[true,false]") == .array([.bool(true), .bool(false)]))
        #expect(try parse("-0.5e+1") == .number(-5))
        #expect(try parse(#"{"a":{"b":[]}}"#) == .object(["a": .object(["b": .array([])])]))
        #expect(try parse(#""a\n\u00e9\ud83d\ude00\/""#) == .string("a\né😀/"))
        #expect(try parse("\"\u{7F}é😀\"") == .string("\u{7F}é😀"))
    }

    @Test(
        "what is no JSON is refused, at its place",
        arguments: [
            ("", 1, 1), ("{", 1, 2), ("{\"a\"}", 1, 5), ("{\"a\":1,}", 1, 8), ("[1,]", 1, 4),
            ("01", 1, 2),
            ("1.", 1, 3), ("-", 1, 2), ("+1", 1, 1), ("tru", 1, 1), ("\"a", 1, 3),
            ("\"\\x\"", 1, 2),
            ("\"\\u12\"", 1, 7), ("\"\\ud800\"", 1, 1), ("\"\\ud800\\u0041\"", 1, 1),
            ("\"\n\"", 1, 2),
            ("{}{}", 1, 3), ("{\n\"a\":1,\n\"a\":2}", 3, 1), ("1e999", 1, 1), ("NaN", 1, 1),
            ("'a'", 1, 1),
        ]
    )
    func refused(text: String, line: Int, column: Int) {
        #expect {
            try parse(text)
        } throws: { error in
            guard let error = error as? JSONSyntaxError else { return false }
            return (error.line, error.column) == (line, column)
        }
    }

    @Test("bytes that are not UTF-8 are refused")
    func bytes() {
        for bytes: [UInt8] in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0xAF]] {
            #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22] + bytes + [0x22]) }
        }
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0xEF, 0xBB, 0xBF, 0x31]) }
    }

    @Test("depth is bounded, so that no body can exhaust the stack")
    func depth() throws {
        let deepest = JSONParser.deepest
        _ = try parse(
            String(repeating: "[", count: deepest) + String(repeating: "]", count: deepest)
        )
        #expect(throws: JSONSyntaxError.self) {
            try parse(String(repeating: "[", count: 1_000_000))
        }
    }

    @Test("the public JSON test suite is read as it says", .enabled(if: JSONTestSuite.isHere))
    func suite() throws {
        let cases = try JSONTestSuite.cases()
        #expect(cases.count > 250)
        for (name, bytes) in cases {
            // Of what the suite leaves open (i_), nothing may crash; of what it accepts, this reader
            // is stricter in the two ways that it documents.
            let accepted = (try? JSONParser.parse(bytes)) != nil
            switch name.prefix(2) {
            case "y_": #expect(accepted != name.contains("duplicated_key"), "\(name)")
            case "n_": #expect(!accepted, "\(name)")
            default: break
            }
        }
    }
}

/// The suite's files, where the test data is at hand; in CI its absence is a failure.
private enum JSONTestSuite {
    static var isHere: Bool {
        archive != nil || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    /// Unpacks the suite beside nothing else, reads it, and takes it away again.
    static func cases() throws -> [(name: String, bytes: [UInt8])] {
        let archive = try #require(
            archive,
            "PREFD_TEST_DATA names no folder with json-test-suite in it"
        )
        let folder = FileManager.default.temporaryDirectory.path + "/json-" + RandomID.new()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tar = Process()
        tar.executableURL = URL(filePath: "/usr/bin/env")
        tar.arguments = ["tar", "-xzf", archive, "-C", folder]
        try tar.run()
        tar.waitUntilExit()
        try #require(tar.terminationStatus == 0)
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
        return try names.filter { $0.hasSuffix(".json") }.sorted().map { name in
            let data = try #require(FileManager.default.contents(atPath: folder + "/" + name))
            return (String(name.split(separator: "/").last ?? ""), Array(data))
        }
    }

    private static var archive: String? {
        var candidates: [String] = []
        if let data = ProcessInfo.processInfo.environment["PREFD_TEST_DATA"] {
            candidates.append(data)
        }
        var path = #filePath
        while let slash = path.lastIndex(of: "/") {
            path = String(path[..<slash])
            candidates.append(path + "/shared/data")
        }
        return candidates.map { $0 + "/json-test-suite/json_cases.tar.gz" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }
}
