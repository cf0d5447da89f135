@testable import ChatWire

/// The framer of JSON lines, whole and in pieces.
enum LineFuzzer {
    static func check(_ bytes: [UInt8]) {
        var random = Randomness(bytes)
        let whole = frame(bytes, [0..<bytes.count])
        require(
            frame(bytes, random.pieces(of: bytes.count)) == whole,
            "the lines depend on how the stream was cut"
        )
        var expected = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map {
            $0 + [0x0A]
        }
        expected[expected.count - 1].removeLast()
        require(whole == expected.map { Array($0) }, "the lines are not those of the text")
    }

    /// The lines, and at last what was never ended.
    private static func frame(_ bytes: [UInt8], _ pieces: [Range<Int>]) -> [[UInt8]] {
        var framer = LineFramer()
        var lines: [[UInt8]] = []
        for piece in pieces {
            do {
                try framer.feed(bytes.span.extracting(piece)) { lines.append(SSEFuzzer.copy($0)) }
            } catch { require(false, "the framer gave up: \(error)") }
        }
        return lines + [framer.finish()]
    }
}
