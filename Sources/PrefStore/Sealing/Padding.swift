/// Hides lengths: every record is padded to one of a few sizes before it is sealed.
enum Padding {
    /// The size that a text of so many bytes is padded to: 256, 512, 1K, 2K, 4K, and multiples of 4K.
    static func size(for count: Int) -> Int {
        let needed = count + 4
        for size in [256, 512, 1024, 2048] where needed <= size { return size }
        return (needed + 4095) / 4096 * 4096
    }

    static func pad(_ text: [UInt8]) -> [UInt8] {
        var padded: [UInt8] = []
        padded.reserveCapacity(size(for: text.count))
        padded.append(UInt32(text.count))
        padded += text
        padded.pad(to: size(for: text.count))
        return padded
    }

    static func unpad(_ padded: [UInt8]) throws(Envelope.Damaged) -> [UInt8] {
        guard padded.count >= 4 else { throw Envelope.Damaged() }
        let count = Int(padded.integer(at: 0, as: UInt32.self))
        guard padded.count - 4 >= count, padded.count == size(for: count) else {
            throw Envelope.Damaged()
        }
        return Array(padded[4..<(4 + count)])
    }
}
