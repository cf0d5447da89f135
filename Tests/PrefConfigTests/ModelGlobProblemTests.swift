import PrefModel
import Testing

@testable import PrefConfig

@Suite("A model glob in a configuration")
struct ModelGlobProblemTests {
    @Test(
        "that cannot match any model is refused",
        arguments: ["", "a b", "a\tb", "[ab]", "{a,b}", "!a"]
    )
    func refused(pattern: String) {
        #expect(ModelGlob.problem(with: pattern) != nil)
    }
}
