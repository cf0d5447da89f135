import TestSupport
import Testing

@testable import PrefConfig

@Suite("Durations and sizes")
struct QuantityTests {
    private static let anyDuration = Duration.zero ... .seconds(1 << 40)
    private static let anySize = 0...Int.max

    @Test(
        "are whole numbers with a unit",
        arguments: [
            ("500ms", Duration.milliseconds(500)), ("5s", .seconds(5)), ("120s", .seconds(120)),
            ("2m", .seconds(120)), ("1h", .seconds(3_600)), ("30d", .seconds(30 * 86_400)),
            ("365d", .seconds(365 * 86_400)), ("0s", .zero), ("5 s", .seconds(5)),
        ]
    )
    func durations(text: String, expected: Duration) throws {
        #expect(try Quantity.duration(text, in: Self.anyDuration) == expected)
    }

    @Test(
        "know binary and decimal sizes",
        arguments: [
            ("32MiB", 33_554_432), ("64KiB", 65_536), ("10MB", 10_000_000), ("1GiB", 1 << 30),
            ("512B", 512), ("1kB", 1_000), ("1KB", 1_000), ("2GB", 2_000_000_000),
        ]
    )
    func sizes(text: String, expected: Int) throws {
        #expect(try Quantity.size(text, in: Self.anySize) == expected)
    }

    @Test(
        "without a whole number and a known unit are refused",
        arguments: [
            "", "s", "5", "5.5s", "-5s", "+5s", "0x5s", "5 sec", "5S", "1h30m", "five s", "٥s",
            "99999999999999999999s", "9223372036854775807d", "32mib", "32Mb", "32 M",
        ]
    )
    func refused(text: String) {
        #expect(throws: BadValue.self) { try Quantity.duration(text, in: Self.anyDuration) }
        #expect(throws: BadValue.self) { try Quantity.size(text, in: Self.anySize) }
    }

    @Test("out of range are refused, and the range is named as the file spells it")
    func range() {
        #expect(throws: BadValue("must be between 1ms and 1d")) {
            try Quantity.duration("2d", in: .milliseconds(1) ... .seconds(86_400))
        }
        #expect(throws: BadValue("must be between 1KiB and 1GiB")) {
            try Quantity.size("2GiB", in: 1_024...1 << 30)
        }
    }

    @Test("spelled out read back as themselves")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let duration = Duration.milliseconds(Int64.random(in: 0...1 << 40, using: &generator))
            #expect(
                try Quantity.duration(Quantity.spelling(duration), in: Self.anyDuration) == duration
            )
            let size = Int.random(in: 0...1 << 40, using: &generator)
            #expect(try Quantity.size(Quantity.spelling(size), in: Self.anySize) == size)
        }
    }
}
