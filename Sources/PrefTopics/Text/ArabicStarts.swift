/// Where the stem of an Arabic word may begin: conjunctions, prepositions and the article are written
/// as part of the word.
enum ArabicStarts {
    /// Calls `visit` with each offset behind `start` at which the stem may begin.
    static func visit(_ bytes: [UInt8], from start: Int, _ visit: (Int) -> Void) {
        guard start + 6 < bytes.count, bytes[start] == 0xd8 || bytes[start] == 0xd9 else { return }
        var offsets = [start]
        // و and ف, then ب ل ك س, then ال or the ل of لل.
        for letters in [["و", "ف"], ["ب", "ل", "ك", "س"], ["ال", "ل"]] as [[StaticString]] {
            for offset in offsets {
                for letter in letters where holds(letter, bytes, offset) {
                    let next = offset + letter.utf8CodeUnitCount
                    // Two letters at the least are left.
                    guard next + 4 <= bytes.count, bytes[next] >= 0x80, bytes[next + 2] >= 0x80
                    else { continue }
                    if !offsets.contains(next) {
                        offsets.append(next)
                        visit(next)
                    }
                }
            }
        }
    }

    private static func holds(_ letters: StaticString, _ bytes: [UInt8], _ offset: Int) -> Bool {
        letters.withUTF8Buffer { wanted in
            guard offset + wanted.count <= bytes.count else { return false }
            for index in 0..<wanted.count where unsafe wanted[index] != bytes[offset + index] {
                return false
            }
            return true
        }
    }
}
