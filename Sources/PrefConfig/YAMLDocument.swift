internal import Yams

/// A configuration file's text as a tree with places.
enum YAMLDocument {
    /// Parses the text; nil for a file that says nothing.
    ///
    /// Keys that are given twice are reported one by one, so that they hide no other problem: the
    /// parser stops at the first, so the earlier of the two is renamed to something no key is
    /// called (see ``isSetAside(_:)``), at the same length, and the text is parsed again.
    static func parse(_ text: String, problems: inout ProblemList) -> Node? {
        var text = text
        for attempt in 0..<64 {
            do {
                let parser = try Parser(yaml: text, encoding: .utf8)
                return try parser.singleRoot()
            } catch YamlError.duplicatedKeysInMapping(_, let context) {
                guard let (renamed, key) = setAside(keyAt: context.mark, in: text, number: attempt)
                else {
                    problems.add("a key is given twice in one section", at: Place(context.mark))
                    return nil
                }
                problems.add(
                    "\(key) is given twice in one section",
                    at: Place(context.mark),
                    hint: "keep one of them"
                )
                text = renamed
            } catch {
                report(error, problems: &problems)
                return nil
            }
        }
        return nil
    }

    /// Whether a key is an earlier one of two, already reported.
    static func isSetAside(_ key: String) -> Bool {
        key.unicodeScalars.first.map { (0xE000...0xF8FF).contains($0.value) } ?? false
    }

    private static func setAside(
        keyAt mark: Mark,
        in text: String,
        number: Int
    ) -> (text: String, key: String)? {
        var scalars = Array(text.unicodeScalars)
        // Lines end as the parser counts them.
        var line = 1
        var start = 0
        while line < mark.line, start < scalars.count {
            if scalars[start] == "\n" { line += 1 }
            start += 1
        }
        var place = start + mark.column - 1
        guard place < scalars.count else { return nil }
        if scalars[place] == "\"" || scalars[place] == "'" { place += 1 }
        guard let stand = Unicode.Scalar(0xE000 + UInt32(number)), place < scalars.count,
            scalars[place].properties.isAlphabetic
        else { return nil }
        let name = scalars[place...].prefix { $0.properties.isAlphabetic || $0 == "_" || $0 == "-" }
        var key = String.UnicodeScalarView()
        key.append(contentsOf: name)
        scalars[place] = stand
        var renamed = String.UnicodeScalarView()
        renamed.append(contentsOf: scalars)
        return (String(renamed), String(key))
    }

    private static func report(_ error: any Error, problems: inout ProblemList) {
        // Only the parser's own words: the rest of the error repeats lines of the file.
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let during = context.map { " \($0.text)" } ?? ""
            problems.add(
                "is not YAML:\(during) \(problem)",
                at: Place(mark),
                hint: hint(for: problem)
            )
        case .reader(let problem, let offset, _, let yaml):
            problems.add("is not YAML: \(problem)", at: offset.map { place(of: $0, in: yaml) })
        default:
            problems.add("is not YAML", at: nil)
        }
    }

    private static func hint(for problem: String) -> String? {
        if problem.contains("alias") || problem.contains("alphabetic or numeric") {
            return "a text that begins with * or & needs quotes, as in \"*\""
        }
        if problem.contains("character that cannot start any token") {
            return
                "indent by spaces, not by tabs; quote a text that begins with a special character"
        }
        if problem.contains("another document") {
            return "a configuration is one document, without ---"
        }
        return nil
    }

    private static func place(of offset: Int, in text: String) -> Place {
        let before = text.prefix(offset)
        let line = before.count { $0.isNewline } + 1
        let column = before.unicodeScalars.reversed().prefix { $0 != "\n" }.count + 1
        return Place(line: line, column: column)
    }
}
