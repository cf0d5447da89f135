/// The sum of a set of records: detects one that is missing, added, or put back from an older copy.
///
/// Each record has a tag that is secret and pseudorandom; the sum is their XOR. It is kept sealed,
/// so that an attacker sees neither tags nor sum. Source: Clarke et al., "Incremental Multiset Hash
/// Functions and Their Application to Memory Integrity Checking", ASIACRYPT 2003, MSet-XOR-Hash.
struct SetDigest: Hashable, Sendable {
    private(set) var low: UInt128
    private(set) var high: UInt128

    static let empty = SetDigest(low: 0, high: 0)
    static let byteCount = 32

    /// Adds what is not in the set, or takes out what is.
    mutating func toggle(_ other: SetDigest) {
        low ^= other.low
        high ^= other.high
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(low)
        bytes.append(high)
        return bytes
    }
}

extension SetDigest {
    /// Takes 32 bytes of what must be at least as many.
    init(_ bytes: [UInt8], at offset: Int = 0) {
        low = bytes.integer(at: offset)
        high = bytes.integer(at: offset + 16)
    }
}

extension SetDigest: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let bytes = try container.decode([UInt8].self)
        guard bytes.count == Self.byteCount else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not 32 bytes")
        }
        self.init(bytes)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes)
    }
}
