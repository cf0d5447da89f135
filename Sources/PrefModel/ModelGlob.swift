/// A pattern for model names: `*` is any run of characters, `?` any one; the rest is literal and
/// case-sensitive.
public struct ModelGlob: Sendable, Hashable, CustomStringConvertible {
    /// The pattern as it was written.
    public let pattern: String

    /// Every model.
    public static let any = ModelGlob("*")

    /// Takes a pattern; every text is one.
    public init(_ pattern: String) { self.pattern = pattern }

    /// The pattern.
    public var description: String { pattern }

    /// Whether the pattern matches the whole of a name, in time at most proportional to the product
    /// of their lengths.
    public func matches(_ name: String) -> Bool {
        let pattern = Array(pattern.unicodeScalars)
        let name = Array(name.unicodeScalars)
        var at = 0
        var place = 0
        // Where to go on after a mismatch: behind the last star, with one more character under it.
        var star: (pattern: Int, name: Int)?
        while place < name.count {
            if at < pattern.count, pattern[at] == "*" {
                star = (at + 1, place)
                at += 1
            } else if at < pattern.count, pattern[at] == "?" || pattern[at] == name[place] {
                at += 1
                place += 1
            } else if let (behind, under) = star {
                star = (behind, under + 1)
                at = behind
                place = under + 1
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == "*" }
    }
}
