internal import PrefModel

extension ModelGlob {
    /// What is wrong with a pattern, or nil.
    static func problem(with pattern: String) -> BadValue? {
        if pattern.isEmpty {
            return BadValue("is empty, so it matches no model", hint: "\"*\" matches every model")
        }
        if pattern.unicodeScalars.count > 256 {
            return BadValue("is longer than 256 characters")
        }
        if pattern.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 0x20 })
        {
            return BadValue("holds white space, which no model name does")
        }
        if pattern.contains(where: { "[]{}!".contains($0) }) {
            return BadValue(
                "holds a character that only other glob languages use",
                hint: "only * and ? are special here; ? also stands for any such character"
            )
        }
        return nil
    }
}
