@testable import ChatWire

/// A dialect's answer reader: what it names lies where it says, and changes to it leave an answer
/// of the same shape.
enum AnswerFuzzer {
    static func check(_ bytes: [UInt8], _ dialect: Dialect) {
        // The first byte says whether the rest is a whole answer or a stream.
        let rest = Array(bytes.dropFirst())
        var random = Randomness(bytes)
        guard let first = bytes.first, first % 2 == 1 else {
            var reader = AnswerReader(dialect)
            var outline = AnswerOutline()
            guard (try? reader.read(whole: rest.span, into: &outline)) != nil else { return }
            return examine(outline, rest, reader, &random) { changed, outline in
                var reader = reader
                try reader.read(whole: changed.span, into: &outline)
            }
        }
        var reader = AnswerReader(dialect)
        for event in events(of: rest, dialect.framing) {
            var outline = AnswerOutline()
            guard (try? reader.read(event: event.span, into: &outline)) != nil else { continue }
            examine(outline, event, reader, &random) { changed, outline in
                var reader = reader
                try reader.read(event: changed.span, into: &outline)
            }
        }
    }

    /// The events of a stream, an unfinished last one among them.
    static func events(of stream: [UInt8], _ framing: StreamFraming) -> [[UInt8]] {
        var framer = StreamFramer(framing)
        var events: [[UInt8]] = []
        try? framer.feed(stream.span) { events.append(SSEFuzzer.copy($0)) }
        let rest = framer.finish { events.append(SSEFuzzer.copy($0)) }
        return rest.isEmpty ? events : events + [rest]
    }

    private typealias Read = ([UInt8], inout AnswerOutline) throws -> Void

    private static func examine(
        _ outline: AnswerOutline,
        _ raw: [UInt8],
        _ reader: AnswerReader,
        _ random: inout Randomness,
        _ read: Read
    ) {
        var end = 0
        for field in outline.fields {
            require(
                field.content.lowerBound > 0 && field.content.upperBound < raw.count
                    && raw[field.content.lowerBound - 1] == UInt8(ascii: "\"")
                    && raw[field.content.upperBound] == UInt8(ascii: "\""),
                "a field is no string"
            )
            require(field.content.lowerBound >= end, "fields overlap, or are not in order")
            end = field.content.upperBound
        }
        // What the enforcer does not let through need not bear changes.
        if outline.isAmbiguous || outline.hasUnknownLine { return }

        var splices: [Splice] = []
        for field in outline.fields {
            var text: [UInt8] = []
            field.decode(raw.span, into: &text)
            require(String(validating: text, as: UTF8.self) != nil, "a field is no UTF-8")
            let range = random.range(upTo: text.count)
            splices.append(field.splice(replacing: range, with: "\"[gone]\"\n", in: raw.span))
        }
        // One change an event: more inputs see more than more changes to the same one.
        var changed = AnswerOutline()
        let indices = Set(outline.choices.map(\.index)).sorted()
        switch random.next() % 6 {
        case 0, 1:
            apply(splices, raw, read, &changed, "with its texts changed")
            // Where a response's event is of no known type, that type is a text like the others.
            require(
                reader.dialect == .openAIResponses
                    ? changed.fields.count == outline.fields.count
                    : changed.fields.map(\.channel) == outline.fields.map(\.channel),
                "channels changed"
            )
            require(
                changed.choices.map(\.index) == outline.choices.map(\.index),
                "choices changed"
            )
        case 2:
            apply(outline.witnesses.map(\.removal), raw, read, &changed, "without its witnesses")
        case 3:
            guard let choice = indices.randomElement(using: &random) else { return }
            apply(reader.splices(blocking: choice, in: outline), raw, read, &changed, "blocked")
            for blocked in changed.choices where blocked.index == choice {
                require(blocked.finishReason != nil, "a blocked choice does not end")
            }
            made(reader.blockedEnding(choice: choice, after: ShownStream(reader.dialect)), reader)
        case 4:
            guard let choice = indices.randomElement(using: &random) else { return }
            let appending = reader.splices(appending: "Call.\n", to: choice, in: outline)
            apply(appending, raw, read, &changed, "with a text appended")
            let shown = ShownStream(reader.dialect)
            made(reader.textEvents("[gone]", choice: choice, after: shown), reader)
            made(reader.streamEnd, reader)
        default:
            guard reader.dialect.hasChoices else { return }
            let removed = Set(indices.filter { _ in random.next() % 2 == 0 })
            let removal = reader.splices(removing: removed, from: outline)
            apply(splices + removal, raw, read, &changed, "with choices removed")
            // Not by their indices: a choice that gives none is known by its place.
            let kept = outline.choices.count { !removed.contains($0.index) }
            require(changed.choices.count == kept, "other choices are left than should be")
        }
    }

    private static func apply(
        _ splices: [Splice],
        _ raw: [UInt8],
        _ read: Read,
        _ changed: inout AnswerOutline,
        _ what: String
    ) {
        let bytes = Splice.apply(splices, to: raw.span)
        do { try read(bytes, &changed) } catch { fatalError("\(what) it cannot be read: \(error)") }
    }

    /// Reads an event of prefd's own.
    private static func made(_ event: [UInt8], _ reader: AnswerReader) {
        var reader = reader
        for one in events(of: event, reader.dialect.framing) {
            var outline = AnswerOutline()
            let isRead = (try? reader.read(event: one.span, into: &outline)) != nil
            require(isRead, "prefd's own event cannot be read")
            require(!outline.isAmbiguous && !outline.hasUnknownLine, "prefd's own event is unclear")
        }
    }
}
