/// Rows under headings, aligned; the last column wraps where the terminal is too narrow.
struct TextTable {
    private static let gap = "  "
    /// The least that the last column is wrapped to.
    private static let narrowest = 20

    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: [String]) { self.headings = headings }

    /// Adds a row, with one cell a heading; cells are made safe to print.
    mutating func add(_ cells: [String]) {
        rows.append(cells.map(SafeText.line))
    }

    /// The table as text, without a line break at its end.
    func rendered(_ style: Style) -> String {
        let widths = headings.indices.map { column in
            ([headings] + rows).map { row in
                column < row.count ? DisplayWidth.of(row[column]) : 0
            }.max() ?? 0
        }
        var lines = render(headings, widths, style).map(style.bold)
        for row in rows { lines += render(row, widths, style) }
        return lines.joined(separator: "\n")
    }

    private func render(_ row: [String], _ widths: [Int], _ style: Style) -> [String] {
        guard let last = row.last else { return [] }
        var lead = ""
        for (column, cell) in row.dropLast().enumerated() {
            lead += cell + Self.spaces(widths[column] - DisplayWidth.of(cell)) + Self.gap
        }
        let leadWidth = DisplayWidth.of(lead)
        guard let width = style.width else { return [Self.trimmed(lead + last)] }
        let pieces = Wrapping.lines(of: last, width: max(Self.narrowest, width - leadWidth))
        return pieces.enumerated().map { index, piece in
            Self.trimmed((index == 0 ? lead : Self.spaces(leadWidth)) + piece)
        }
    }

    private static func spaces(_ count: Int) -> String {
        String(repeating: " ", count: max(0, count))
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
