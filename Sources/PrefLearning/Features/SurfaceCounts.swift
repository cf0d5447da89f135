/// What ``SurfaceCounter`` counts.
struct SurfaceCounts: Sendable {
    var characters = 0
    var words = 0
    var sentences = 0
    var bullets = 0
    var numberedItems = 0
    var headings = 0
    var codeFences = 0
    var codeLines = 0
    var tableRows = 0
    var questions = 0
    var exclamations = 0
    var emoji = 0

    /// The features by name.
    var values: [String: Double] {
        [
            "characters": Double(characters),
            "words": Double(words),
            "sentences": Double(sentences),
            "mean_sentence_words": sentences == 0 ? 0 : Double(words) / Double(sentences),
            "bullets": Double(bullets),
            "numbered_items": Double(numberedItems),
            "headings": Double(headings),
            "code_fences": Double(codeFences),
            "code_lines": Double(codeLines),
            "table_rows": Double(tableRows),
            "questions": Double(questions),
            "exclamations": Double(exclamations),
            "emoji": Double(emoji),
        ]
    }
}
