import Foundation
import TestSupport
import Testing

@testable import ChatWire

@Suite("Recorded streams")
struct RecordedStreamTests {
    private struct Reading: Equatable {
        var texts: [ChannelID: [UInt8]] = [:]
        var fields = 0
        var endings: [Int] = []
        var done = 0
    }

    private func read(_ dialect: Dialect, _ events: [[UInt8]]) throws -> Reading {
        var reader = AnswerReader(dialect)
        var outline = AnswerOutline()
        var reading = Reading()
        for event in events {
            try reader.read(event: event.span, into: &outline)
            #expect(!outline.isAmbiguous)
            #expect(!outline.hasUnknownLine)
            reading.fields += outline.fields.count
            for field in outline.fields where !field.repeats {
                field.decode(event.span, into: &reading.texts[field.channel, default: []])
            }
            reading.endings += outline.endings.map(\.index)
            if outline.kind == .done { reading.done += 1 }
        }
        return reading
    }

    // Skipped where the data folder is not there, except in CI.
    @Test(
        "Cut anywhere, joined again they are the same bytes, and the same texts",
        .enabled(if: SharedData.isExpected, "shared/data is not there"),
        arguments: [Dialect.openAIChat, .openAIResponses, .anthropicMessages]
    )
    func anyCut(_ dialect: Dialect) throws {
        let streams =
            switch dialect {
            case .openAIResponses: RecordedStream.responses
            case .anthropicMessages: RecordedStream.messages
            default: RecordedStream.chat
            }
        #expect(streams.count > 40)
        var random = SeededGenerator(seed: 7)
        for stream in streams {
            let whole = try frame(stream.bytes, cutAt: [])
            #expect(whole.events.flatMap { $0 } + whole.rest == stream.bytes)
            #expect(whole.rest.isEmpty)
            let reading = try read(dialect, whole.events)
            #expect(reading.fields > 0 && reading.done <= 1)
            for _ in 0..<3 {
                let cuts = (0..<Int.random(in: 1..<200, using: &random)).map { _ in
                    Int.random(in: 0...stream.bytes.count, using: &random)
                }.sorted()
                #expect(try frame(stream.bytes, cutAt: cuts).events == whole.events)
            }
            let bytewise = try frame(stream.bytes, cutAt: Array(0..<stream.bytes.count))
            #expect(bytewise.events == whole.events)
            #expect(try read(dialect, bytewise.events) == reading)
        }
    }

    // Skipped where the data folder is not there, except in CI.
    @Test(
        "The shortest streams, cut at every byte",
        .enabled(if: SharedData.isExpected, "shared/data is not there")
    )
    func everyCut() throws {
        for stream in RecordedStream.chat.sorted(by: { $0.bytes.count < $1.bytes.count }).prefix(6)
        {
            let whole = try frame(stream.bytes, cutAt: [])
            for cut in 0...stream.bytes.count {
                #expect(try frame(stream.bytes, cutAt: [cut]).events == whole.events)
            }
        }
    }

    // Skipped where the data folder is not there, except in CI.
    @Test(
        "What a response's events repeat is what came in pieces",
        .enabled(if: SharedData.isExpected, "shared/data is not there")
    )
    func repeats() throws {
        var compared = 0
        for stream in RecordedStream.responses {
            let events = try frame(stream.bytes, cutAt: []).events
            let pieces = try read(.openAIResponses, events)
            #expect(pieces.endings == [0], "\(stream)")
            var reader = AnswerReader(.openAIResponses)
            var outline = AnswerOutline()
            for event in events {
                try reader.read(event: event.span, into: &outline)
                for field in outline.fields where field.repeats {
                    var text: [UInt8] = []
                    field.decode(event.span, into: &text)
                    guard let whole = pieces.texts[field.channel] else { continue }
                    compared += 1
                    #expect(whole.text == text.text, "\(stream) \(field.channel)")
                }
            }
        }
        #expect(compared > 150)
    }

    // Skipped where the data folder is not there, except in CI.
    @Test(
        "The content found is what a JSON parser finds",
        .enabled(if: SharedData.isExpected, "shared/data is not there")
    )
    func againstParser() throws {
        for stream in RecordedStream.chat {
            var expected: [Int: String] = [:]
            for line in stream.bytes.text.split(whereSeparator: \.isNewline)
            where line.hasPrefix("data: {") {
                let json = try JSONSerialization.jsonObject(with: Data(line.dropFirst(6).utf8))
                let choices = (json as? [String: Any])?["choices"] as? [[String: Any]]
                for choice in choices ?? [] {
                    let delta = choice["delta"] as? [String: Any]
                    guard let content = delta?["content"] as? String else { continue }
                    expected[choice["index"] as? Int ?? 0, default: ""] += content
                }
            }
            var reader = AnswerReader(.openAIChat)
            var outline = AnswerOutline()
            var found: [Int: [UInt8]] = [:]
            for event in try frame(stream.bytes, cutAt: []).events {
                try reader.read(event: event.span, into: &outline)
                for field in outline.fields where field.channel.path == .content && field.continues
                {
                    field.decode(event.span, into: &found[field.channel.choice, default: []])
                }
            }
            #expect(found.mapValues(\.text) == expected, "\(stream.name)")
        }
    }
}
