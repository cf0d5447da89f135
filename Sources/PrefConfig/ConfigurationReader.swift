internal import Yams

/// Reads a whole configuration over its defaults, and goes on after each problem.
struct ConfigurationReader {
    /// The folder that relative paths start from.
    let folder: String
    var configuration: Configuration
    var problems: ProblemList
    /// Those of `listen.data`, `listen.admin`, `state` and `key` that the file itself sets.
    var places: Set<String> = []

    init(file: String, folder: String, defaults: Configuration) {
        self.folder = folder
        configuration = defaults
        problems = ProblemList(file: file)
    }

    mutating func read(_ text: String) {
        guard let root = YAMLDocument.parse(text, problems: &problems),
            let file = Section(root, name: "", problems: &problems)
        else { return }
        readPlaces(file)
        readBackends(file)
        readApps(file)
        readPersonalization(file)
        readLearning(file)
        if let rules = file.section("rules", problems: &problems) {
            let folder = folder
            set(\.rules, to: rules, "directory", .text) { text throws(BadValue) in
                .directory(try Values.path(text, below: folder))
            }
        }
        if let tiers = file.section("tiers", problems: &problems) {
            let folder = folder
            set(\.tiers, to: tiers, "directory", .text) { text throws(BadValue) in
                .directory(try Values.path(text, below: folder))
            }
        }
        readLimits(file)
        configuration.warnings = problems.found.filter { $0.severity == .warning }
    }

    private mutating func readPlaces(_ file: Section) {
        if let listen = file.section("listen", problems: &problems) {
            set(\.listen.data, to: listen, "data", .text, read: Values.socketPath)
            set(\.listen.admin, to: listen, "admin", .text, read: Values.socketPath)
            for key in ["data", "admin"] where listen[key] != nil { places.insert("listen." + key) }
            if configuration.listen.data == configuration.listen.admin {
                problems.add(
                    "listen.data and listen.admin are the same path",
                    at: listen.place(of: "admin"),
                    hint: "each socket has a path of its own"
                )
            }
        }
        set(\.state, to: file, "state", .text, read: Values.absolutePath)
        if file["state"] != nil { places.insert("state") }
        if let key = readSecret("key", of: file) { configuration.key = key }
        if file["key"] != nil { places.insert("key") }
        readStore(file)
    }

    private mutating func readStore(_ file: Section) {
        guard let store = file.section("store", problems: &problems) else { return }
        let kind = store.value("kind", .text, problems: &problems) { text throws(BadValue) in
            try Values.choice(text, Configuration.Store.Kind.self)
        }
        let connection = readSecret("connection", of: store)
        switch (kind ?? .sqlite, connection) {
        case (.postgres, let connection?):
            configuration.store = .postgres(connection: connection)
        case (.postgres, nil):
            if store["connection"] != nil { return }
            problems.add(
                "store.kind is postgres, and store.connection is missing",
                at: store.place(of: "kind"),
                hint: "name the file of the connection string: connection: { file: PATH }"
            )
        case (.sqlite, _):
            if kind == .sqlite { configuration.store = .sqlite }
            guard store["connection"] != nil, store["kind"] == nil || kind != nil else { return }
            problems.add(
                "store.connection is for a store of kind postgres",
                at: store.place(of: "connection"),
                hint: "write kind: postgres, or leave the connection out"
            )
        }
    }

    private mutating func readPersonalization(_ file: Section) {
        guard let section = file.section("personalization", problems: &problems) else { return }
        set(\.personalization.blockTokens, to: section, "block_tokens", .number) {
            text throws(BadValue) in
            try Values.number(text, in: 1...8_192)
        }
        set(\.personalization.charter, to: section, "charter", .text) { text throws(BadValue) in
            try Values.choice(text, Configuration.Personalization.Charter.self)
        }
        set(\.personalization.placement, to: section, "placement", .text) { text throws(BadValue) in
            try Values.choice(text, Configuration.Personalization.Placement.self)
        }
        set(\.personalization.reminderAfterTurns, to: section, "reminder_after_turns", .number) {
            text throws(BadValue) in try Values.number(text, in: 0...10_000)
        }
    }

