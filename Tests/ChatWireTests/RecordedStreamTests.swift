import Foundation
import TestSupport
import Testing

@testable import ChatWire

@Suite("Recorded OpenAI Chat streams")
struct RecordedStreamTests {
    private struct Reading: Equatable {
        var texts: [ChannelID: [UInt8]] = [:]
        var endings: [Int] = []
        var done = 0
    }

    private func read(_ events: [[UInt8]]) throws -> Reading {
        var reader = AnswerReader(.openAIChat)
        var outline = AnswerOutline()
        var reading = Reading()
        for event in events {
            try reader.read(event: event.span, into: &outline)
            #expect(!outline.isAmbiguous)
            for field in outline.fields {
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
        .enabled(if: SharedData.isExpected, "shared/data is not there")
    )
    func anyCut() throws {
        #expect(RecordedStream.chat.count > 100)
        var random = SeededGenerator(seed: 7)
        for stream in RecordedStream.chat {
            let whole = try frame(stream.bytes, cutAt: [])
            #expect(whole.events.flatMap { $0 } + whole.rest == stream.bytes)
            #expect(whole.rest.isEmpty)
            let reading = try read(whole.events)
            #expect(!reading.texts.isEmpty && reading.done <= 1)
            for _ in 0..<3 {
                let cuts = (0..<Int.random(in: 1..<200, using: &random)).map { _ in
                    Int.random(in: 0...stream.bytes.count, using: &random)
                }.sorted()
                #expect(try frame(stream.bytes, cutAt: cuts).events == whole.events)
            }
            let bytewise = try frame(stream.bytes, cutAt: Array(0..<stream.bytes.count))
            #expect(bytewise.events == whole.events)
            #expect(try read(bytewise.events) == reading)
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
