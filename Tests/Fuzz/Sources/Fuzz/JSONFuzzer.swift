@testable import ChatWire

/// The JSON scanner against a reader written for comparison: both accept the same texts and see the
/// same values in them, and a changed string leaves everything else as it was.
enum JSONFuzzer {
    static func check(_ bytes: [UInt8]) {
        let reference = ReferenceJSON(bytes)
        let isValid = (try? JSON.validate(bytes.span)) != nil
        require(isValid == (reference != nil), "the two readers disagree on whether this is JSON")
        guard let reference else { return }
        var strings: [JSONStringRange] = []
        let root = JSON.root(bytes.span)
        let (value, end) = read(bytes, at: root, &strings)
        require(value == reference, "the two readers see different values")
        require(end == JSON.end(bytes.span, ofValueAt: root), "two ends of one value")
        for string in strings { roundTrip(bytes, string) }
        change(bytes, strings, reference)
    }

    /// The value at an offset, and where it ends.
    static func read(
        _ bytes: [UInt8],
        at offset: Int,
        _ strings: inout [JSONStringRange]
    ) -> (ReferenceJSON, Int) {
        let text = bytes.span
        switch JSON.kind(text, at: offset) {
        case .string:
            let string = JSONString.scan(text, at: offset)
            strings.append(string)
            return (.string(decoded(bytes, string)), string.contents.upperBound + 1)
        case .object:
            var found: [ReferenceJSON.Member] = []
            var members = JSONMembers(objectAt: offset)
            while let member = members.next(in: text) {
                strings.append(member.key)
                let (value, end) = read(bytes, at: member.value, &strings)
                members.resume(after: end)
                found.append(.init(key: decoded(bytes, member.key), value: value))
            }
            return (.object(found), members.end)
        case .array:
            var found: [ReferenceJSON] = []
            var elements = JSONElements(arrayAt: offset)
            while let element = elements.next(in: text) {
                let (value, end) = read(bytes, at: element, &strings)
                elements.resume(after: end)
                found.append(value)
            }
            return (.array(found), elements.end)
        default:
            let end = JSON.end(text, ofValueAt: offset)
            return (.plain(Array(bytes[offset..<end])), end)
        }
    }

    static func decoded(_ bytes: [UInt8], _ string: JSONStringRange) -> [UInt8] {
        var decoded: [UInt8] = []
        JSONString.decode(bytes.span, string, into: &decoded)
        return decoded
    }

    private static func roundTrip(_ bytes: [UInt8], _ string: JSONStringRange) {
        let text = decoded(bytes, string)
        require(String(validating: text, as: UTF8.self) != nil, "decoded to what is no UTF-8")
        var written: [UInt8] = [UInt8(ascii: "\"")]
        JSONString.encode(text.span, into: &written)
        written.append(UInt8(ascii: "\""))
        require((try? JSON.validate(written.span)) != nil, "encoded to what is no JSON")
        let again = JSONString.scan(written.span, at: 0)
        require(decoded(written, again) == text, "encoding and decoding do not come back")
    }

    /// Replaces parts of one string: the same part of its decoded text changes, and nothing else.
    private static func change(
        _ bytes: [UInt8],
        _ strings: [JSONStringRange],
        _ reference: ReferenceJSON
    ) {
        var random = Randomness(bytes)
        guard let string = strings.randomElement(using: &random) else { return }
        let text = decoded(bytes, string)
        var map = JSONStringMap(string)
        var splices: [Splice] = []
        var expected: [UInt8] = []
        var position = 0
        for piece in random.pieces(of: text.count) where random.next() % 2 == 0 {
            let raw = map.raw(piece, in: bytes.span)
            require(
                string.contents.lowerBound <= raw.lowerBound
                    && raw.upperBound <= string.contents.upperBound,
                "a place outside of its string"
            )
            // A piece may begin or end inside of a character, which then goes whole.
            let whole = grown(piece, in: text)
            guard whole.lowerBound >= position else { continue }
            splices.append(Splice(raw, JSONString.encoded("\"<\n")))
            expected += text[position..<whole.lowerBound] + Array("\"<\n".utf8)
            position = whole.upperBound
        }
        expected += text[position...]
        let changed = Splice.apply(splices, to: bytes.span)
        require(ReferenceJSON(changed) != nil, "a splice left what is no JSON")
        let distance = string.contents.lowerBound - 1
        let found = JSONString.scan(changed.span, at: distance)
        require(decoded(changed, found) == expected, "a splice changed other text than it should")
        require(
            changed[found.contents.upperBound...].elementsEqual(
                bytes[string.contents.upperBound...]
            )
                && changed[...distance].elementsEqual(bytes[...distance]),
            "bytes outside of the string changed"
        )
    }

    /// The range with the whole of the characters that it cuts.
    private static func grown(_ range: Range<Int>, in text: [UInt8]) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
        while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
        return start..<end
    }
}
