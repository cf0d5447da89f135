import Testing

@testable import prefctl

@Suite("Tables and text on a terminal")
struct TableTests {
    @Test("columns are aligned, and nothing trails")
    func aligned() {
        var table = TextTable(["NAME", "VALUE"])
        table.add(["a", "x"])
        table.add(["longer", ""])
        #expect(table.rendered(.plain) == "NAME    VALUE\na       x\nlonger")
    }

    @Test("a wide script takes two columns a character")
    func wide() {
        var table = TextTable(["A", "B"])
        table.add(["今日", "x"])
        table.add(["abcd", "y"])
        table.add(["e\u{301}", "z"])
        #expect(table.rendered(.plain) == "A     B\n今日  x\nabcd  y\ne\u{301}     z")
    }

    @Test("the last column wraps within the terminal, under itself")
    func wraps() {
        var table = TextTable(["N", "TEXT"])
        table.add(["a", "one two three four five six"])
        let rendered = table.rendered(Style(width: 23, colour: false))
        #expect(rendered == "N  TEXT\na  one two three four\n   five six")
    }

    @Test("no line is wider than the terminal, whatever the text", arguments: [24, 40, 80])
    func bounded(width: Int) {
        var table = TextTable(["N", "TEXT"])
        table.add([
            "a", String(repeating: "x", count: 200) + " 今日は " + String(repeating: "語", count: 90),
        ])
        for line in table.rendered(Style(width: width, colour: false)).split(separator: "\n") {
            #expect(DisplayWidth.of(String(line)) <= width)
        }
    }

    @Test("colour is only there where it is wanted")
    func colour() {
        var table = TextTable(["A"])
        table.add(["x"])
        #expect(!table.rendered(.plain).contains("\u{1B}"))
        #expect(table.rendered(Style(width: 80, colour: true)).hasPrefix("\u{1B}[1mA\u{1B}[0m"))
    }

    @Test("what would act on a terminal is shown as a replacement character")
    func sanitized() {
        #expect(SafeText.line("a\u{1B}[31mb\u{9B}c\u{7}") == "a\u{FFFD}[31mb\u{FFFD}c\u{FFFD}")
        #expect(SafeText.line("up\ndown\ttab") == "up down tab")
        #expect(SafeText.lines("up\ndown") == "up\ndown")
        #expect(SafeText.line("a\u{202E}b\u{2066}c\u{2028}d") == "a\u{FFFD}b\u{FFFD}c\u{FFFD}d")
        #expect(SafeText.line("👩‍👧 नमस्ते") == "👩‍👧 नमस्ते")
    }

    @Test("JSON on a terminal escapes what would act on it, and stays the same JSON")
    func json() {
        #expect(
            JSONText.safe("{\n \"a\": \"\u{9B}x\u{202E}\"\n}")
                == "{\n \"a\": \"\\u009bx\\u202e\"\n}"
        )
    }

    @Test("words are kept whole where they fit, and broken where they cannot")
    func wrapping() {
        #expect(Wrapping.lines(of: "aa bb cc", width: 5) == ["aa bb", "cc"])
        #expect(Wrapping.lines(of: "abcdefgh ij", width: 4) == ["abcd", "efgh", "ij"])
        #expect(Wrapping.lines(of: "", width: 4) == [""])
    }
}
