extension Array where Element == UInt8 {
    /// Appends an integer, least significant byte first.
    mutating func append<Integer: FixedWidthInteger>(_ value: Integer) {
        for shift in stride(from: 0, to: Integer.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: value >> Integer(shift)))
        }
    }

    /// Reads an integer, least significant byte first; the array must reach that far.
    func integer<Integer: FixedWidthInteger & UnsignedInteger>(
        at offset: Int,
        as type: Integer.Type = Integer.self
    ) -> Integer {
        var value: Integer = 0
        for index in 0..<(Integer.bitWidth / 8) {
            value |= Integer(self[offset + index]) << Integer(8 * index)
        }
        return value
    }

    /// Lengthens the array with zeros.
    mutating func pad(to length: Int) {
        if count < length { append(contentsOf: repeatElement(0, count: length - count)) }
    }

    /// Random bytes from the kernel.
    static func random(count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { bytes.append(generator.next() as UInt64) }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Compares in a time that does not depend on where the difference is.
    func equalsInConstantTime(_ other: some Collection<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(self, other) { difference |= left ^ right }
        return difference == 0
    }
}
