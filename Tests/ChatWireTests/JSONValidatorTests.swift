import Foundation
import TestSupport
import Testing

@testable import ChatWire

@Suite("Validating JSON")
struct JSONValidatorTests {
    /// The cases of JSONTestSuite, by file name.
    static let suite: [(name: String, bytes: [UInt8])] = {
        guard let folder = SharedData.folder else { return [] }
        let scratch = FileManager.default.temporaryDirectory
            .appendingPathComponent("json-test-suite-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let archive = folder.appendingPathComponent("json-test-suite/json_cases.tar.gz").path
        guard
            (try? FileManager.default.createDirectory(
                at: scratch,
                withIntermediateDirectories: true
            )) != nil,
            (try? SharedData.output(["tar", "-xzf", archive, "-C", scratch.path])) != nil,
            let files = FileManager.default.enumerator(at: scratch, includingPropertiesForKeys: nil)
        else { return [] }
        return files.compactMap { $0 as? URL }.compactMap { file in
            guard file.pathExtension == "json", let data = try? Data(contentsOf: file) else {
                return nil
            }
            return (file.lastPathComponent, Array(data))
        }
    }()

    private func accepts(_ bytes: [UInt8]) -> Bool {
        do throws(JSONError) {
            try JSON.validate(bytes.span)
            return true
        } catch {
            #expect((0...bytes.count).contains(error.offset))
            return false
        }
    }

    // Skipped where the data folder is not there, except in CI.
    @Test(
        "Every y_ case of JSONTestSuite is accepted, every n_ case refused, no i_ case traps",
        .enabled(if: SharedData.isExpected, "shared/data is not there")
    )
    func jsonTestSuite() throws {
        #expect(Self.suite.count > 300)
        for (name, bytes) in Self.suite {
            switch name.prefix(2) {
            case "y_": #expect(accepts(bytes), "\(name)")
            case "n_": #expect(!accepts(bytes), "\(name)")
            default: _ = accepts(bytes)
            }
        }
    }

    // Skipped where the data folder is not there, except in CI.
    @Test(
        "The same verdicts where a case stands inside a request's body",
        .enabled(if: SharedData.isExpected, "shared/data is not there")
    )
    func jsonTestSuiteInBodies() throws {
        let before = Array(#"{"messages":[{"role":"user","content":"x"}],"field":"#.utf8)
        for (name, bytes) in Self.suite {
            let body = before + bytes + Array("}".utf8)
            switch name.prefix(2) {
            case "y_":
                let outline = try OpenAIChat.readRequest(body.span)
                let splices = outline.splices(inserting: "B")
                let result = Splice.apply(splices, to: body.span)
                #expect(Array(result.suffix(bytes.count + 1)) == bytes + Array("}".utf8), "\(name)")
            case "n_":
                #expect(throws: WireError.self, "\(name)") {
                    try OpenAIChat.readRequest(body.span)
                }
            default: _ = accepts(body)
            }
        }
    }

    @Test(
        "Errors say where and what",
        arguments: [
            (#"{"a":1,}"#, 7, JSONError.Reason.expectedKey), ("[1 2]", 3, .expectedCommaOrBracket),
            (#"{"a" 1}"#, 5, .expectedColon), ("[01]", 2, .invalidNumber),
            ("\"\u{1}\"", 1, .controlCharacter),
            (#""\x""#, 1, .invalidEscape), (#""\u12g4""#, 1, .invalidHexDigits),
            ("", 0, .unexpectedEnd),
            ("1 1", 2, .trailingBytes), ("\u{FEFF}1", 0, .byteOrderMark),
            ("nul", 0, .expectedValue),
            (#"{"a":"#, 5, .unexpectedEnd), (#"{"a":1]"#, 6, .expectedCommaOrBrace),
            ("-", 1, .unexpectedEnd), ("1.", 2, .unexpectedEnd), ("1e+", 3, .unexpectedEnd),
            ("'a'", 0, .expectedValue),
        ]
    )
    func errors(text: String, offset: Int, reason: JSONError.Reason) {
        #expect(throws: JSONError(reason, at: offset)) {
            try JSON.validate(Array(text.utf8).span)
        }
    }

    @Test(
        "Overlong forms, surrogates, stray and cut sequences are not UTF-8",
        arguments: [
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
            [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80], [0xC3], [0xE2, 0x82],
            [0xFF],
            [0xE2, 0x28, 0xA1], [0xF0, 0x9F, 0x98],
        ] as [[UInt8]]
    )
    func invalidUTF8(sequence: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        for padding in 0..<10 {
            let before = [quote] + [UInt8](repeating: 0x61, count: padding)
            let text = before + sequence + [quote]
            #expect(throws: JSONError(.invalidUTF8, at: before.count)) {
                try JSON.validate(text.span)
            }
        }
    }

    @Test("Nesting is refused beyond 512 levels and takes no stack")
    func depth() {
        func nested(_ count: Int) -> [UInt8] {
            Array(String(repeating: "[", count: count).utf8)
                + Array(String(repeating: "]", count: count).utf8)
        }
        #expect(accepts(nested(512)))
        #expect(throws: JSONError(.tooDeep, at: 512)) { try JSON.validate(nested(513).span) }
        #expect(!accepts([UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)))
        #expect(
            accepts(
                Array(
                    (String(repeating: #"{"a":["#, count: 256) + String(repeating: "]}", count: 256))
                        .utf8
                )
            )
        )
    }

    @Test("A special byte is found at every position of a long string")
    func wordBoundaries() {
        for length in 0..<40 {
            for position in 0...length {
                var body = [UInt8](repeating: 0x7A, count: length)
                body.insert(0x1F, at: position)
                let quoted = [0x22] + body + [0x22]
                #expect(throws: JSONError(.controlCharacter, at: position + 1)) {
                    try JSON.validate(quoted.span)
                }
                body[position] = 0x7F
                #expect(accepts([0x22] + body + [0x22]))
            }
        }
    }

    @Test("Generated documents are accepted; damaged ones never trap, nor does walking what passed")
    func generated() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<400 {
            let document = JSONGenerator.document(&random)
            #expect(accepts(document))
            #expect(JSON.end(document.span, ofValueAt: JSON.root(document.span)) <= document.count)
            for _ in 0..<8 {
                var damaged = document
                let index = Int.random(in: 0..<damaged.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: damaged[index] = UInt8.random(in: 0...255, using: &random)
                case 1: damaged.remove(at: index)
                default: damaged.insert(UInt8.random(in: 0...255, using: &random), at: index)
                }
                guard accepts(damaged) else { continue }
                var outline = AnswerOutline()
                try AnswerReader.readEveryString(damaged.span, into: &outline)
            }
        }
    }
}
