/// Durations and sizes as the configuration spells them: a whole number with its unit.
enum Quantity {
    private static let milliseconds: [String: Int64] = [
        "ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
    ]

    private static let bytes: [String: Int] = [
        "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
        "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000,
    ]

    /// Reads `500ms`, `5s`, `2m`, `1h`, `30d`.
    static func duration(_ text: String, in range: ClosedRange<Duration>) throws(BadValue)
        -> Duration
    {
        let units = "its unit is one of ms, s, m, h, d, as in 5s"
        let (number, unit) = try split(text, example: "5s", units: units)
        guard let factor = milliseconds[unit] else {
            throw BadValue(
                "is not a duration: \"\(text)\" has no unit that is known here",
                hint: units
            )
        }
        let (product, overflows) = number.multipliedReportingOverflow(by: factor)
        guard !overflows, range.contains(.milliseconds(product)) else {
            throw BadValue(
                "must be between \(spelling(range.lowerBound)) and \(spelling(range.upperBound))"
            )
        }
        return .milliseconds(product)
    }

    /// Reads `64KiB`, `32MiB`, `10MB`.
    static func size(_ text: String, in range: ClosedRange<Int>) throws(BadValue) -> Int {
        let units = "its unit is one of B, KiB, MiB, GiB, kB, MB, GB, as in 32MiB"
        let (number, unit) = try split(text, example: "32MiB", units: units)
        guard let factor = bytes[unit] else {
            throw BadValue("is not a size: \"\(text)\" has no unit that is known here", hint: units)
        }
        let (product, overflows) = Int(number).multipliedReportingOverflow(by: factor)
        guard !overflows, range.contains(product) else {
            throw BadValue(
                "must be between \(spelling(range.lowerBound)) and \(spelling(range.upperBound))"
            )
        }
        return product
    }

    private static func split(
        _ text: String,
        example: String,
        units: String
    ) throws(BadValue) -> (number: Int64, unit: String) {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        let unit = text.utf8.dropFirst(digits.count).drop { $0 == 0x20 }
        guard !digits.isEmpty, let number = Int64(String(digits) ?? "") else {
            throw BadValue("must be a whole number with its unit, as in \(example)", hint: units)
        }
        guard !unit.isEmpty else {
            throw BadValue("is the number \(number) without a unit", hint: units)
        }
        return (number, String(unit) ?? "")
    }

    /// The shortest exact spelling of a duration that this configuration reads.
    static func spelling(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let total = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        let order = ["d", "h", "m", "s"]
        for unit in order {
            if let factor = milliseconds[unit], total >= factor, total % factor == 0 {
                return "\(total / factor)\(unit)"
            }
        }
        return "\(total)ms"
    }

    /// The shortest exact spelling of a size that this configuration reads.
    static func spelling(_ size: Int) -> String {
        for unit in ["GiB", "MiB", "KiB"] {
            if let factor = bytes[unit], size >= factor, size % factor == 0 {
                return "\(size / factor)\(unit)"
            }
        }
        return "\(size)B"
    }
}
