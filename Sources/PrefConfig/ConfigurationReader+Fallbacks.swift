// What of a backend says when it gets requests, and who stands in for it.

extension ConfigurationReader {
    mutating func readLimits(_ section: Section, into backend: inout Configuration.Backend) {
        backend.fallback = section.value("fallback", .text, problems: &problems, read: Values.name)
        backend.maxConcurrent = section.value("max_concurrent", .number, problems: &problems) {
            text throws(BadValue) in try Values.number(text, in: 1...100_000)
        }
        let queued = section.value("max_queued", .number, problems: &problems) {
            text throws(BadValue) in try Values.number(text, in: 0...100_000)
        }
        if let queued { backend.maxQueued = queued }
        if section["max_queued"] != nil, section["max_concurrent"] == nil {
            problems.add(
                "backends.max_queued is only of use with max_concurrent",
                at: section.place(of: "max_queued"),
                hint: "say how many requests the backend takes at once, or leave both out"
            )
        }
        guard let given = section.section("circuit_breaker", problems: &problems) else { return }
        let failures = given.value("failures", .number, problems: &problems) {
            text throws(BadValue) in try Values.number(text, in: 0...1_000)
        }
        if let failures { backend.circuitBreaker.failures = failures }
        let pause = given.value("pause", .quantity, problems: &problems) { text throws(BadValue) in
            try Quantity.duration(text, in: .seconds(1) ... .seconds(3_600))
        }
        if let pause { backend.circuitBreaker.pause = pause }
    }

    /// A fallback is another backend that speaks the same, and nobody stands in for itself.
    mutating func checkFallback(of backend: Configuration.Backend, in section: Section) {
        guard let name = backend.fallback else { return }
        let place = section.place(of: "fallback")
        guard let next = configuration.backends.first(where: { $0.name == name }) else {
            let names = configuration.backends.map(\.name).filter { $0 != backend.name }
            let near = Schema.nearest(to: name, among: names)
            problems.add(
                "the fallback of \(backend.name) is no backend: \"\(Section.shown(name))\"",
                at: place,
                hint: near.map { "did you mean \($0)?" } ?? "it is another backend's name"
            )
            return
        }
        if next.dialects.isDisjoint(with: backend.dialects) {
            problems.add(
                "the fallback of \(backend.name) speaks none of its dialects",
                at: place,
                hint: "a request is not translated: name a backend of the same dialect"
            )
        }
        var seen: Set<String> = [backend.name]
        var current: Configuration.Backend? = next
        while let one = current {
            guard seen.insert(one.name).inserted else {
                problems.add("the fallbacks of \(backend.name) come round in a circle", at: place)
                return
            }
            current = configuration.backends.first { $0.name == one.fallback }
        }
    }
}
