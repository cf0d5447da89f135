/// One thing that is wrong with a configuration file, for the admin who wrote it.
///
/// Never holds a key or another secret, also where one was written in the wrong place.
public struct ConfigProblem: Codable, Sendable, Hashable, CustomStringConvertible {
    /// Whether prefd can start in spite of it.
    public enum Severity: String, Codable, Sendable {
        /// prefd does not start, and a reload keeps the old configuration.
        case error
        /// prefd starts; the admin should look at it.
        case warning
    }

    /// Whether prefd can start in spite of it.
    public let severity: Severity
    /// The file, as it was named to prefd, or `environment`.
    public let file: String
    /// The line, from 1; nil where the problem is not in a line.
    public let line: Int?
    /// The column, from 1, in Unicode scalars; nil where the problem is not in a line.
    public let column: Int?
    /// What is wrong.
    public let message: String
    /// What to do about it, or nil where the message says it.
    public let hint: String?

    /// Makes a problem.
    public init(
        severity: Severity = .error,
        file: String,
        line: Int? = nil,
        column: Int? = nil,
        message: String,
        hint: String? = nil
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
    }

    /// `file:line:column: message (hint)`; warnings say so.
    public var description: String {
        var place = file
        if let line, let column { place += ":\(line):\(column)" }
        let kind = severity == .warning ? "warning: " : ""
        return "\(place): \(kind)\(message)" + (hint.map { " (\($0))" } ?? "")
    }
}

/// Everything that is wrong with a configuration, in the order of the file.
public struct ConfigErrors: Error, Sendable, Hashable, CustomStringConvertible {
    /// The problems, at least one of them an error; warnings are here too.
    public let problems: [ConfigProblem]

    /// Makes an error of its problems.
    public init(_ problems: [ConfigProblem]) { self.problems = problems }

    /// One problem a line.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
