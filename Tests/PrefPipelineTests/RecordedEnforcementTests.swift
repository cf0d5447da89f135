import FoundationEssentials
import NIOCore
import PrefRules
import TestSupport
import Testing

@testable import ChatWire
@testable import PrefPipeline

@Suite("Enforcing on recorded streams")
struct RecordedEnforcementTests {
    /// What a stream says: the texts that came in pieces, and those that repeat them.
    private struct Reading {
        var pieces: [ChannelID: [UInt8]] = [:]
        var repeats: [(ChannelID, [UInt8])] = []
        var numbers: [Int] = []
        var lastEvent = ""
        var surfaces: [ChannelID: ChatWire.TextSurface] = [:]

        func contains(_ literal: String) -> Bool {
            pieces.values.contains { String(decoding: $0, as: UTF8.self).contains(literal) }
                || repeats.contains { String(decoding: $0.1, as: UTF8.self).contains(literal) }
        }
    }

    private func read(_ dialect: ChatWire.Dialect, _ bytes: [UInt8]) throws -> Reading {
        var reader = AnswerReader(dialect)
        var outline = AnswerOutline()
        var reading = Reading()
        var framer = SSEFramer()
        func note(_ event: Span<UInt8>) {
            for field in outline.fields where field.channel.choice >= 0 {
                if field.repeats {
                    var text: [UInt8] = []
                    field.decode(event, into: &text)
                    reading.repeats.append((field.channel, text))
                } else {
                    field.decode(event, into: &reading.pieces[field.channel, default: []])
                    reading.surfaces[field.channel] = field.surface
                }
            }
            if let number = outline.sequenceNumber { reading.numbers.append(number.value) }
            let data = SSEEvent(event).joinedData(event)
            if !data.isEmpty { reading.lastEvent = String(decoding: data, as: UTF8.self) }
        }
        do {
            try framer.feed(bytes.span) { event throws(JSONError) in
                try reader.read(event: event, into: &outline)
                note(event)
            }
        } catch { Issue.record(error) }
        return reading
    }

    private func enforce(
        _ dialect: ChatWire.Dialect,
        _ stream: [UInt8],
        _ rules: RuleSet,
        cutAt cuts: [Int]
    ) throws -> (bytes: [UInt8], hits: Int) {
        var enforcer = AnswerEnforcer(dialect, rules: rules, choices: 1, expectsUsage: false)
        var framer = StreamFramer(dialect.framing)
        var out = ByteBuffer()
        var start = 0
        for cut in cuts + [stream.count] {
            try framer.feed(stream.span.extracting(start..<cut)) {
                event throws(UncheckableAnswer) in
                try enforcer.feed(event: event, into: &out)
            }
            start = cut
        }
        let rest = try framer.finish { event throws(UncheckableAnswer) in
            try enforcer.feed(event: event, into: &out)
        }
        #expect(rest.isEmpty)
        try enforcer.finishStream(into: &out)
        return (Array(out.readableBytesView), enforcer.hits.count)
    }

    private func rules(_ literal: String, _ action: String) throws -> RuleSet {
        let quoted = String(decoding: JSONString.encoded(literal), as: UTF8.self)
        let pack = """
            pack: planted
            rules:
              - id: planted
                description: Planted
                detect: { literal: ["\(quoted)"] }
                where: [output, reasoning, tool_args]
                action: \(action)
                match: ["\(quoted)"]
                pass: ["~"]
            """
        return try RuleSet(packs: [RulePackSource(name: "planted", text: pack)])
    }

    /// Words from the middle of the longest text, which stand in no other place of a shorter one.
    private func literal(in reading: Reading) -> String? {
        let longest = reading.pieces.values.max { $0.count < $1.count } ?? []
        let text = Array(String(decoding: longest, as: UTF8.self))
        guard text.count >= 8 else { return nil }
        let start = text.count / 2 - 3
        let words = String(text[start..<min(start + 9, text.count)])
        // Trimmed, so that what the matcher folds away is not all of it.
        let literal = words.split(whereSeparator: \.isNewline).max { $0.count < $1.count } ?? ""
        let trimmed = String(literal).split(separator: " ").joined(separator: " ")
        return trimmed.count >= 3 && trimmed.contains(where: \.isLetter) ? trimmed : nil
    }

    private func cuts(_ count: Int, _ random: inout SeededGenerator) -> [[Int]] {
        var all: [[Int]] = [[]]
        if count < 6_000 { all.append(Array(1..<count)) }
        for many in count < 60_000 ? [2, 9, 60] : [9] {
            all.append((0..<many).map { _ in Int.random(in: 1..<count, using: &random) }.sorted())
        }
        return all
    }

    private static let streams: [(ChatWire.Dialect, RecordedStream)] =
        RecordedStream.responses.map { (.openAIResponses, $0) }
        + RecordedStream.messages.map { (.anthropicMessages, $0) }

    // Skipped where the data folder is not there, except in CI.
    @Test(
        "Without a match not a byte changes",
        .enabled(if: SharedData.isExpected, "shared/data is not there")
    )
    func untouched() throws {
        #expect(Self.streams.count > 90)
        let rules = try rules("zq-never-said-qz", "block")
        var random = SeededGenerator(seed: 3)
        for (dialect, stream) in Self.streams {
            for cuts in cuts(stream.bytes.count, &random).prefix(2) {
                let (bytes, hits) = try enforce(dialect, stream.bytes, rules, cutAt: cuts)
                #expect(bytes == stream.bytes && hits == 0, "\(stream)")
            }
        }
    }

    // Skipped where the data folder is not there, except in CI.
    @Test(
        "A rule planted in their texts acts the same at every cut, leaks nothing, and repeats agree",
        .enabled(if: SharedData.isExpected, "shared/data is not there"),
        arguments: [#"{ redact: "[x]" }"#, "block", #"{ append: "Call 988." }"#]
    )
    func planted(_ action: String) throws {
        var random = SeededGenerator(seed: 5)
        var fired = 0
        for (dialect, stream) in Self.streams {
            guard let literal = literal(in: try read(dialect, stream.bytes)) else { continue }
            let rules = try rules(literal, action)
            var first: [UInt8]?
            for cuts in cuts(stream.bytes.count, &random) {
                let (bytes, hits) = try enforce(dialect, stream.bytes, rules, cutAt: cuts)
                #expect(hits > 0, "\(stream) \(literal)")
                if let first { #expect(bytes == first, "\(stream) cut at \(cuts)") }
                first = first ?? bytes
            }
            guard let first else { continue }
            fired += 1
            let reading = try read(dialect, first)
            if action.contains("append") {
                #expect(reading.contains("Call 988."), "\(stream)")
            } else {
                #expect(!reading.contains(literal), "\(stream) \(literal)")
            }
            for (channel, text) in reading.repeats {
                guard let pieces = reading.pieces[channel] else { continue }
                let (one, other) = (
                    String(decoding: text, as: UTF8.self), String(decoding: pieces, as: UTF8.self)
                )
                #expect(one == other, "\(stream) \(channel)")
            }
            for (number, next) in zip(reading.numbers, reading.numbers.dropFirst()) {
                #expect(number < next, "\(stream)")
            }
            if action == "block", dialect == .openAIResponses {
                #expect(reading.lastEvent.contains(#""type":"response.incomplete""#), "\(stream)")
                #expect(reading.lastEvent.contains(#"{"reason":"content_filter"}"#), "\(stream)")
            }
        }
        #expect(fired > 60)
    }
}