    private mutating func readLearning(_ file: Section) {
        guard let section = file.section("learning", problems: &problems) else { return }
        set(\.learning.surenessPercent, to: section, "sureness", .quantity) {
            text throws(BadValue) in try Values.percent(text, in: 50...100)
        }
        set(\.learning.leastSignals, to: section, "least_signals", .number) {
            text throws(BadValue) in try Values.number(text, in: 1...1_000)
        }
        let times = Duration.seconds(86_400) ... .seconds(36_500 * 86_400)
        set(\.learning.halfLife, to: section, "half_life", .quantity) { text throws(BadValue) in
            try Quantity.duration(text, in: times)
        }
        set(\.learning.askAgainAfter, to: section, "ask_again_after", .quantity) {
            text throws(BadValue) in try Quantity.duration(text, in: times)
        }
        set(\.learning.populationEpsilon, to: section, "population_epsilon", .number) {
            text throws(BadValue) in try Values.decimal(text, in: 0.01...100)
        }
        set(\.learning.populationBudget, to: section, "population_budget", .number) {
            text throws(BadValue) in try Values.decimal(text, in: 0.01...1_000)
        }
    }

    private mutating func readLimits(_ file: Section) {
        if let limits = file.section("limits", problems: &problems) {
            set(\.limits.bodyBytes, to: limits, "body", .quantity) { text throws(BadValue) in
                try Quantity.size(text, in: 1_024...1 << 30)
            }
            set(\.limits.connectionsPerUser, to: limits, "connections_per_user", .number) {
                text throws(BadValue) in try Values.number(text, in: 1...65_536)
            }
            set(\.limits.requestsPerUser, to: limits, "requests_per_user", .number) {
                text throws(BadValue) in try Values.number(text, in: 1...65_536)
            }
        }
        let retention = Duration.seconds(3_600) ... .seconds(36_500 * 86_400)
        if let consent = file.section("consent", problems: &problems) {
            set(\.retention.content, to: consent, "content_retention", .quantity) {
                text throws(BadValue) in
                try Quantity.duration(text, in: retention)
            }
            set(\.retention.signals, to: consent, "signal_retention", .quantity) {
                text throws(BadValue) in
                try Quantity.duration(text, in: retention)
            }
        }
        if let audit = file.section("audit", problems: &problems) {
            set(\.audit.fileBytes, to: audit, "file_size", .quantity) { text throws(BadValue) in
                try Quantity.size(text, in: 64 << 10...1 << 30)
            }
            set(\.audit.files, to: audit, "files", .number) { text throws(BadValue) in
                try Values.number(text, in: 1...10_000)
            }
        }
        if let log = file.section("log", problems: &problems) {
            set(\.logLevel, to: log, "level", .text) { text throws(BadValue) in
                try Values.choice(text, Configuration.LogLevel.self)
            }
        }
        if let shutdown = file.section("shutdown", problems: &problems) {
            set(\.shutdownGrace, to: shutdown, "grace", .quantity) { text throws(BadValue) in
                try Quantity.duration(text, in: .zero ... .seconds(600))
            }
        }
    }

    /// Where a secret is; nil where nothing is said, or where it is wrong and reported.
    ///
    /// No message
    /// repeats what stands there.
    mutating func readSecret(_ key: String, of section: Section) -> SecretSource? {
        if let node = section[key], node.scalar != nil {
            problems.add(
                "\(section.path(key)) names where the secret is, never the secret itself",
                at: node.place,
                hint:
                    "write { file: PATH } or { credential: NAME }; replace a key that stood here"
            )
            return nil
        }
        guard let secret = section.section(key, problems: &problems) else { return nil }
        let folder = folder
        let file = secret.value("file", .text, problems: &problems) { text throws(BadValue) in
            try Values.path(text, below: folder)
        }
        let credential = secret.value(
            "credential",
            .text,
            problems: &problems,
            read: Values.credentialName
        )
        switch (secret["file"] != nil, secret["credential"] != nil) {
        case (true, true):
            problems.add(
                "\(section.path(key)) has both a file and a credential",
                at: secret.start,
                hint: "keep one of them"
            )
            return nil
        case (false, false):
            if secret.hasUnknownKeys { return nil }
            problems.add(
                "\(section.path(key)) has neither a file nor a credential",
                at: secret.start,
                hint: "write { file: PATH } or { credential: NAME }"
            )
            return nil
        default:
            return file.map(SecretSource.file) ?? credential.map(SecretSource.credential)
        }
    }

    /// Sets a field from a key's value where it is given and right.
    mutating func set<Value>(
        _ field: WritableKeyPath<Configuration, Value>,
        to section: Section,
        _ key: String,
        _ type: ScalarType,
        read: (String) throws(BadValue) -> Value
    ) {
        if let value = section.value(key, type, problems: &problems, read: read) {
            configuration[keyPath: field] = value
        }
    }
}
