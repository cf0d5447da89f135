internal import PrefModel

/// The nearest right spelling, for hints.
enum Nearest {
    /// The name at most three edits away that is nearest, or nil.
    static func of(_ name: String, among names: [String]) -> String? {
        guard name.utf8.count <= 64 else { return nil }
        let lowered = name.lowercased()
        let ranked = names.map { ($0, EditDistance.between(lowered, $0)) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= 3, best.1 < best.0.count else {
            return nil
        }
        return best.0
    }
}
