/// Up to eight bytes, in one word.
struct CarriedBytes: Sendable {
    /// How many there may be.
    static let capacity = 8

    private var word: UInt64 = 0
    /// How many there are.
    private(set) var count = 0

    /// Whether there are none.
    var isEmpty: Bool { count == 0 }

    /// The byte at a place.
    subscript(place: Int) -> UInt8 { UInt8(truncatingIfNeeded: word >> UInt64(place * 8)) }

    /// Adds a byte.
    mutating func append(_ byte: UInt8) {
        word |= UInt64(byte) << UInt64(count * 8)
        count += 1
    }

    /// Those from a place on.
    func dropping(_ place: Int) -> CarriedBytes {
        var rest = CarriedBytes()
        rest.word = word >> UInt64(place * 8)
        rest.count = count - place
        return rest
    }
}
