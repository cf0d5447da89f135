import TestSupport
import Testing

@testable import PrefModel

@Suite("A model glob")
struct ModelGlobTests {
    @Test(
        "matches the whole name",
        arguments: [
            ("*", "anything", true), ("*", "", true), ("gpt-*", "gpt-4o", true),
            ("gpt-*", "gpt-", true),
            ("gpt-*", "my-gpt-4o", false), ("*-mini", "gpt-4o-mini", true),
            ("*-mini", "gpt-4o-mini-2", false),
            ("gpt-?", "gpt-4", true), ("gpt-?", "gpt-4o", false), ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXcYb", false), ("llama3", "llama3", true), ("llama3", "Llama3", false),
            ("**", "x", true), ("org/*:7b", "org/model:7b", true), ("?", "é", true),
            ("a.c", "abc", false),
        ]
    )
    func matches(pattern: String, name: String, expected: Bool) {
        let glob = ModelGlob(pattern)
        #expect(glob.matches(name) == expected)
    }

    @Test("agrees with its definition on random patterns and names")
    func agreesWithDefinition() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<5_000 {
            let length = Int.random(in: 1...7, using: &generator)
            let pattern = String(
                (0..<length).map { _ in "ab*?".randomElement(using: &generator) ?? "a" }
            )
            let name = String(
                (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                    "ab".randomElement(using: &generator) ?? "a"
                }
            )
            let glob = ModelGlob(pattern)
            #expect(
                glob.matches(name) == Self.defined(Array(pattern)[...], Array(name)[...]),
                "\(pattern) against \(name)"
            )
        }
    }

    /// The definition, without any cleverness.
    private static func defined(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>)
        -> Bool
    {
        guard let first = pattern.first else { return name.isEmpty }
        if first == "*" {
            if defined(pattern.dropFirst(), name) { return true }
            return !name.isEmpty && defined(pattern, name.dropFirst())
        }
        guard let letter = name.first, first == "?" || first == letter else { return false }
        return defined(pattern.dropFirst(), name.dropFirst())
    }

    @Test("takes no exponential time on a hostile pattern")
    func hostile() {
        let glob = ModelGlob(String(repeating: "a*", count: 100) + "b")
        // A matcher that backtracks would not come back in a lifetime.
        #expect(!glob.matches(String(repeating: "a", count: 10_000)))
    }
}
