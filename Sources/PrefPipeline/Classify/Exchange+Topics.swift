import ChatWire
import NIOCore
import PrefModel
import PrefTopics

// What the user's latest messages are about.

extension Exchange {
    /// How much of the latest message is looked at, in bytes; half at its start, half at its end.
    static let latestBytes = 4096
    /// How much of each message before it.
    private static let earlierBytes = 1024
    /// How many parts of one: what an app puts in front comes before what the user wrote.
    private static let texts = 8

    /// The topics of the user's latest message, and those before that it follows up on.
    func topics(of outline: ChatRequestOutline) -> [TopicFinding] {
        guard !settings.topics.topics.isEmpty else { return [] }
        return TopicSet.findings(
            latest: reading(of: outline.lastUserTexts, atMost: Self.latestBytes),
            earlier: outline.earlierUserTexts.map { reading(of: $0, atMost: Self.earlierBytes) }
        )
    }

    private func reading(of ranges: [JSONStringRange], atMost limit: Int) -> TopicReading {
        let body = request.body.readableBytesUInt8Span
        var hasher = Hasher()
        for range in ranges.suffix(Self.texts) {
            hasher.combine(range.contents.count)
            // A message is the latest first and an earlier one then; it reads alike where none is cut.
            if range.contents.count > limit { hasher.combine(limit) }
            // The bytes are lent for the call.
            unsafe body.extracting(range.contents).withUnsafeBytes { bytes in
                unsafe hasher.combine(bytes: bytes)
            }
        }
        return memory.reading(hash: hasher.finalize(), by: settings.topics) {
            settings.topics.reading(of: Self.text(ranges, in: body, atMost: limit))
        }
    }

    /// The texts of a message, the ends of long ones.
    static func text(
        _ ranges: [JSONStringRange],
        in body: Span<UInt8>,
        atMost limit: Int
    ) -> String {
        var bytes: [UInt8] = []
        for range in ranges.suffix(texts) {
            for part in range.ends(of: body, atMost: limit) {
                JSONString.decode(body, part, into: &bytes)
                bytes.append(UInt8(ascii: " "))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSONStringRange {
    /// The string, or its two ends where it is longer than `limit` bytes.
    ///
    /// It is cut where neither a character nor an escape is cut in two.
    fileprivate func ends(of body: Span<UInt8>, atMost limit: Int) -> [JSONStringRange] {
        guard contents.count > limit else { return [self] }
        var headEnd = contents.lowerBound + limit / 2
        while headEnd > contents.lowerBound, !Self.isBoundary(body, headEnd) { headEnd -= 1 }
        var tailStart = contents.upperBound - limit / 2
        while tailStart < contents.upperBound, !Self.isBoundary(body, tailStart) { tailStart += 1 }
        return [contents.lowerBound..<headEnd, tailStart..<contents.upperBound].map {
            JSONStringRange(contents: $0, hasEscapes: hasEscapes)
        }
    }

    /// Whether a character or escape certainly begins here.
    private static func isBoundary(_ body: Span<UInt8>, _ offset: Int) -> Bool {
        let byte = body[offset]
        guard byte != UInt8(ascii: "\\") else { return body[offset - 1] != UInt8(ascii: "\\") }
        return byte == UInt8(ascii: " ") || byte >= 0xc0
    }
}
