private import FoundationEssentials

extension Configuration {
    /// The largest configuration file that is read, in bytes.
    static let maxFileBytes = 1 << 20

    /// Reads a configuration file over the defaults of whoever runs this.
    ///
    /// The defaults are ``service``'s for root, in a unit of the system's service manager, and for
    /// a file below `/etc`; else ``userInstance(environment:uid:)``'s. Outside of these two, the rules
    /// are those of a `rules.d` beside the file, and where there is none, those that are compiled in.
    ///
    /// - Throws: ``ConfigErrors`` with everything that is wrong.
    public static func load(
        path: String,
        environment: [String: String],
        uid: UInt32
    ) throws(ConfigErrors) -> Configuration {
        let text = try contents(of: path)
        if isSystemUnit(environment) || path.hasPrefix("/etc/") {
            return try parse(text, path: path, defaults: .service)
        }
        let beside = folder(of: path) + "/rules.d"
        let rules: Rules = isDirectory(beside) ? .directory(beside) : .builtIn
        if uid == 0 {
            var defaults = Configuration.service
            defaults.rules = rules
            return try parse(text, path: path, defaults: defaults)
        }
        do {
            var defaults = try userInstance(environment: environment, uid: uid)
            defaults.rules = rules
            return try parse(text, path: path, defaults: defaults)
        } catch {
            // The environment only matters for the places that the file does not name itself.
            guard error.problems.allSatisfy({ $0.file == "environment" }) else { throw error }
            var defaults = Configuration.service
            defaults.rules = rules
            return try parse(text, path: path, defaults: defaults, placesMissing: error.problems)
        }
    }

    /// Reads a configuration's text over defaults.
    ///
    /// - Parameters:
    ///   - text: The YAML text.
    ///   - path: The file's path, for messages; relative paths in it start at its folder.
    ///   - defaults: What holds where the text says nothing.
    /// - Returns: The configuration, with its warnings.
    /// - Throws: ``ConfigErrors`` with everything that is wrong.
    public static func parse(
        _ text: String,
        path: String,
        defaults: Configuration
    ) throws(ConfigErrors) -> Configuration {
        try parse(text, path: path, defaults: defaults, placesMissing: [])
    }

    private static func parse(
        _ text: String,
        path: String,
        defaults: Configuration,
        placesMissing: [ConfigProblem]
    ) throws(ConfigErrors) -> Configuration {
        var reader = ConfigurationReader(file: path, folder: folder(of: path), defaults: defaults)
        reader.read(text)
        if reader.places.count < 4 { reader.problems.add(contentsOf: placesMissing) }
        if reader.problems.hasErrors { throw ConfigErrors(reader.problems.sorted) }
        return reader.configuration
    }

    private static func contents(of path: String) throws(ConfigErrors) -> String {
        func failure(_ message: String, _ hint: String?) -> ConfigErrors {
            ConfigErrors([ConfigProblem(file: path, message: message, hint: hint)])
        }
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch let error as CocoaError {
            switch error.code {
            case .fileReadNoSuchFile, .fileNoSuchFile:
                throw failure("there is no such file", "give the right one by --config FILE")
            case .fileReadNoPermission:
                throw failure(
                    "this user may not read the file",
                    "it needs to be readable by the user prefd runs as"
                )
            default:
                throw failure("the file cannot be read", "is it a directory?")
            }
        } catch {
            throw failure("the file cannot be read", nil)
        }
        guard data.count <= maxFileBytes else {
            throw failure("the file is larger than 1 MiB", "is it the right one?")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw failure("the file is not UTF-8 text", "save it as UTF-8")
        }
        return text
    }

    private static func folder(of path: String) -> String {
        let absolute =
            path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        guard let slash = absolute.lastIndex(of: "/"), slash > absolute.startIndex else {
            return "/"
        }
        return String(absolute[..<slash])
    }
}
