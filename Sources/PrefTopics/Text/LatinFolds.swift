/// Latin letters with accents, as the letters without.
enum LatinFolds {
    /// The letters of U+00C0 to U+024F, and behind them those of U+1E00 to U+1EFF, as their base letters.
    ///
    /// A space is a separator, a dot a letter that has no other base than its small form, and a digit one
    /// of ``pairs``. Written down, since working it out of canonical equivalence took a part of each
    /// start; a test does that.
    private static let bases: StaticString = """
        aaaaaa2ceeeeiiiidnooooo ouuuuy41aaaaaa2ceeeeiiiidnooooo ouuuuy4yaaaaaaccccccccdd\
        ddeeeeeeeeeegggggggghh..iiiiiiiiii..jjkk.llllll..llnnnnnn...oooooo33rrrrrrssssss\
        sstttt..uuuuuuuuuuuuwwyyyzzzzzz.................................oo.............u\
        u............................aaiioouu..uu.............ggkkoo....j...gg..nn......\
        aaaaeeeeiiiioooorrrruuuusstt..hh......aaee....oo..yy............................\
        aabbbbbb..dddddddddd....eeee..ffgghhhhhhhhhhiiiikkkkkkll..llllmmmmmmnnnnnnnn....\
        ....pppprrrr..rrssss......ttttttttuuuuuu....vvvvwwwwwwwwwwxxxxyyzzzzzzhtwy....1.\
        aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuu\
        uuyyyyyyyy......
        """

    /// What is two letters.
    private static let pairs: [(UInt8, UInt8)] = [
        (UInt8(ascii: "s"), UInt8(ascii: "s")), (UInt8(ascii: "a"), UInt8(ascii: "e")),
        (UInt8(ascii: "o"), UInt8(ascii: "e")), (UInt8(ascii: "t"), UInt8(ascii: "h")),
    ]

    static func fold(_ scalar: UInt32) -> FoldedScalar {
        switch scalar {
        case 0xc0...0x24f: folded(scalar, at: Int(scalar - 0xc0))
        case 0x1e00...0x1eff: folded(scalar, at: Int(scalar - 0x1e00) + 0x190)
        default: .separator
        }
    }

    private static func folded(_ scalar: UInt32, at place: Int) -> FoldedScalar {
        // The compiler's own constant, read within its length.
        let base = bases.withUTF8Buffer { bases in
            place < bases.count ? unsafe bases[place] : UInt8(ascii: ".")
        }
        switch base {
        case UInt8(ascii: " "): return .separator
        case UInt8(ascii: "."):
            let lower = Unicode.Scalar(scalar)?.properties.lowercaseMapping.unicodeScalars.first
            return .letter(lower?.value ?? scalar)
        case UInt8(ascii: "1")...UInt8(ascii: "4"):
            let (first, second) = pairs[Int(base - UInt8(ascii: "1"))]
            return .letters(first, second)
        default: return .letter(UInt32(base))
        }
    }
}
