/// How long something is kept, as people write it: `90d`, `12h`, `2w`, `1y`.
///
/// A month is not among the units: `m` would mean minutes to one reader and months to the next.
public enum Retention {
    /// The longest that can be asked for, in seconds: 100 years.
    public static let longestSeconds: Int64 = 100 * 365 * 86_400

    private static let units: [(suffix: Character, seconds: Int64)] = [
        ("y", 365 * 86_400), ("w", 7 * 86_400), ("d", 86_400), ("h", 3_600), ("s", 1),
    ]

    /// The units as they are spelled, for messages.
    public static let syntax = "a whole number with y, w, d, h or s, such as 90d"

    /// Seconds of a spelled duration, or nil where it is not one, is zero or is over 100 years.
    public static func seconds(_ text: String) -> Int64? {
        guard let suffix = text.last, let unit = units.first(where: { $0.suffix == suffix }) else {
            return nil
        }
        let digits = text.dropLast()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int64(digits), count > 0
        else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit.seconds)
        return overflow || seconds > longestSeconds ? nil : seconds
    }

    /// The shortest spelling of a number of seconds: in days from one day on, as consents are.
    public static func spelling(seconds: Int64) -> String {
        let unit = units.dropFirst(2).first { seconds % $0.seconds == 0 && seconds >= $0.seconds }
        guard let unit else { return "\(seconds)s" }
        return "\(seconds / unit.seconds)\(unit.suffix)"
    }
}
