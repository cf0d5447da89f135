/// The words of a command line, before they are parsed.
enum CommandLineWords {
    /// The options that all commands have, moved behind the command where they stand in front of it.
    ///
    /// The parser takes an option only behind the command that declares it.
    static func behindCommand(_ arguments: [String]) -> [String] {
        var options: [String] = []
        var rest = arguments[...]
        while let word = rest.first {
            if word == "--socket" || word == "--admin-socket" {
                options += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if word == "--json" || word.hasPrefix("--socket=")
                || word.hasPrefix("--admin-socket=")
            {
                options.append(word)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        let command = rest.prefix { !$0.hasPrefix("-") }
        return command + options + rest.dropFirst(command.count)
    }

    /// Whether they ask for JSON, also where they do not parse.
    static func askForJSON(_ arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.contains("--json")
    }
}
