@testable import ChatWire

/// The framer of event streams against the format's own words, whole and in pieces; and each
/// event's fields.
enum SSEFuzzer {
    static func check(_ bytes: [UInt8]) {
        let whole = frame(bytes, [0..<bytes.count])
        var random = Randomness(bytes)
        let pieces = frame(bytes, random.pieces(of: bytes.count))
        require(whole == pieces, "the events depend on how the stream was cut")
        require(whole.events.flatMap { $0 } + whole.rest == bytes, "bytes were lost or changed")
        require(whole == reference(bytes), "the events are not those that the format has")
        for event in whole.events + [whole.rest] { read(event) }
    }

    struct Framed: Equatable {
        var events: [[UInt8]] = []
        var rest: [UInt8] = []
    }

    private static func frame(_ bytes: [UInt8], _ pieces: [Range<Int>]) -> Framed {
        var framer = SSEFramer()
        var framed = Framed()
        for piece in pieces {
            do {
                try framer.feed(bytes.span.extracting(piece)) { framed.events.append(copy($0)) }
            } catch { require(false, "the framer gave up: \(error)") }
        }
        framed.rest = framer.finish { framed.events.append(copy($0)) }
        return framed
    }

    /// Lines end with LF, CRLF or CR, events with an empty line; where a bare CR ended the line
    /// before, so does one the empty line.
    private static func reference(_ bytes: [UInt8]) -> Framed {
        var framed = Framed()
        var (start, line, position) = (0, 0, 0)
        var endedByCR = false
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x0A || byte == 0x0D else {
                position += 1
                continue
            }
            let isBlank = position == line
            let isPair = byte == 0x0D && position + 1 < bytes.count && bytes[position + 1] == 0x0A
            let takesPair = isPair && !(isBlank && endedByCR)
            position += takesPair ? 2 : 1
            endedByCR = byte == 0x0D && !takesPair
            line = position
            if isBlank {
                framed.events.append(Array(bytes[start..<position]))
                start = position
            }
        }
        framed.rest = Array(bytes[start...])
        return framed
    }

    private static func read(_ raw: [UInt8]) {
        let event = SSEEvent(raw.span)
        let data = event.joinedData(raw.span)
        for offset in data.indices where data[offset] != 0x0A {
            let place = event.rawOffset(ofJoined: offset)
            require(raw.indices.contains(place) && raw[place] == data[offset], "a place is wrong")
        }
        let framed = SSEEvent.framed(data.span)
        require(SSEEvent(framed.span).joinedData(framed.span) == data, "framed data is other data")
    }

    static func copy(_ span: Span<UInt8>) -> [UInt8] { Splice.apply([], to: span) }
}
