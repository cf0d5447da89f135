/// The keys that prefd reads in one kind of object of a request.
///
/// A backend must not be able to read another request than prefd did. So a key that is read may
/// stand only once, and none may stand that differs from it in letter case alone: servers written
/// in Go take `Messages` for `messages`.
struct RequestKeys<Key: Sendable>: Sendable {
    private let entries: [(name: StaticString, key: Key)]

    init(_ entries: KeyValuePairs<StaticString, Key>) {
        self.entries = entries.map { ($0.key, $0.value) }
    }

    /// Which of the keys this one is, or nil for one that is not read.
    ///
    /// - Throws: ``WireError`` for a key that stands twice or differs in case only.
    func key(
        of key: JSONStringRange,
        in text: Span<UInt8>,
        seen: inout UInt32,
        at path: BodyPath
    ) throws(WireError) -> Key? {
        guard let (index, isExact) = lookUp(key, text) else { return nil }
        let name = entries[index].name
        guard isExact else {
            throw WireError(
                "A key differs from '\(name)' in letter case only. Servers disagree on what that "
                    + "means: spell it '\(name)'.",
                param: path.member(name)
            )
        }
        guard seen & (1 << UInt32(index)) == 0 else {
            throw WireError(
                "'\(path.member(name))' is given twice. Servers disagree on which one counts: "
                    + "send it once.",
                param: path.member(name)
            )
        }
        seen |= 1 << UInt32(index)
        return entries[index].key
    }

    private func lookUp(
        _ key: JSONStringRange,
        _ text: Span<UInt8>
    ) -> (index: Int, isExact: Bool)? {
        if key.hasEscapes || !isASCII(key.contents, text) {
            // Six bytes for each character of a name is the longest spelling.
            guard key.contents.count <= 6 * 32 else { return nil }
            var decoded: [UInt8] = []
            JSONString.decode(text, key, into: &decoded)
            let folded = Lookalikes.folded(decoded)
            let found = match(0..<folded.count, folded.span)
            return found.map { ($0.index, $0.isExact && folded == decoded) }
        }
        return match(key.contents, text)
    }

    private func match(_ key: Range<Int>, _ text: Span<UInt8>) -> (index: Int, isExact: Bool)? {
        for index in entries.indices
        where entries[index].name.utf8CodeUnitCount == key.count
            && text.equalsIgnoringCase(key, entries[index].name)
        {
            return (index, text.equals(key, entries[index].name))
        }
        return nil
    }

    private func isASCII(_ range: Range<Int>, _ text: Span<UInt8>) -> Bool {
        for offset in range where text[offset] >= 0x80 { return false }
        return true
    }
}

/// Characters beyond ASCII that case folding turns into letters in it.
private enum Lookalikes {
    /// U+017F becomes `s` and U+212A `k`; there are no others.
    static func folded(_ bytes: [UInt8]) -> [UInt8] {
        var folded: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.first {
            if rest.starts(with: [0xC5, 0xBF]) {
                folded.append(UInt8(ascii: "s"))
                rest = rest.dropFirst(2)
            } else if rest.starts(with: [0xE2, 0x84, 0xAA]) {
                folded.append(UInt8(ascii: "k"))
                rest = rest.dropFirst(3)
            } else {
                folded.append(byte)
                rest = rest.dropFirst()
            }
        }
        return folded
    }
}
