import PrefModel
import PrefTopics
import Testing

private func problems(_ files: (String, String)...) -> [String] {
    do {
        _ = try TopicSet(files: files.map { TopicSource(name: $0.0, text: $0.1) })
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

private let head = "topic: tea\ntier: safeguarded\nmeaning: Tea.\n"

@Suite("A file of topics")
struct TopicFileTests {
    @Test("loads, whether terms stand in a block or a list")
    func loads() throws {
        for words in ["strong: |\n      green tea, oolong\n", "strong: [green tea, oolong]\n"] {
            let text = head + "words:\n  en:\n    " + words
            let set = try TopicSet(files: [TopicSource(name: "t.yaml", text: text)])
            #expect(set.topics.map(\.name) == ["tea"])
            #expect(set.findings(in: "A pot of Green  Tea, please").map(\.topic) == ["tea"])
            #expect(set.findings(in: "Oolong!").map(\.tier) == [.safeguarded])
        }
    }

    private static let wrong: [(String, String)] = [
        (
            "topik: tea\n",
            "t.yaml:1: the key 'topik' of the file is not known; did you mean 'topic'?"
        ),
        ("topic: Tea\n", "t.yaml:1: a name is at most 32 lower-case letters"),
        (
            "topic: tea\ntier: safe\nmeaning: x\n",
            "t.yaml:2: 'safe' is no tier; there are personalizable, safeguarded, universal"
        ),
        ("topic: tea\ntier: universal\n", "t.yaml:1: topic tea has no meaning"),
        ("\(head)", "t.yaml: it has no words; add 'words:'"),
        (
            "\(head)words:\n  klingon language:\n    strong: x\n",
            "t.yaml:5: 'klingon language' is no language tag"
        ),
        (
            "\(head)words:\n  en:\n    stong: |\n      tea\n",
            "t.yaml:6: the key 'stong' of 'en' is not known; did you mean 'strong'?"
        ),
        (
            "\(head)words:\n  en:\n    strong: |\n      tea, green tea,\n      te*a\n",
            "t.yaml:8: 'te*a' is no term"
        ),
        (
            "\(head)words:\n  ar:\n    strong: |\n      شاي، قهوة\n",
            "commas as in English"
        ),
        (
            "\(head)words:\n  en:\n    together: |\n      tea, cup\n",
            "t.yaml:7: 'together' needs parts with + between"
        ),
        ("\(head)words: [tea\n", "this is not YAML"),
        (
            "everyday: x\nwords:\n  en:\n    strong: |\n      tea\n",
            "t.yaml:4: the key 'strong' of 'en' is not known"
        ),
    ]

    @Test("that is wrong is refused with its line, and what to do", arguments: wrong)
    func refused(text: String, message: String) {
        let found = problems(("t.yaml", text))
        #expect(found.contains { $0.contains(message) }, "\(found)")
    }

    @Test("of a topic that another file has already is refused, and names it")
    func twice() {
        let text = head + "words:\n  en:\n    strong: |\n      tea\n"
        #expect(
            problems(("a.yaml", text), ("b.yaml", text)) == [
                "b.yaml:1: topic tea is already at a.yaml:1; join them"
            ]
        )
    }

    @Test(
        "of learned weights is refused where it is none",
        arguments: ["", "prefd topic weights 1\ntopics a\n"]
    )
    func weights(text: String) {
        let found = problems(("learned.weights", text))
        #expect(found.count == 1 && found[0].contains("take the shipped file, or leave it out"))
    }

    @Test("is looked for in a directory, which must be there and have one")
    func directory() {
        #expect(throws: TopicError.self) { try TopicSet.load(directory: "/no/such/directory") }
        #expect(throws: TopicError.self) { try TopicSet.load(directory: "/proc/self/fdinfo") }
    }
}
