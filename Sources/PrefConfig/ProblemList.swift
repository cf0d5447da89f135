internal import Yams

/// The problems found so far in one file.
struct ProblemList {
    let file: String
    private(set) var found: [ConfigProblem] = []

    init(file: String) { self.file = file }

    var hasErrors: Bool { found.contains { $0.severity == .error } }

    mutating func add(
        _ message: String,
        at mark: Place?,
        hint: String? = nil,
        severity: ConfigProblem.Severity = .error
    ) {
        found.append(
            ConfigProblem(
                severity: severity,
                file: file,
                line: mark?.line,
                column: mark?.column,
                message: message,
                hint: hint
            )
        )
    }

    mutating func add(contentsOf problems: [ConfigProblem]) { found += problems }

    /// In the order of the file; what is in no line comes last.
    var sorted: [ConfigProblem] {
        found.enumerated().sorted { left, right in
            let (one, other) = (left.element, right.element)
            return (one.line ?? .max, one.column ?? .max, left.offset)
                < (other.line ?? .max, other.column ?? .max, right.offset)
        }.map(\.element)
    }
}
