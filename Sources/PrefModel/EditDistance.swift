/// How many single-character edits lie between two names: for "did you mean".
///
/// Source: V. Levenshtein, "Binary codes capable of correcting deletions, insertions, and
/// reversals", 1966; the two-row form of Wagner and Fischer.
public enum EditDistance {
    /// Insertions, deletions and substitutions between `left` and `right`, over Unicode scalars.
    public static func between(_ left: String, _ right: String) -> Int {
        let columns = Array(right.unicodeScalars)
        var previous = Array(0...columns.count)
        for (row, scalar) in left.unicodeScalars.enumerated() {
            var current = [row + 1]
            for (column, other) in columns.enumerated() {
                let substituted = previous[column] + (scalar == other ? 0 : 1)
                current.append(min(substituted, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[columns.count]
    }
}
