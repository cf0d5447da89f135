internal import PrefModel

/// Names the right spelling of a word that is not known.
enum Spelling {
    /// `; did you mean 'x'?`, or the list of what there is.
    static func hint(for word: String, among known: [String]) -> String {
        let distances = known.map { (name: $0, distance: EditDistance.between(word, $0)) }
        if let nearest = distances.min(by: { $0.distance < $1.distance }),
            nearest.distance <= allowance(for: nearest.name)
        {
            return "; did you mean '\(nearest.name)'?"
        }
        return "; there are \(known.joined(separator: ", "))"
    }

    /// Two letters that changed places are two edits.
    private static func allowance(for name: String) -> Int {
        let length = name.unicodeScalars.count
        return length < 4 ? 1 : max(2, length / 3)
    }
}
