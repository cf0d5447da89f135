/// How text is laid out: for a terminal of some width, or for a file.
struct Style {
    /// Columns to stay within, or nil where lines may be as long as they are.
    let width: Int?
    /// Whether bold and dim are understood and wanted.
    let colour: Bool

    /// For files and pipes.
    static let plain = Style(width: nil, colour: false)

    /// A heading.
    func bold(_ text: String) -> String { colour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    /// Something beside the point.
    func dim(_ text: String) -> String { colour ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}
