import ChatWire

/// One event of a stream, or one whole answer, that waits for verdicts or has changes to take.
///
/// It leaves whole or not at all: what no rule touched leaves as the very bytes that came.
struct HeldEvent {
    /// A piece of a channel's text in this event.
    struct Piece {
        /// Which channel, as the enforcer numbers them.
        let channel: Int
        let field: TextField
        /// The piece's place in the channel's text, in bytes.
        let text: Range<Int>
        /// What to put in place of parts of it, in offsets of the channel's text, ascending.
        var edits: [(range: Range<Int>, bytes: [UInt8])] = []
    }

    let raw: [UInt8]
    let outline: AnswerOutline
    var pieces: [Piece]
    /// Choices that were ended before this event and no longer appear in it.
    var removedChoices: Set<Int> = []
    /// Changes that are not about a piece's text.
    var splices: [Splice] = []
    /// How many numbered events of prefd's own stand before it.
    var eventsBefore = 0

    /// An event that prefd made itself.
    init(made raw: [UInt8]) {
        self.raw = raw
        outline = AnswerOutline()
        pieces = []
    }

    /// An event of the backend's.
    init(_ raw: Span<UInt8>, _ outline: AnswerOutline, _ pieces: [Piece]) {
        self.raw = Splice.apply([], to: raw)
        self.outline = outline
        self.pieces = pieces
    }

    /// Whether nothing of it is left to show.
    var isEmptied: Bool {
        !outline.choices.isEmpty && !outline.hasUsage
            && outline.choices.allSatisfy { removedChoices.contains($0.index) }
    }

    /// The bytes to send; nil where nothing is left to show.
    ///
    /// `changed` are the texts that have been changed: nothing may spell them out again.
    func rendered(by reader: AnswerReader, changed: Set<ChannelID>) -> [UInt8]? {
        if isEmptied { return nil }
        var all = outline.echoes + splices
        if eventsBefore > 0, let number = outline.sequenceNumber {
            all.append(number.moved(by: eventsBefore))
        }
        for piece in pieces where !piece.edits.isEmpty {
            var map = JSONStringMap(piece.field.string)
            for edit in piece.edits {
                let local =
                    edit.range.lowerBound - piece.text.lowerBound..<edit.range.upperBound
                    - piece.text.lowerBound
                all.append(
                    piece.field.splice(
                        replacing: local,
                        withVerbatim: edit.bytes,
                        in: raw.span,
                        &map
                    )
                )
            }
        }
        for witness in outline.witnesses where changed.contains(where: witness.tells) {
            all.append(witness.removal)
        }
        if !removedChoices.isEmpty {
            all += reader.splices(removing: removedChoices, from: outline)
        }
        return all.isEmpty ? raw : Splice.apply(all, to: raw.span)
    }
}
