/// The 64 classes into which the start filter sorts plain bytes.
///
/// Both cases of a letter are one class, all digits are one, all white space is one. Classes of
/// word characters have bit 5; `none` is a class of no byte.
enum ByteClass {
    /// How many bits a class has.
    static let bits: UInt32 = 6
    /// How many classes there are.
    static let count = 64
    /// Set in the class of word characters.
    static let word: UInt8 = 0x20
    /// No byte's class.
    static let none: UInt8 = 0
    /// Of bytes that are no symbol of their own: escapes, controls, all but ASCII.
    static let special: UInt8 = 0x80

    /// The class of each byte.
    static let ofByte: [UInt8] = (0..<256).map { byte in
        guard isPlain(byte) else { return special }
        switch byte {
        case 0x09...0x0d, 0x20: return space
        case 0x30...0x39: return digit
        case 0x41...0x5a: return word | UInt8(byte - 0x41)
        case 0x61...0x7a: return word | UInt8(byte - 0x61)
        case 0x5f: return word | 27
        default: return UInt8(2 + punctuation.prefix { $0 < byte }.count)
        }
    }

    /// The bytes of each class.
    static let members: [[UInt32]] = (0..<count).map { wanted in
        (0..<0x80).filter { ofByte[$0] == UInt8(wanted) }.map { UInt32($0) }
    }

    /// The classes of word characters, as a bit for each.
    static let wordMask: UInt64 = 0xffff_ffff_0000_0000
    /// The class of white space.
    static let space: UInt8 = 1
    /// The class of digits.
    static let digit: UInt8 = word | 26

    /// Whether a byte is white space.
    static func isSpace(_ byte: UInt8) -> Bool { ofByte[Int(byte)] == space }

    private static let punctuation = (0x21..<0x7f).filter { byte in
        !SymbolSet.wordCharacters.contains(UInt32(byte)) && byte != 0x5c
    }

    /// Whether a byte is a symbol of its own and part of no escape.
    static func isPlain(_ byte: Int) -> Bool {
        byte < 0x80 && byte != 0x5c && !ReferenceStage.begins(UInt32(byte))
            && !FoldTable.isDroppedASCII(UInt32(byte))
    }
}
