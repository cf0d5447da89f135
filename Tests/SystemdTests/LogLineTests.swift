import TestSupport
import Testing

@testable import Systemd

@Suite("A log line")
struct LogLineTests {
    private func line(_ fields: [Journal.Field]) -> String {
        String(decoding: LogLine.bytes(fields), as: UTF8.self)
    }

    @Test("holds every field, quoted where it must be")
    func quoting() {
        let fields: [Journal.Field] = [
            ("MESSAGE", "served in 12 ms"), ("PREFD_EVENT", "request-served"), ("PREFD_APP", ""),
            ("PREFD_RULE", #"say "hi" \o/"#), ("PREFD_ACTION", "a=b"),
        ]
        #expect(
            line(fields)
                == #"MESSAGE="served in 12 ms" PREFD_EVENT=request-served PREFD_APP="" "#
                + #"PREFD_RULE="say \"hi\" \\o/" PREFD_ACTION="a=b""# + "\n"
        )
    }

    @Test("lets no character through that ends it or moves the cursor")
    func controls() {
        let value = "a\nb\r\tc\u{0}\u{1B}[31m\u{85}\u{2028}\u{202E}\u{200B}é"
        #expect(
            line([("MESSAGE", value)])
                == #"MESSAGE="a\nb\r\tc\u{0}\u{1b}[31m\u{85}\u{2028}\u{202e}\u{200b}é""# + "\n"
        )
    }

    @Test("leaves out fields that the journal would not take")
    func names() {
        let long = String(repeating: "A", count: 65)
        let fields: [Journal.Field] = [
            ("_PID", "1"), ("lower", "1"), ("1ST", "1"), ("A B", "1"), ("A=B", "1"), ("", "1"),
            (long, "1"),
            ("Ä", "1"), ("OK_2", "1"),
        ]
        #expect(line(fields) == "OK_2=1\n")
    }

    @Test("is one line of at most 4096 bytes, whatever the fields hold")
    func bounded() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<60 {
            var fields: [Journal.Field] = []
            for index in 0..<Int.random(in: 1...40, using: &generator) {
                let scalars = (0..<Int.random(in: 0...2_000, using: &generator)).compactMap { _ in
                    Unicode.Scalar(UInt32.random(in: 0...0x2_FFFF, using: &generator))
                }
                var value = String.UnicodeScalarView()
                value.append(contentsOf: scalars)
                fields.append(("F\(index)", String(value)))
            }
            let bytes = LogLine.bytes(fields)
            #expect(bytes.count <= LogLine.maxBytes)
            #expect(bytes.last == 0x0A && !bytes.dropLast().contains { $0 < 0x20 || $0 == 0x7F })
            #expect(String(validating: bytes, as: UTF8.self) != nil)
        }
    }

    @Test("marks what was cut off")
    func cut() {
        let long = String(repeating: "x", count: 2_000)
        #expect(line([("MESSAGE", long)]).hasSuffix("x…\"\n"))
        let many = (0..<10).map { (name: "F\($0)", value: long) }
        #expect(line(many).hasSuffix(" …\n"))
    }
}
