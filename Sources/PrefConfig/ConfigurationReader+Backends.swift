private import PrefModel
internal import Yams

extension ConfigurationReader {
    mutating func readBackends(_ file: Section) {
        guard let nodes = file.list("backends", problems: &problems) else { return }
        configuration.backends = []
        var names: Set<String> = []
        var sections: [Section] = []
        for node in nodes {
            guard let section = Section(node, name: "backends", problems: &problems) else {
                reportEmpty(node, in: "backends")
                continue
            }
            guard let backend = readBackend(section) else { continue }
            if !names.insert(backend.name).inserted {
                problems.add(
                    "there are two backends named \(backend.name)",
                    at: section.place(of: "name"),
                    hint: "each has a name of its own"
                )
            }
            configuration.backends.append(backend)
            sections.append(section)
        }
        for (index, section) in sections.enumerated() { checkRouting(at: index, in: section) }
    }

    private mutating func readBackend(_ section: Section) -> Configuration.Backend? {
        require(["name", "url"], in: section)
        let name = section.value("name", .text, problems: &problems, read: Values.name)
        let url = section.value("url", .text, problems: &problems) { text throws(BadValue) in
            try BackendURL(reading: text)
        }
        // Everything is read even where the backend cannot be made, so that each problem is found.
        var backend = Configuration.Backend(name: name ?? "", url: url ?? .unix(path: "/"))
        backend.via = readProxy(section, of: url)
        let folder = folder
        backend.certificateAuthority = section.value("ca", .text, problems: &problems) {
            text throws(BadValue) in try Values.path(text, below: folder)
        }
        if let url, section["ca"] != nil, case .https = url {
        } else if url != nil, section["ca"] != nil {
            problems.add(
                "backends.ca is only of use with an https:// url",
                at: section.place(of: "ca"),
                hint: "leave it out, or use https://"
            )
        }
        if let dialects = readList(
            "dialects",
            of: section,
            { text throws(BadValue) in
                try Values.choice(text, Configuration.Backend.Dialect.self)
            }
        ) {
            backend.dialects = Set(dialects)
        }
        if let models = readList(
            "models",
            of: section,
            { text throws(BadValue) in
                if let problem = ModelGlob.problem(with: text) { throw problem }
                return text
            }
        ) {
            backend.models = models.map(ModelGlob.init)
        }
        backend.apiKey = readSecret("api_key", of: section)
        if let flag = section.value(
            "forward_authorization",
            .flag,
            problems: &problems,
            read: Values.flag
        ) {
            backend.forwardAuthorization = flag
        }
        if backend.forwardAuthorization, section["api_key"] != nil {
            problems.add(
                "a backend takes either its api_key or the client's own Authorization",
                at: section.place(of: "forward_authorization"),
                hint: "leave out api_key, or set forward_authorization: false"
            )
        }
        readTimeouts(section, into: &backend.timeouts)
        readLimits(section, into: &backend)
        return name == nil || url == nil ? nil : backend
    }

    /// The socket of the proxy that a backend is reached through.
    private mutating func readProxy(_ section: Section, of url: BackendURL?) -> String? {
        let path = section.value("via", .text, problems: &problems) { text throws(BadValue) in
            guard text.lowercased().hasPrefix("unix://") else {
                throw BadValue("is no Unix socket", hint: "write unix:///PATH.sock")
            }
            return try BackendURL.socketPath(text.dropFirst("unix://".count))
        }
        if section["via"] != nil, let url, url.hostAndPort == nil {
            problems.add(
                "backends.via is only of use with an http:// or https:// url",
                at: section.place(of: "via"),
                hint: "leave it out: the url is a socket already"
            )
        }
        if path != nil, let url, url.provesAnAddress {
            problems.add(
                "through a proxy a server proves its name and not its address",
                at: section.place(of: "url"),
                hint: "write the name that its certificate has"
            )
        }
        return path
    }

    private mutating func readTimeouts(
        _ section: Section,
        into timeouts: inout Configuration.Backend.Timeouts
    ) {
        guard let given = section.section("timeouts", problems: &problems) else { return }
        let range = Duration.milliseconds(1) ... .seconds(86_400)
        func read(_ key: String, _ problems: inout ProblemList) -> Duration? {
            given.value(key, .quantity, problems: &problems) { text throws(BadValue) in
                try Quantity.duration(text, in: range)
            }
        }
        if let connect = read("connect", &problems) { timeouts.connect = connect }
        if let firstByte = read("first_byte", &problems) { timeouts.firstByte = firstByte }
        if let idle = read("idle", &problems) { timeouts.idle = idle }
        if let queue = read("queue", &problems) { timeouts.queue = queue }
    }

    /// Looks at a backend among the others: warns of what will surprise.
    private mutating func checkRouting(at index: Int, in section: Section) {
        let backend = configuration.backends[index]
        checkFallback(of: backend, in: section)
        if backend.url.isPlainOverNetwork {
            problems.add(
                "prompts and keys go to backend \(backend.name) in clear over the network",
                at: section.place(of: "url"),
                hint: "use https:// unless the network is trusted",
                severity: .warning
            )
        }
        if configuration.backends.contains(where: { $0.fallback == backend.name }) { return }
        let earlier = configuration.backends[..<index].first {
            $0.models.contains(.any) && backend.dialects.isSubset(of: $0.dialects)
        }
        if let earlier {
            problems.add(
                "backend \(backend.name) never serves: \(earlier.name), before it, takes all",
                at: section.start,
                hint: "put it first, or narrow the models of \(earlier.name)",
                severity: .warning
            )
        }
    }

    /// Reports the keys that a section must have and has not.
    mutating func require(_ keys: [String], in section: Section) {
        for key in keys where section[key] == nil {
            problems.add("\(section.path(key)) is missing", at: section.start)
        }
    }

    /// A list's entry with nothing in it, which no section's reading reports.
    mutating func reportEmpty(_ node: Node, in list: String) {
        if Section.kind(of: node) == "nothing" {
            problems.add("an entry of \(list) is empty", at: node.place, hint: "remove it")
        }
    }

    /// A list of values; nil where it is not given, or where any entry is wrong and reported.
    mutating func readList<Value>(
        _ key: String,
        of section: Section,
        _ read: (String) throws(BadValue) -> Value
    ) -> [Value]? {
        guard let nodes = section.list(key, problems: &problems) else { return nil }
        return readList(nodes, called: section.path(key), at: section.place(of: key), read)
    }

    /// As ``readList(_:of:_:)``, of nodes.
    mutating func readList<Value>(
        _ nodes: [Node],
        called name: String,
        at mark: Place?,
        _ read: (String) throws(BadValue) -> Value
    ) -> [Value]? {
        guard !nodes.isEmpty else {
            problems.add("\(name) is empty", at: mark, hint: "leave it out to have its default")
            return nil
        }
        var values: [Value] = []
        var seen: Set<String> = []
        for node in nodes {
            guard
                let value = Section.value(
                    of: node,
                    called: name,
                    .text,
                    problems: &problems,
                    read: read
                )
            else { continue }
            if let text = node.scalar?.string, !seen.insert(text).inserted {
                problems.add("\(name) names \"\(Section.shown(text))\" twice", at: node.place)
            }
            values.append(value)
        }
        return values.count == nodes.count ? values : nil
    }
}
