/// What is wrong with a pattern.
struct PatternError: Error, Hashable {
    /// The character at which it is wrong, from 1, where there is one.
    let position: Int?
    /// What is wrong and what to do about it.
    let message: String

    /// The message with its place.
    var text: String {
        guard let position else { return message }
        return "at character \(position): \(message)"
    }
}
