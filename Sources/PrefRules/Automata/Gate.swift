/// One automaton for the first symbols of all rules together: it watches every place at once.
///
/// A state knows which rules may have begun at each of the last few symbols. When one of them has
/// come as deep as the gate looks, the gate *fires*, and the rule's own automaton goes on from
/// there. Text in which nothing begins costs one look-up a byte.
struct Gate: Sendable {
    /// A rule that came through, and where its automaton stands.
    struct Firing: Hashable, Sendable {
        /// The rule's index in its surface.
        let rule: Int
        /// The row of its automaton.
        let row: Int
        /// How many symbols ago it began, the current one counted.
        let depth: Int
    }

    /// What an entry from `fires` on refers to.
    struct FiringSet: Hashable, Sendable {
        /// The next row.
        let row: UInt32
        /// The rules that come through.
        let firings: [Firing]
    }

    /// The most symbols that the gate looks at before a rule's own automaton takes over.
    static let greatestDepth = 4
    /// An entry of `bytes` that needs more than a look-up: escapes, controls, all but ASCII.
    static let special: UInt32 = 0x8000_0000
    /// Set in an entry that is an index into `firingSets`.
    static let fires: UInt32 = 0x4000_0000

    /// For each row of 256 and each byte: the next row, or an entry from `fires` on.
    let bytes: [UInt32]
    /// For each state and each column from 128 on: as above.
    let others: [UInt32]
    /// How many columns there are from 128 on.
    let otherCount: Int
    /// What firing entries refer to.
    let firingSets: [FiringSet]
    /// For each state: how many symbols ago the oldest start is that must be held, or 0.
    let holdDepths: [UInt8]
    /// The row to begin a text in.
    let startRow: UInt32

    /// The entry for a symbol's column.
    func entry(_ row: UInt32, column: Int) -> UInt32 {
        column < 0x80
            ? bytes[Int(row) + column] : others[Int(row >> 8) * otherCount + column - 0x80]
    }

    /// How many symbols ago the oldest start is that must be held, or 0.
    func holdDepth(_ row: UInt32) -> Int { Int(holdDepths[Int(row >> 8)]) }

    /// Whether a byte is a symbol of its own and part of no escape.
    static func isPlain(_ byte: Int) -> Bool {
        byte < 0x80 && byte != 0x5c && !FoldTable.isDroppedASCII(UInt32(byte))
    }
}
