import TestSupport
import Testing

@testable import ChatWire

@Suite("Framing server-sent events")
struct SSEFramerTests {
    @Test(
        "Each event keeps its raw bytes and its blank line, whatever ends the lines",
        arguments: [
            "\n", "\r\n", "\r",
        ]
    )
    func endings(ending: String) throws {
        let events = [
            "\u{FEFF}: comment", "data: {}", "event: x\nid: 7\nretry: 10\ndata: a\ndata: b", "",
            ": ping", "data", "data: last",
        ].map { $0.replacing("\n", with: ending) + ($0.isEmpty ? ending : ending + ending) }
        let stream = Array(events.joined().utf8)
        for cut in 0...stream.count {
            let result = try frame(stream, cutAt: [cut])
            #expect(result.events.map(\.text) == events)
            #expect(result.rest.isEmpty)
        }
        #expect(try frame(stream, cutAt: Array(0..<stream.count)).events.map(\.text) == events)
    }

    @Test("Splitting never matters, for any mixture of line ends")
    func anySplit() throws {
        var random = SeededGenerator(seed: 6)
        let pieces = ["\n", "\r", "\r\n", "data: x", "a", "\n\n", "\r\r", "\r\n\r\n", ":", "é"]
        for _ in 0..<1500 {
            let stream = Array(
                (0..<Int.random(in: 0..<16, using: &random)).map { _ in
                    pieces[Int.random(in: 0..<pieces.count, using: &random)]
                }.joined().utf8
            )
            let whole = try frame(stream, cutAt: [])
            #expect(whole.events.flatMap { $0 } + whole.rest == stream)
            for _ in 0..<4 {
                let cuts = (0..<Int.random(in: 1..<6, using: &random)).map { _ in
                    Int.random(in: 0...stream.count, using: &random)
                }.sorted()
                let split = try frame(stream, cutAt: cuts)
                #expect(split.events == whole.events)
                #expect(split.rest == whole.rest)
            }
            let bytewise = try frame(stream, cutAt: Array(0..<stream.count))
            #expect(bytewise.events == whole.events)
        }
    }

    @Test("An event leaves with the chunk that completes it")
    func promptness() throws {
        for ending in ["\n\n", "\r\n\r\n", "\r\r"] {
            var framer = SSEFramer()
            var count = 0
            try framer.feed(Array("data: x\(ending)".utf8).span) { _ in count += 1 }
            #expect(count == 1)
            #expect(framer.heldBytes == 0)
        }
    }

    @Test("A CR that may become a CRLF waits, and is complete when the stream ends there")
    func heldCarriageReturn() throws {
        var framer = SSEFramer()
        var events: [String] = []
        try framer.feed(Array("data: x\r\n\r".utf8).span) { events.append(Array($0).text) }
        #expect(events.isEmpty)
        var other = framer
        try framer.feed(Array("\ndata: y".utf8).span) { events.append(Array($0).text) }
        #expect(events == ["data: x\r\n\r\n"])
        #expect(framer.finish { events.append(Array($0).text) }.text == "data: y")
        #expect(other.finish { events.append(Array($0).text) }.isEmpty)
        #expect(events == ["data: x\r\n\r\n", "data: x\r\n\r"])
    }

    @Test("An event whole inside a chunk is a part of that chunk, not a copy")
    func noCopy() throws {
        let chunk = Array("data: one\n\ndata: two\n\n".utf8)
        var framer = SSEFramer()
        var offsets: [Int?] = []
        try framer.feed(chunk.span) { event in
            offsets.append(chunk.span.indices(of: event)?.lowerBound)
        }
        #expect(offsets == [0, 11])
    }

    @Test("An event over the limit is an error, in one chunk or in many")
    func limit() throws {
        let event = Array("data: \(String(repeating: "x", count: 100))\n\n".utf8)
        for size in [1, 7, 50, 200] {
            var framer = SSEFramer(limit: 64)
            #expect(throws: FramingError<Never>.self) {
                var start = 0
                while start < event.count {
                    let end = min(start + size, event.count)
                    try framer.feed(event.span.extracting(start..<end)) { _ in }
                    #expect(framer.heldBytes <= 64)
                    start = end
                }
            }
        }
        var framer = SSEFramer(limit: event.count)
        try framer.feed(event.span) { _ in }
        for index in event.indices {
            try framer.feed(event.span.extracting(index..<index + 1)) { _ in }
        }
    }

    private struct Stop: Error {}

    @Test("What the consumer throws comes out")
    func consumerError() {
        var framer = SSEFramer()
        let chunk = Array("data\n\n".utf8)
        #expect(throws: FramingError<Stop>.self) {
            try framer.feed(chunk.span) { (_) throws(Stop) in throw Stop() }
        }
    }
}

@Suite("Reading server-sent events")
struct SSEEventTests {
    private func data(_ text: String) -> (String, name: String?, isMultiline: Bool) {
        let raw = Array(text.utf8)
        let event = SSEEvent(raw.span)
        let name = event.name.map { Array(raw[$0]).text }
        return (event.joinedData(raw.span).text, name, event.isMultiline)
    }

    @Test("Name and data, with and without the space, the colon, a mark in front")
    func fields() {
        #expect(data("data: x\n\n") == ("x", nil, false))
        #expect(data("data:x\r\n\r\n") == ("x", nil, false))
        #expect(data("data:  x\r\r") == (" x", nil, false))
        #expect(data("\u{FEFF}data: x\n\n") == ("x", nil, false))
        #expect(data("event: a\nid: 1\ndata: x\nevent: b\n\n") == ("x", "b", false))
        #expect(data("data: x\ndata\ndata: y\n\n") == ("x\n\ny", nil, true))
        #expect(data(": data: x\n\n") == ("", nil, false))
        #expect(data("database: x\nDATA: y\n\n") == ("", nil, false))
        #expect(data(" data: x\n\tevent: e\n\n") == ("x", "e", false))
        #expect(data("data: unfinished") == ("unfinished", nil, false))
        #expect(data("") == ("", nil, false))
    }

    @Test("Offsets in joined data map to the raw bytes")
    func offsets() {
        let raw = Array("event: e\ndata: abc\r\ndata:def\n: c\ndata: g\n\n".utf8)
        let event = SSEEvent(raw.span)
        for (offset, byte) in event.joinedData(raw.span).enumerated() where byte != 0x0A {
            #expect(raw[event.rawOffset(ofJoined: offset)] == byte)
        }
    }
}
