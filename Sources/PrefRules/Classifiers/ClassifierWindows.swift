/// Cuts a text into the windows that models judge.
///
/// A window of sentences ends with the first sentence or line that ends behind its shortest length;
/// any window ends at its longest, and with the text. That depends on the text alone, never on how
/// it comes. Each is shown with what stands before it, since a sentence alone may tell nothing.
struct ClassifierWindows: Sendable {
    /// A window that has ended.
    struct Closed {
        /// The bytes of the channel's text.
        let range: Range<Int>
        /// What is to be judged: those bytes, behind what stands before them.
        let text: [UInt8]
    }

    /// How many bytes a window of sentences has at least, but for the last.
    static let shortest = 256
    /// How many it has at most, and three for the rest of a character.
    static let longestSentences = 2048
    /// The same for a window of a whole answer.
    static let longestAnswer = 1 << 16
    /// How many bytes in front of a window are shown with it at most.
    static let context = 1024

    /// What its windows are.
    let span: ClassifierDetector.Window
    private var start = 0
    // What stands before the window, and the window.
    private var text: [UInt8] = []
    private var contextCount = 0
    private var isBlank = true

    init(_ span: ClassifierDetector.Window) { self.span = span }

    /// Where the open window begins, if it has anything in it.
    var openStart: Int? { count > 0 ? start : nil }

    private var count: Int { text.count - contextCount }
    private var longest: Int {
        span == .sentences ? Self.longestSentences : Self.longestAnswer
    }

    /// Takes the next bytes and gives the windows that end in them.
    mutating func feed(_ bytes: Span<UInt8>) -> [Closed] {
        var closed: [Closed] = []
        for index in bytes.indices {
            let byte = bytes[index]
            let beginsCharacter = byte & 0xc0 != 0x80
            if count >= longest, beginsCharacter || count > longest + 2 {
                if let window = close() { closed.append(window) }
            }
            text.append(byte)
            if byte > 0x20 { isBlank = false }
            if span == .sentences, count >= Self.shortest, endsSentence {
                if let window = close() { closed.append(window) }
            }
        }
        return closed
    }

    /// Ends the open window; nil where there is nothing in it to judge.
    mutating func close() -> Closed? {
        let end = start + count
        let window = isBlank ? nil : Closed(range: start..<end, text: text)
        start = end
        isBlank = true
        var first = max(0, text.count - Self.context)
        while first < text.count, text[first] & 0xc0 == 0x80 { first += 1 }
        text.removeFirst(first)
        contextCount = text.count
        return window
    }

    /// Whether a sentence or a line ends with the last byte.
    private var endsSentence: Bool {
        let last = text[text.count - 1]
        if last == 0x0a { return true }
        let before = text[text.count - 2]
        if last == 0x20 { return before == 0x2e || before == 0x21 || before == 0x3f }
        guard last >= 0x80 else { return false }
        if before == 0xd8, last == 0x9f { return true }
        return Self.wideStops.contains([text[text.count - 3], before, last])
    }

    /// The full stops, exclamation and question marks of Chinese and Japanese, and the danda, in
    /// UTF-8. (The Arabic question mark has two bytes.)
    private static let wideStops: Set<[UInt8]> = [
        [0xe3, 0x80, 0x82], [0xef, 0xbc, 0x81], [0xef, 0xbc, 0x9f], [0xef, 0xbd, 0xa1],
        [0xe0, 0xa5, 0xa4],
    ]
}
