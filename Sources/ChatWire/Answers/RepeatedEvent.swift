/// Reads an event by comparing it with the last one, from which nearly all chunks of a stream differ in
/// one piece of text alone.
///
/// What is the same means the same: where all bytes but those between two quotes are the last event's,
/// and those are the contents of a string, its structure is the last event's too. Whatever differs
/// anywhere else is read from scratch.
struct RepeatedEvent: Sendable {
    /// A string that may differ.
    private struct Gap {
        let contents: Range<Int>
        /// Whether it is the text, rather than padding, which has to look like a name.
        let isText: Bool
    }

    /// A longer event is not kept.
    private static let longestEvent = 4096
    /// After so many events in a row that differ in more, comparing is given up.
    private static let patience = 8

    private var last: [UInt8] = []
    /// In the order in which they stand; empty where there is nothing to compare with.
    private var gaps: [Gap] = []
    private var field: TextField?
    private var choice: ChoiceOutline?
    private var misses = 0

    /// Outlines an event that differs from the last in its text alone; false for any other.
    mutating func read(_ raw: Span<UInt8>, into outline: inout AnswerOutline) -> Bool {
        guard var field, var choice else { return false }
        let kept = last
        let last = kept.span
        var (here, there) = (0, 0)
        // How far what stands behind each gap has moved.
        var moves: (by: (Int, Int), behind: (Int, Int)) = ((0, 0), (.max, .max))
        for gap in gaps {
            let same = gap.contents.lowerBound - there
            guard ByteScan.areEqual(raw, at: here, last, at: there, count: same) else {
                return false
            }
            here += same
            guard let end = gap.isText ? Self.textEnd(raw, here) : Self.nameEnd(raw, here) else {
                return false
            }
            if gap.isText {
                field.string = JSONStringRange(contents: here..<end, hasEscapes: false)
            }
            moves.by = (moves.by.1, end - gap.contents.upperBound)
            moves.behind = (moves.behind.1, gap.contents.upperBound)
            (here, there) = (end, gap.contents.upperBound)
        }
        let rest = last.count - there
        guard raw.count - here == rest,
            ByteScan.areEqual(raw, at: here, last, at: there, count: rest)
        else { return false }
        func place(_ offset: Int) -> Int {
            if offset >= moves.behind.1 { return offset + moves.by.1 }
            return offset >= moves.behind.0 ? offset + moves.by.0 : offset
        }
        choice.element = place(choice.element.lowerBound)..<place(choice.element.upperBound)
        outline.reset()
        outline.kind = .answer
        outline.fields.append(field)
        outline.choices.append(choice)
        misses = 0
        return true
    }

    /// Keeps an event that was read from scratch, where the next may be like it.
    ///
    /// Any other leaves the one that is kept: between two pieces of text a line break may come, which is
    /// escaped.
    mutating func learn(_ raw: Span<UInt8>, _ event: SSEEvent, _ outline: AnswerOutline) {
        guard raw.count <= Self.longestEvent, let data = event.data, !event.hasIndentedData,
            outline.isOneMorePiece
        else { return }
        guard misses < Self.patience else { return (field, choice) = (nil, nil) }
        misses += 1
        (field, choice) = (outline.fields[0], outline.choices[0])
        last.removeAll(keepingCapacity: true)
        last.append(raw, 0..<raw.count)
        gaps.removeAll(keepingCapacity: true)
        gaps.append(Gap(contents: outline.fields[0].content, isText: true))
        guard let padding = Self.padding(of: raw.extracting(data)) else { return }
        let place = padding.lowerBound + data.lowerBound..<padding.upperBound + data.lowerBound
        let isFirst = place.lowerBound < outline.fields[0].content.lowerBound
        gaps.insert(Gap(contents: place, isText: false), at: isFirst ? 0 : 1)
    }

    /// What OpenAI pads its chunks with, so that their lengths do not tell of their text.
    private static func padding(of text: Span<UInt8>) -> Range<Int>? {
        var members = JSONMembers(objectAt: JSON.root(text))
        while let member = members.next(in: text) {
            guard member.isNamed("obfuscation", text), JSON.kind(text, at: member.value) == .string
            else { continue }
            let string = JSONString.scan(text, at: member.value)
            return TextPath.isIdentifier(text, string) ? string.contents : nil
        }
        return nil
    }

    /// The end of a string's contents without escapes; nil where they are no such.
    private static func textEnd(_ raw: Span<UInt8>, _ start: Int) -> Int? {
        var offset = ByteScan.plainRunEnd(raw, from: start)
        while offset < raw.count, raw[offset] >= 0x80 {
            let length = UTF8Sequence.length(raw, at: offset)
            guard length > 0 else { return nil }
            offset = ByteScan.plainRunEnd(raw, from: offset + length)
        }
        return offset < raw.count && raw[offset] == UInt8(ascii: "\"") ? offset : nil
    }

    /// The same of a string that looks like a name.
    private static func nameEnd(_ raw: Span<UInt8>, _ start: Int) -> Int? {
        let end = ByteScan.plainRunEnd(raw, from: start)
        guard end < raw.count, raw[end] == UInt8(ascii: "\"") else { return nil }
        let string = JSONStringRange(contents: start..<end, hasEscapes: false)
        return TextPath.isIdentifier(raw, string) ? end : nil
    }
}

extension AnswerOutline {
    /// Whether it is one more piece of one choice's text, and nothing else.
    fileprivate var isOneMorePiece: Bool {
        guard kind == .answer, fields.count == 1, choices.count == 1, fields[0].continues,
            !fields[0].hasEscapes, !fields[0].repeats, choices[0].finishReason == nil,
            choices[0].content == nil, ended.isEmpty, witnesses.isEmpty, echoes.isEmpty,
            sequenceNumber == nil, response == nil, !hasUsage, !hasError, !isAmbiguous,
            !hasUnknownLine
        else { return false }
        // Under other keys it depends on the string's shape whether it is text at all.
        switch fields[0].channel.path {
        case .content, .refusal, .reasoningContent, .reasoning: return true
        case .thinking, .toolArguments, .toolName, .other: return false
        }
    }
}
