/// Why topic files were refused: everything that is wrong with them, at once.
public struct TopicError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One thing that is wrong.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The file, as it was named.
        public let file: String
        /// The line, from 1, where one is known.
        public let line: Int?
        /// What is wrong and what to do about it.
        public let message: String

        /// `file:line: message`.
        public var description: String {
            (line.map { "\(file):\($0)" } ?? file) + ": " + message
        }
    }

    /// The problems, in the order of the files; never empty.
    public let problems: [Problem]

    /// One line for each problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
