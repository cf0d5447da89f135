import Testing

@testable import PrefTopics

@Suite("Latin letters with accents")
struct LatinFoldTests {
    @Test("Each folds to the letter that it is, by canonical equivalence, with a mark")
    func bases() {
        let scalars = Array(0xc0...0x24f as ClosedRange<UInt32>) + Array(0x1e00...0x1eff)
        for (scalar, expected) in zip(scalars, Self.derived) {
            #expect(LatinFolds.fold(scalar) == expected, "U+\(String(scalar, radix: 16))")
        }
    }

    /// Built from what Swift knows: a letter equals its base letter and a combining mark.
    private static let derived: [FoldedScalar] = {
        var bases: [String: UInt8] = [:]
        for base in UInt8(ascii: "a")...UInt8(ascii: "z") {
            let letter = String(UnicodeScalar(base))
            for mark in 0x300...0x345 as ClosedRange<UInt32> {
                guard let mark = Unicode.Scalar(mark) else { continue }
                let marked = letter + String(mark)
                bases[marked] = base
                // Vietnamese letters bear two.
                guard [0x302, 0x306, 0x31b].contains(mark.value) else { continue }
                for tone in [0x300, 0x301, 0x302, 0x303, 0x309, 0x323] as [UInt32] {
                    guard let tone = Unicode.Scalar(tone) else { continue }
                    bases[marked + String(tone)] = base
                }
            }
        }
        return [0xc0...0x24f, 0x1e00...0x1eff].flatMap { (range: ClosedRange<UInt32>) in
            range.map { scalar in
                guard let unicode = Unicode.Scalar(scalar) else { return .separator }
                let lower = unicode.properties.lowercaseMapping
                if let base = bases[lower] { return .letter(UInt32(base)) }
                switch lower {
                case "ß", "ẞ": return .letters(UInt8(ascii: "s"), UInt8(ascii: "s"))
                case "æ": return .letters(UInt8(ascii: "a"), UInt8(ascii: "e"))
                case "œ": return .letters(UInt8(ascii: "o"), UInt8(ascii: "e"))
                case "þ": return .letters(UInt8(ascii: "t"), UInt8(ascii: "h"))
                case "ø": return .letter(UInt32(UInt8(ascii: "o")))
                case "ł": return .letter(UInt32(UInt8(ascii: "l")))
                case "đ", "ð": return .letter(UInt32(UInt8(ascii: "d")))
                case "ı": return .letter(UInt32(UInt8(ascii: "i")))
                case "×", "÷": return .separator
                default: return .letter(lower.unicodeScalars.first?.value ?? scalar)
                }
            }
        }
    }()
}
