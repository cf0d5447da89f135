/// What a head says of its own connection and framing, noted while it is read.
///
/// These fields decide where a message ends: they are read once, and strictly.
struct FramingFields: Equatable {
    /// How many `Host` fields there are.
    private(set) var hosts = 0
    /// How many `Content-Length` fields there are.
    private(set) var lengths = 0
    /// The body's declared length in bytes; nil without one, or where it is not a number.
    private(set) var length: Int?
    /// How many `Transfer-Encoding` fields there are.
    private(set) var codings = 0
    /// Whether the one transfer coding is `chunked`, and whether it is at least the last of several,
    /// and only once among them.
    private(set) var isChunked = false
    private(set) var endsWithChunked = false
    private var chunkedCodings = 0
    /// Whether `Connection` names `close`, `keep-alive`, `upgrade`.
    private(set) var closes = false
    private(set) var keepsAlive = false
    private(set) var namesUpgrade = false
    /// Whether there is an `Upgrade` field, and whether one asks for a WebSocket.
    private(set) var upgrades = false
    private(set) var wantsWebSocket = false
    /// Whether there is an `Expect` field, and whether it is one that can be met.
    private(set) var expects = false
    private(set) var expectsContinue = false

    /// Takes note of a field.
    mutating func note(_ line: FieldLine, in bytes: Span<UInt8>) {
        let name = bytes.extracting(line.name)
        let value = bytes.extracting(line.value)
        switch name.count {
        case 4 where name.spells("host"):
            hosts += 1
        case 6 where name.spells("expect"):
            expectsContinue = !expects && value.spells("100-continue")
            expects = true
        case 7 where name.spells("upgrade"):
            upgrades = true
            value.eachListItem { if $0.spells("websocket") { wantsWebSocket = true } }
        case 10 where name.spells("connection"):
            value.eachListItem { option in
                if option.spells("close") { closes = true }
                if option.spells("keep-alive") { keepsAlive = true }
                if option.spells("upgrade") { namesUpgrade = true }
            }
        case 14 where name.spells("content-length"):
            lengths += 1
            length = value.number
        case 17 where name.spells("transfer-encoding"):
            codings += 1
            isChunked = codings == 1 && value.spells("chunked")
            value.eachListItem { coding in
                let isChunked = coding.spells("chunked")
                if isChunked { chunkedCodings += 1 }
                endsWithChunked = isChunked && chunkedCodings == 1
            }
        default: break
        }
    }
}

extension Span<UInt8> {
    /// Compares with a lower-case ASCII name, without regard to case.
    func spells(_ name: StaticString) -> Bool {
        // A static string's bytes live as long as the program.
        let expected = unsafe UnsafeBufferPointer(
            start: name.utf8Start,
            count: name.utf8CodeUnitCount
        )
        guard count == name.utf8CodeUnitCount else { return false }
        for index in indices {
            let byte = self[index]
            let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            if unsafe lower != expected[index] { return false }
        }
        return true
    }

    /// Gives the items of a comma-separated list, without the white space around them.
    fileprivate func eachListItem(_ body: (Span<UInt8>) -> Void) {
        var start = 0
        while start <= count {
            var end = start
            while end < count, self[end] != UInt8(ascii: ",") { end += 1 }
            var (first, last) = (start, end)
            while first < last, self[first].isBlank { first += 1 }
            while last > first, self[last - 1].isBlank { last -= 1 }
            if first < last { body(extracting(first..<last)) }
            start = end + 1
        }
    }

    /// The number that these digits spell; nil where there is anything else, or too much.
    fileprivate var number: Int? {
        guard !isEmpty else { return nil }
        var number = 0
        for index in indices {
            guard self[index].isDigit else { return nil }
            let (tens, overflows) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = tens.addingReportingOverflow(Int(self[index] & 0x0F))
            guard !overflows, !overflowsToo else { return nil }
            number = sum
        }
        return number
    }
}
