/// Breaks text into lines of a terminal's width, between words where it can.
enum Wrapping {
    /// The lines of a text, at least one, each at most `width` columns.
    static func lines(of text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var used = 0
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            for (index, piece) in pieces(of: word, width: width).enumerated() {
                let size = DisplayWidth.of(piece)
                if !line.isEmpty && (index > 0 || used + 1 + size > width) {
                    lines.append(line)
                    line = ""
                    used = 0
                }
                if !line.isEmpty {
                    line += " "
                    used += 1
                }
                line += piece
                used += size
            }
        }
        if !line.isEmpty || lines.isEmpty { lines.append(line) }
        return lines
    }

    private static func pieces(of word: Substring, width: Int) -> [String] {
        var pieces: [String] = []
        var piece = ""
        var used = 0
        for character in word {
            let size = DisplayWidth.of(character)
            if used + size > width && !piece.isEmpty {
                pieces.append(piece)
                piece = ""
                used = 0
            }
            piece.append(character)
            used += size
        }
        return pieces + (piece.isEmpty ? [] : [piece])
    }
}
