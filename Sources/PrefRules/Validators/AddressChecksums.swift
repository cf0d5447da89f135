/// Checksums of the addresses and keys of cryptocurrencies, and of other keys spelled like them.
enum AddressChecksums {
    private static let base58 = Array(
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8
    )

    /// Whether the last four bytes are the first of the double SHA-256 of the others.
    ///
    /// Source: Bitcoin developer guide, Base58Check encoding.
    static func isBase58Check(_ text: [UInt8]) -> Bool {
        // Little-endian while the number grows.
        var bytes: [UInt8] = []
        for character in text {
            guard var carry = base58.firstIndex(of: character) else { return false }
            for index in bytes.indices {
                carry += Int(bytes[index]) * 58
                bytes[index] = UInt8(carry & 0xff)
                carry >>= 8
            }
            while carry > 0 {
                bytes.append(UInt8(carry & 0xff))
                carry >>= 8
            }
        }
        let zeros = text.prefix { $0 == 0x31 }.count
        let whole = [UInt8](repeating: 0, count: zeros) + bytes.reversed()
        guard whole.count > 4 else { return false }
        return SHA256.hash(SHA256.hash(whole.dropLast(4))).prefix(4) == whole.suffix(4)
    }

    private static let bech32 = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

    /// Whether a text in one case is Bech32 or Bech32m.
    ///
    /// Source: BIP 173 and BIP 350.
    static func isBech32(_ text: [UInt8]) -> Bool {
        let isUpper = text.contains { (0x41...0x5a).contains($0) }
        let isLower = text.contains { (0x61...0x7a).contains($0) }
        guard isUpper != isLower else { return false }
        let text = text.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        guard let separator = text.lastIndex(of: 0x31), separator > 0 else { return false }
        let prefix = text[..<separator]
        var values = prefix.map { Int($0 >> 5) } + [0] + prefix.map { Int($0 & 31) }
        for character in text[(separator + 1)...] {
            guard let value = bech32.firstIndex(of: character) else { return false }
            values.append(value)
        }
        guard text.count - separator > 6 else { return false }
        let generator = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
        var checksum = 1
        for value in values {
            let top = checksum >> 25
            checksum = (checksum & 0x1ff_ffff) << 5 ^ value
            for (bit, term) in generator.enumerated() where top >> bit & 1 == 1 {
                checksum ^= term
            }
        }
        return checksum == 1 || checksum == 0x2bc8_30a3
    }

    /// Whether the case of the letters of `0x` and 40 hexadecimal digits is their checksum; an
    /// address in one case has none.
    ///
    /// Source: EIP-55.
    static func isEthereum(_ text: [UInt8]) -> Bool {
        let digits = text.dropFirst(2)
        let lower = digits.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        guard digits.count == 40, digits.contains(where: { (0x41...0x46).contains($0) }),
            digits.contains(where: { (0x61...0x66).contains($0) })
        else { return false }
        let hash = Keccak256.hash(lower)
        return zip(digits, 0...).allSatisfy { digit, place in
            guard digit > 0x39 else { return true }
            let nibble = place & 1 == 0 ? hash[place / 2] >> 4 : hash[place / 2] & 0xf
            return (nibble > 7) == (digit < 0x60)
        }
    }
}
