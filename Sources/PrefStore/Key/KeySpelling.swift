/// How a key file may spell 32 bytes: raw, 64 hex digits or base64, the latter two with or without
/// a line end.
enum KeySpelling {
    case key
    case cutShort
    case unknown

    /// Decodes a spelling into 32 bytes, touching no other memory than the two.
    static func decode(_ text: RawSpan, into key: inout MutableRawSpan) -> KeySpelling {
        let wanted = key.byteCount
        if text.byteCount == wanted {
            // Hex or base64 that was cut to exactly 32 characters is no raw key: 32 random bytes
            // are all digits of one alphabet once in 10^19.
            if isText(text, upTo: wanted) { return .cutShort }
            var sameAsFirst = true
            for index in 0..<wanted {
                let byte = byte(of: text, at: index)
                key.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
                if byte != self.byte(of: text, at: 0) { sameAsFirst = false }
            }
            return sameAsFirst ? .unknown : .key
        }
        var length = text.byteCount
        while length > 0,
            [UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains(byte(of: text, at: length - 1))
        {
            length -= 1
        }
        switch length {
        case 0..<wanted: return .cutShort
        case 2 * wanted: return decode(text, digits: length, bitsPerDigit: 4, into: &key)
        case 43: return decode(text, digits: 43, bitsPerDigit: 6, into: &key)
        case 44 where byte(of: text, at: 43) == UInt8(ascii: "="):
            return decode(text, digits: 43, bitsPerDigit: 6, into: &key)
        default: return isText(text, upTo: length) && length < 2 * wanted ? .cutShort : .unknown
        }
    }

    private static func decode(
        _ text: RawSpan,
        digits: Int,
        bitsPerDigit: Int,
        into key: inout MutableRawSpan
    ) -> KeySpelling {
        var bits = 0
        var pending: UInt32 = 0
        var written = 0
        for index in 0..<digits {
            let digit = byte(of: text, at: index)
            guard let value = bitsPerDigit == 4 ? hexValue(digit) : base64Value(digit) else {
                return .unknown
            }
            pending = (pending << UInt32(bitsPerDigit) | value) & 0xffff
            bits += bitsPerDigit
            if bits >= 8, written < key.byteCount {
                bits -= 8
                key.storeBytes(
                    of: UInt8(truncatingIfNeeded: pending >> UInt32(bits)),
                    toByteOffset: written,
                    as: UInt8.self
                )
                written += 1
            }
        }
        return written == key.byteCount ? .key : .unknown
    }

    private static func byte(of text: RawSpan, at index: Int) -> UInt8 {
        // Unsafe: every bit pattern is a `UInt8`; the span checks the bounds.
        unsafe text.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }

    private static func isText(_ text: RawSpan, upTo length: Int) -> Bool {
        (0..<length).allSatisfy { base64Value(byte(of: text, at: $0)) != nil }
    }

    private static func hexValue(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(digit - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(digit - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private static func base64Value(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a") + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0") + 52)
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
