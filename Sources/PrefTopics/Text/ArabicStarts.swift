/// Where the stem of an Arabic word may begin: conjunctions, prepositions and the article are written
/// as part of the word.
enum ArabicStarts {
    /// Calls `visit` with each offset behind `start` at which the stem may begin.
    @inline(__always)
    static func visit(_ bytes: Span<UInt8>, from start: Int, _ visit: (Int) -> Void) {
        // و and ف, then ب ل ك س, then ال or the second ل of لل: each may be missing.
        let first = letter(bytes, at: start)
        var offset = start
        if first == 0xd988 || first == 0xd981 {
            offset += 2
            guard hasStem(bytes, at: offset) else { return }
            visit(offset)
        }
        article(bytes, at: offset, visit)
        switch letter(bytes, at: offset) {
        case 0xd8a8, 0xd984, 0xd983, 0xd8b3:
            offset += 2
            guard hasStem(bytes, at: offset) else { return }
            visit(offset)
            article(bytes, at: offset, visit)
            if letter(bytes, at: offset) == 0xd984, hasStem(bytes, at: offset + 2) {
                visit(offset + 2)
            }
        default: break
        }
    }

    @inline(__always)
    private static func article(_ bytes: Span<UInt8>, at offset: Int, _ visit: (Int) -> Void) {
        guard letter(bytes, at: offset) == 0xd8a7, letter(bytes, at: offset + 2) == 0xd984,
            hasStem(bytes, at: offset + 4)
        else { return }
        visit(offset + 4)
    }

    /// The two bytes of an Arabic letter, or what stands there.
    @inline(__always)
    private static func letter(_ bytes: Span<UInt8>, at offset: Int) -> UInt16 {
        offset + 1 < bytes.count ? UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1]) : 0
    }

    /// Whether two letters at the least are left of the word.
    @inline(__always)
    private static func hasStem(_ bytes: Span<UInt8>, at offset: Int) -> Bool {
        offset + 3 < bytes.count && bytes[offset] >= 0x80 && bytes[offset + 2] >= 0x80
    }
}
