public import PrefModel

/// Language-independent features of a text's surface, measured in one pass.
///
/// Version 1. Time is linear in the text, memory constant. The names, all counts unless said
/// otherwise; what stands inside a fenced code block counts only for `characters`, `code_fences` and
/// `code_lines`, since it is not prose:
///
/// - `characters`: Unicode scalars of the whole text, white space included.
/// - `words`: maximal runs of letters, marks and digits, joined inside by an apostrophe, hyphen,
///   full stop or comma between two of them (`don't`, `3.14`). In scripts written without spaces
///   each Han, Hiragana or Katakana scalar is a word; a run of Thai, Lao, Khmer or Burmese is one.
/// - `sentences`: stretches with at least one word that end in a sentence terminal (`.`, `!`, `?`,
///   `…`, `。`, `！`, `？`, `؟`, `।`, `።`) before white space or the text's end, after an ideographic
///   terminal at once, or at the end of a list item, heading, table row or paragraph.
/// - `mean_sentence_words`: words for each sentence; 0 where there is none.
/// - `bullets`: lines that begin with `-`, `*`, `+`, `•`, `◦`, `‣` or `–` and a space.
/// - `numbered_items`: lines that begin with one to three digits, `.`, `)` or `、`, and a space
///   (after `、` none is needed).
/// - `headings`: lines that begin with one to six `#` and a space (CommonMark 0.31, section 4.2).
/// - `code_fences`: fenced code blocks, opened by three or more backticks or tildes (section 4.5).
/// - `code_lines`: lines inside them.
/// - `table_rows`: lines that begin and end with `|`, with content, delimiter rows left out (GitHub
///   Flavored Markdown, section 4.10).
/// - `questions`: `?`, `？`, `؟` and `;` (the Greek question mark), repeated ones counted once.
/// - `exclamations`: `!` and `！`, repeated ones counted once; not `!=` and not `![`.
/// - `emoji`: emoji as people see them: a sequence joined by ZERO WIDTH JOINER is one, a flag is
///   one, a skin tone belongs to the emoji before it (Unicode Technical Standard #51, section 1.4).
public enum SurfaceFeatures {
    /// The version of these definitions.
    public static let version = 1

    /// Measures a text.
    public static func measure(_ text: String) -> TextFeatures {
        var counter = SurfaceCounter()
        counter.feed(text.utf8Span.span)
        counter.finish()
        return TextFeatures(version: version, values: counter.counts.values)
    }
}
