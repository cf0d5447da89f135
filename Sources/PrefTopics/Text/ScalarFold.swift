/// How one scalar is seen by the matcher.
enum FoldedScalar: Equatable {
    /// It ends a word.
    case separator
    /// It is not seen at all: combining marks, joiners, harakat, tatweel.
    case nothing
    /// A letter, mark or digit of a word.
    case letter(UInt32)
    /// Two letters, as `ß` is `ss`.
    case letters(UInt8, UInt8)
    /// A letter of a script that is written without spaces: words may begin and end at it.
    case ideograph(UInt32)
}

/// Folds case, accents, and the spellings that Arabic, Devanagari and Han have several of.
///
/// Folding loses distinctions on purpose: people leave accents out.
enum ScalarFold {
    static func fold(_ scalar: UInt32) -> FoldedScalar {
        switch scalar {
        case 0..<0x80: ascii(UInt8(truncatingIfNeeded: scalar))
        case 0xaa, 0xba: .nothing
        case 0xc0...0x24f: LatinFolds.fold(scalar)
        case 0x300...0x36f: .nothing
        case 0x600...0x6ff: arabic(scalar)
        case 0x900...0x97f: devanagari(scalar)
        case 0x1e00...0x1eff: LatinFolds.fold(scalar)
        case 0x200b...0x200f, 0x2060, 0xfeff, 0xfe00...0xfe0f: .nothing
        case 0x2000...0x206f, 0x3000...0x3004, 0x3008...0x303f: .separator
        case 0x3040...0x30ff, 0x3105...0x312f: .ideograph(scalar)
        case 0x3400...0x9fff, 0xf900...0xfaff, 0x20000...0x3ffff:
            .ideograph(HanVariants.simplified(scalar))
        case 0xac00...0xd7a3, 0x0e00...0x0e7f: .ideograph(scalar)
        case 0xff01...0xff5e: ascii(UInt8(truncatingIfNeeded: scalar - 0xfee0))
        default: other(scalar)
        }
    }

    private static func ascii(_ byte: UInt8) -> FoldedScalar {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            .letter(UInt32(byte))
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): .letter(UInt32(byte | 0x20))
        default: .separator
        }
    }

    private static func arabic(_ scalar: UInt32) -> FoldedScalar {
        switch scalar {
        // آ أ إ ٱ are ا; ى is ي; ة is ه; ؤ is و; ئ is ي: all are left to taste in writing.
        case 0x622, 0x623, 0x625, 0x671: .letter(0x627)
        case 0x649, 0x626, 0x6cc: .letter(0x64a)
        case 0x629: .letter(0x647)
        case 0x624: .letter(0x648)
        case 0x6a9: .letter(0x643)
        case 0x610...0x61a, 0x640, 0x64b...0x65f, 0x670, 0x6d6...0x6ed: .nothing
        case 0x660...0x669: .letter(scalar - 0x660 + 0x30)
        case 0x600...0x60f, 0x61b...0x61f, 0x66a...0x66d, 0x6d4: .separator
        default: .letter(scalar)
        }
    }

    private static func devanagari(_ scalar: UInt32) -> FoldedScalar {
        switch scalar {
        case 0x901: .letter(0x902)
        case 0x93c: .nothing
        // The letters with a nukta: क़ is seen as क, and so on.
        case 0x958: .letter(0x915)
        case 0x959: .letter(0x916)
        case 0x95a: .letter(0x917)
        case 0x95b: .letter(0x91c)
        case 0x95c: .letter(0x921)
        case 0x95d: .letter(0x922)
        case 0x95e: .letter(0x92b)
        case 0x95f: .letter(0x92f)
        case 0x964, 0x965, 0x970: .separator
        case 0x966...0x96f: .letter(scalar - 0x966 + 0x30)
        default: .letter(scalar)
        }
    }

    private static func other(_ scalar: UInt32) -> FoldedScalar {
        guard let unicode = Unicode.Scalar(scalar) else { return .separator }
        switch unicode.properties.generalCategory {
        case .format, .nonspacingMark, .enclosingMark: return .nothing
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .spacingMark, .decimalNumber, .letterNumber:
            let lower = unicode.properties.lowercaseMapping.unicodeScalars
            return .letter(lower.first?.value ?? scalar)
        default: return .separator
        }
    }
}
