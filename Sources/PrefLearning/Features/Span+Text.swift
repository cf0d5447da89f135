/// Stretches of UTF-8 that can be taken at once.
extension Span<UInt8> {
    /// Where the run of ASCII letters at a place ends; the place itself where there is none.
    func endOfLetters(from start: Int) -> Int {
        var end = start
        while end < count, (self[end] | 0x20) &- UInt8(ascii: "a") < 26 { end += 1 }
        return end
    }

    /// Where the next line feed stands, or the end.
    func endOfLine(from start: Int) -> Int {
        var end = start
        while end < count, self[end] != UInt8(ascii: "\n") { end += 1 }
        return end
    }

    /// Where the next ASCII scalar stands, or the end.
    func endOfNonASCII(from start: Int) -> Int {
        var end = start
        while end < count, self[end] >= 0x80 { end += 1 }
        return end
    }

    /// How many scalars begin in it.
    var countOfScalars: Int {
        var scalars = 0
        for place in indices where self[place] & 0xC0 != 0x80 { scalars += 1 }
        return scalars
    }
}
