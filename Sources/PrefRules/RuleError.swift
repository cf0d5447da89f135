/// Why rule packs were refused: everything that is wrong with them, at once.
public struct RuleError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One thing that is wrong.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The file, as it was named.
        public let file: String
        /// The line, from 1, where one is known.
        public let line: Int?
        /// The column, from 1, where one is known.
        public let column: Int?
        /// What is wrong and what to do about it.
        public let message: String

        /// `file:line:column: message`.
        public var description: String {
            var place = file
            if let line { place += ":\(line)" }
            if let column { place += ":\(column)" }
            return "\(place): \(message)"
        }
    }

    /// The problems, in the order of the files; never empty.
    public let problems: [Problem]

    /// One line for each problem.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
