/// The text of a rule pack before it is read.
public struct RulePackSource: Sendable, Hashable {
    /// The file's name, for messages.
    public let name: String
    /// Its YAML text.
    public let text: String

    /// Makes a source.
    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}
