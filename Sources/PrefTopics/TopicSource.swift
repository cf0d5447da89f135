/// A file of topics: its name, for messages, and its text.
public struct TopicSource: Sendable, Hashable {
    /// The name or path, as messages show it.
    public let name: String
    /// The YAML text, or for a name that ends in `.weights` the text of learned weights.
    public let text: String

    /// Names a text.
    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}
