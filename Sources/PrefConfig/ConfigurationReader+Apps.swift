internal import Yams

extension ConfigurationReader {
    mutating func readApps(_ file: Section) {
        guard let nodes = file.list("apps", problems: &problems) else { return }
        configuration.apps = []
        var names: Set<String> = []
        var matches: [Configuration.App.Match: String] = [:]
        for node in nodes {
            guard let section = Section(node, name: "apps", problems: &problems) else {
                reportEmpty(node, in: "apps")
                continue
            }
            guard let app = readApp(section) else { continue }
            if !names.insert(app.name).inserted {
                problems.add(
                    "there are two apps named \(app.name)",
                    at: section.place(of: "name"),
                    hint: "each has a name of its own"
                )
            }
            if let earlier = matches.updateValue(app.name, forKey: app.match) {
                problems.add(
                    "app \(app.name) matches the same peers as \(earlier), which comes first",
                    at: section.place(of: "match"),
                    hint: "narrow one of them"
                )
            }
            configuration.apps.append(app)
        }
    }

    private mutating func readApp(_ section: Section) -> Configuration.App? {
        require(["name", "match"], in: section)
        let name = section.value("name", .text, problems: &problems, read: Values.name)
        let match = readMatch(section)
        var app = Configuration.App(name: name ?? "", match: match ?? Configuration.App.Match())
        if let flag = section.value("delegate", .flag, problems: &problems, read: Values.flag) {
            app.delegate = flag
        }
        if let sources = readUserSources(section) { app.userFrom = sources }
        if section["user_from"] != nil, !app.delegate {
            problems.add(
                "apps.user_from is only of use with delegate: true",
                at: section.place(of: "user_from"),
                hint: "add delegate: true, or leave it out"
            )
        }
        if let match, app.delegate, match.uid == nil {
            let how = match.executable != nil ? "runs that executable" : "passes for that unit"
            problems.add(
                "whoever \(how) can speak for the end users of \(app.name)",
                at: section.place(of: "match"),
                hint: "add the app's uid, which cannot be borrowed",
                severity: .warning
            )
        }
        guard name != nil, match != nil else { return nil }
        return app
    }

    private mutating func readMatch(_ section: Section) -> Configuration.App.Match? {
        guard let given = section.section("match", problems: &problems) else { return nil }
        var match = Configuration.App.Match()
        match.uid = given.value("uid", .number, problems: &problems, read: Values.uid)
        match.executable = given.value("exe", .text, problems: &problems, read: Values.absolutePath)
        match.unit = given.value("unit", .text, problems: &problems, read: Values.unit)
        if given["uid"] == nil, given["exe"] == nil, given["unit"] == nil {
            if !given.hasUnknownKeys {
                problems.add(
                    "apps.match has no condition",
                    at: given.start,
                    hint: "give uid, exe or unit; several must all hold"
                )
            }
            return nil
        }
        let wrong =
            (given["uid"] != nil && match.uid == nil)
            || (given["exe"] != nil && match.executable == nil)
            || (given["unit"] != nil && match.unit == nil)
        return wrong ? nil : match
    }

    /// One source or a list of them.
    private mutating func readUserSources(_ section: Section) -> [Configuration.App.UserSource]? {
        guard let node = section["user_from"] else { return nil }
        let nodes =
            node.scalar == nil ? section.list("user_from", problems: &problems) : [node]
        guard let nodes else { return nil }
        return readList(nodes, called: section.path("user_from"), at: node.place) {
            text throws(BadValue) in
            try Values.choice(text, Configuration.App.UserSource.self)
        }
    }
}
