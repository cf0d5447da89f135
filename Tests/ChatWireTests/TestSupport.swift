@testable import ChatWire

/// Feeds a stream in the given pieces; the events' raw bytes, and the unfinished rest.
func frame(_ stream: [UInt8], cutAt cuts: [Int]) throws -> (events: [[UInt8]], rest: [UInt8]) {
    var framer = SSEFramer()
    var events: [[UInt8]] = []
    var start = 0
    for cut in cuts + [stream.count] {
        try framer.feed(stream.span.extracting(start..<cut)) { events.append(Array($0)) }
        start = cut
    }
    let rest = framer.finish { events.append(Array($0)) }
    return (events, rest)
}

extension Array where Element == UInt8 {
    init(_ span: Span<UInt8>) {
        self = []
        for index in span.indices { append(span[index]) }
    }

    var text: String { String(decoding: self, as: UTF8.self) }
}

/// The changed text.
func apply(_ splices: [Splice], to text: String) -> String {
    Splice.apply(splices, to: Array(text.utf8).span).text
}

/// What an event's or answer's fields say, as `choice path surface text`.
func fields(_ outline: AnswerOutline, _ raw: [UInt8]) -> [String] {
    outline.fields.map {
        let text = JSONString.decoded(raw.span, $0.string)
        return "\($0.channel.choice) \($0.channel.path) \($0.surface) \(text)"
    }
}
