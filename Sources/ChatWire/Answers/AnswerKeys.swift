/// The keys that decide how one kind of object in an answer is read.
///
/// Readers disagree on an object that has one of them twice, so such an answer is not let through.
struct AnswerKeys<Key: Sendable>: Sendable {
    private let entries: [(name: StaticString, key: Key)]

    init(_ entries: KeyValuePairs<StaticString, Key>) {
        self.entries = entries.map { ($0.key, $0.value) }
    }

    /// Which key a member has, or nil for any other; `seen` is one object's, zero at its beginning.
    func key(
        of member: JSONMember,
        in text: Span<UInt8>,
        seen: inout UInt32,
        _ outline: inout AnswerOutline
    ) -> Key? {
        for index in entries.indices where member.isNamed(entries[index].name, text) {
            let bit: UInt32 = 1 << UInt32(index)
            if seen & bit != 0 { outline.isAmbiguous = true }
            seen |= bit
            return entries[index].key
        }
        return nil
    }
}
