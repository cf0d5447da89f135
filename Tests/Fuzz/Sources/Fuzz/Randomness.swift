import TestSupport

/// Choices that an input's check makes; the same for the same input, so that a failure comes back.
struct Randomness: RandomNumberGenerator {
    private var generator: SeededGenerator

    /// Seeded by the bytes (FNV-1a).
    init(_ bytes: [UInt8]) {
        generator = SeededGenerator(
            seed: bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        )
    }

    mutating func next() -> UInt64 { generator.next() }

    /// Pieces that `count` bytes are cut into: single bytes one time out of four, else a few.
    mutating func pieces(of count: Int) -> [Range<Int>] {
        guard count > 0 else { return [] }
        let cuts =
            next() % 4 == 0
            ? Array(1..<count)
            : (0..<Int(next() % 6)).map { _ in Int(next() % UInt64(count)) }.sorted()
        var start = 0
        var pieces: [Range<Int>] = []
        for cut in cuts + [count] where cut > start {
            pieces.append(start..<cut)
            start = cut
        }
        return pieces
    }

    /// A range of offsets from 0 to `count`, perhaps empty.
    mutating func range(upTo count: Int) -> Range<Int> {
        let one = Int(next() % UInt64(count + 1))
        let other = Int(next() % UInt64(count + 1))
        return min(one, other)..<max(one, other)
    }
}
