/// The fields of one raw event: where its name and its data lie.
///
/// Source: WHATWG HTML, section 9.2.6, Interpreting an event stream.
public struct SSEEvent: Sendable {
    /// The last `event:` field's value; nil without one.
    public private(set) var name: Range<Int>?
    /// The values of the `data:` fields, one a line; empty for a comment or an empty event.
    public var dataLines: DataLines { lines }

    /// Ranges of the data lines; a single one costs no allocation.
    public enum DataLines: Hashable, Sendable {
        /// No `data:` field.
        case none
        /// One, as nearly always.
        case one(Range<Int>)
        /// Several, which a reader joins with line feeds.
        case many([Range<Int>])
    }

    /// Whether a line is neither a comment nor a field that the format has.
    ///
    /// Readers skip such a line, so nobody looks at it, and it should not be let through.
    public private(set) var hasUnknownLine = false
    /// Whether white space stands before the name of its data fields.
    ///
    /// Readers that keep to the format skip such a line, others take it for the field. It is read as
    /// the field; an event with lines of both kinds has an unknown line.
    public private(set) var hasIndentedData = false

    private var lines = DataLines.none

    /// Reads an event as ``SSEFramer`` emits it.
    ///
    /// A byte order mark in front is skipped, and blank lines are no end: what stands in the bytes
    /// is read to the last one.
    public init(_ raw: Span<UInt8>) {
        var line = SSEEvent.start(raw)
        while line < raw.count {
            let end = ByteScan.first(0x0A, or: 0x0D, in: raw, line..<raw.count)
            read(raw, line..<end)
            line = end + 1
        }
    }

    /// Whether the data is spread over several lines.
    public var isMultiline: Bool {
        if case .many = lines { true } else { false }
    }

    /// The data's range where it is one line.
    public var data: Range<Int>? {
        if case .one(let range) = lines { range } else { nil }
    }

    /// The data, its lines joined with line feeds.
    public func joinedData(_ raw: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        switch lines {
        case .none: break
        case .one(let range): bytes.append(raw, range)
        case .many(let ranges):
            for (index, range) in ranges.enumerated() {
                if index > 0 { bytes.append(0x0A) }
                bytes.append(raw, range)
            }
        }
        return bytes
    }

    /// The raw offset of an offset in the joined data.
    ///
    /// A line feed between lines maps to the end of the line before it.
    public func rawOffset(ofJoined offset: Int) -> Int {
        switch lines {
        case .none: return offset
        case .one(let range): return range.lowerBound + offset
        case .many(let ranges):
            var rest = offset
            for range in ranges {
                if rest <= range.count { return range.lowerBound + rest }
                rest -= range.count + 1
            }
            return ranges.last?.upperBound ?? offset
        }
    }

    /// An event of nothing but data, ended with line feeds.
    public static func framed(_ data: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count + 8)
        var start = 0
        while true {
            let end = ByteScan.first(0x0A, or: 0x0D, in: data, start..<data.count)
            bytes.append("data: ")
            bytes.append(data, start..<end)
            bytes.append(0x0A)
            guard end < data.count else { break }
            start = endOfLine(data, end)
        }
        bytes.append(0x0A)
        return bytes
    }

    /// An event with a name and data, ended with line feeds.
    static func framed(_ name: StaticString, _ data: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("event: ")
        bytes.append(name)
        bytes.append(0x0A)
        return bytes + framed(data)
    }

    private static func start(_ raw: Span<UInt8>) -> Int {
        raw.count >= 3 && raw[0] == 0xEF && raw[1] == 0xBB && raw[2] == 0xBF ? 3 : 0
    }

    /// Past the line ending at `end`.
    private static func endOfLine(_ raw: Span<UInt8>, _ end: Int) -> Int {
        guard end < raw.count else { return raw.count }
        return raw[end] == 0x0D && end + 1 < raw.count && raw[end + 1] == 0x0A ? end + 2 : end + 1
    }

    private static func isField(
        _ name: StaticString,
        _ raw: Span<UInt8>,
        _ line: Range<Int>
    ) -> Bool {
        let start = indented(raw, line)
        let end = start + name.utf8CodeUnitCount
        guard end <= line.upperBound, raw.equals(start..<end, name) else { return false }
        return end == line.upperBound || raw[end] == UInt8(ascii: ":")
    }

    /// Where a line's field name begins: past white space.
    private static func indented(_ raw: Span<UInt8>, _ line: Range<Int>) -> Int {
        var start = line.lowerBound
        while start < line.upperBound, raw[start] == 0x20 || raw[start] == 0x09 { start += 1 }
        return start
    }

    private mutating func read(_ raw: Span<UInt8>, _ line: Range<Int>) {
        if SSEEvent.isField("data", raw, line) {
            let start = SSEEvent.indented(raw, line)
            let isIndented = start > line.lowerBound
            if lines != .none, isIndented != hasIndentedData { hasUnknownLine = true }
            hasIndentedData = hasIndentedData || isIndented
            let value = SSEEvent.value(raw, start..<line.upperBound, nameLength: 4)
            switch lines {
            case .none: lines = .one(value)
            case .one(let first): lines = .many([first, value])
            case .many(var ranges):
                // Freed first, so that appending does not copy.
                lines = .none
                ranges.append(value)
                lines = .many(ranges)
            }
        } else if SSEEvent.isField("event", raw, line) {
            let start = SSEEvent.indented(raw, line)
            name = SSEEvent.value(raw, start..<line.upperBound, nameLength: 5)
        } else if !line.isEmpty, raw[line.lowerBound] != UInt8(ascii: ":"),
            !SSEEvent.isField("id", raw, line), !SSEEvent.isField("retry", raw, line)
        {
            hasUnknownLine = true
        }
    }

    /// A field's value: behind the colon and one space.
    private static func value(
        _ raw: Span<UInt8>,
        _ line: Range<Int>,
        nameLength: Int
    ) -> Range<Int> {
        var start = min(line.lowerBound + nameLength + 1, line.upperBound)
        if start < line.upperBound, raw[start] == 0x20 { start += 1 }
        return start..<line.upperBound
    }
}
