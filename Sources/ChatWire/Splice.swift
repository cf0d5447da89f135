/// One change to a text: the bytes of a range replaced by others.
public struct Splice: Hashable, Sendable {
    /// What is replaced, as offsets in the original text; empty to insert.
    public var range: Range<Int>
    /// What stands there instead; empty to remove.
    public var bytes: [UInt8]

    /// Replaces a range.
    public init(_ range: Range<Int>, _ bytes: [UInt8]) {
        self.range = range
        self.bytes = bytes
    }

    /// Inserts before an offset.
    public init(at offset: Int, _ bytes: [UInt8]) {
        self.init(offset..<offset, bytes)
    }

    /// The same change in a text that begins `distance` bytes earlier.
    public func shifted(by distance: Int) -> Splice {
        Splice(range.lowerBound + distance..<range.upperBound + distance, bytes)
    }
}

/// A part of a changed text.
public enum SplicedPiece: Hashable, Sendable {
    /// Bytes of the original, by their offsets.
    case original(Range<Int>)
    /// New bytes.
    case inserted([UInt8])
}

extension Splice {
    /// Splices in the order of the text, without overlaps.
    ///
    /// Insertions at one offset keep the order they were given in. A splice inside another's range
    /// is dropped, for the outer one removes what it would change; two that overlap partly become
    /// one that replaces both ranges by both texts. So nothing that any splice removes survives.
    public static func ordered(_ splices: [Splice]) -> [Splice] {
        if isOrdered(splices) { return splices }
        let sorted = splices.enumerated().sorted { left, right in
            let (one, other) = (left.element.range, right.element.range)
            if one.lowerBound != other.lowerBound { return one.lowerBound < other.lowerBound }
            // An insertion stands before what is replaced from the same offset on.
            if one.isEmpty != other.isEmpty { return one.isEmpty }
            if one.upperBound != other.upperBound { return one.upperBound > other.upperBound }
            return left.offset < right.offset
        }
        var result: [Splice] = []
        for splice in sorted.map(\.element) {
            guard let last = result.last, splice.range.lowerBound < last.range.upperBound else {
                result.append(splice)
                continue
            }
            if splice.range.upperBound <= last.range.upperBound { continue }
            result[result.count - 1] = Splice(
                last.range.lowerBound..<splice.range.upperBound,
                last.bytes + splice.bytes
            )
        }
        return result
    }

    private static func isOrdered(_ splices: [Splice]) -> Bool {
        var end = 0
        for splice in splices {
            if splice.range.lowerBound < end { return false }
            end = splice.range.upperBound
        }
        return true
    }

    /// The length of a text of `count` bytes once changed, without building it.
    public static func length(_ splices: [Splice], of count: Int) -> Int {
        ordered(splices).reduce(count) { $0 + $1.bytes.count - $1.range.count }
    }

    /// The changed text in pieces, so that a long original need not be copied.
    ///
    /// Ranges beyond `count`, the original's length, are cut off there.
    public static func pieces(_ splices: [Splice], of count: Int) -> [SplicedPiece] {
        var pieces: [SplicedPiece] = []
        var position = 0
        for splice in ordered(splices) {
            let start = min(splice.range.lowerBound, count)
            if start > position { pieces.append(.original(position..<start)) }
            if !splice.bytes.isEmpty { pieces.append(.inserted(splice.bytes)) }
            position = min(splice.range.upperBound, count)
        }
        if position < count { pieces.append(.original(position..<count)) }
        return pieces
    }

    /// The changed text.
    public static func apply(_ splices: [Splice], to text: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(max(0, length(splices, of: text.count)))
        for piece in pieces(splices, of: text.count) {
            switch piece {
            case .original(let range): bytes.append(text, range)
            case .inserted(let inserted): bytes.append(contentsOf: inserted)
            }
        }
        return bytes
    }
}
