import Testing

@testable import PrefModel

@Suite("The edit distance")
struct EditDistanceTests {
    @Test(
        "counts insertions, deletions and substitutions",
        arguments: [
            ("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("flaw", "lawn", 2),
            ("tone", "tone", 0), ("é", "e", 1), ("ab", "ba", 2),
        ]
    )
    func known(left: String, right: String, expected: Int) {
        #expect(EditDistance.between(left, right) == expected)
        #expect(EditDistance.between(right, left) == expected)
    }
}
