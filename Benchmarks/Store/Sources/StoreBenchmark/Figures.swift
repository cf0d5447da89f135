import Foundation

/// Durations of the same thing, many times.
struct Durations {
    private var microseconds: [Double] = []

    mutating func add(_ duration: Duration) { microseconds.append(duration.microseconds) }

    /// The value that a part of all is below.
    func quantile(_ part: Double) -> Double {
        let sorted = microseconds.sorted()
        guard !sorted.isEmpty else { return .nan }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }
}

extension Duration {
    var microseconds: Double { seconds * 1e6 }
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// Columns of the table.
enum Table {
    private static let widths = [9, 8, 11, 12, 8, 9, 9, 9, 9, 7, 9, 9]
    static let heading = [
        "users", "fill/s", "writes/s 1", "writes/s 64", "open ms", "cold p50", "cold p99",
        "warm p50", "warm p99", "B/user", "RSS open", "RSS used",
    ]

    static func line(_ cells: [String]) -> String {
        zip(cells, widths)
            .map { cell, width in String(repeating: " ", count: max(0, width - cell.count)) + cell }
            .joined(separator: "  ")
    }

    static func number(_ value: Double, digits: Int = 0) -> String {
        String(format: "%.\(digits)f", value)
    }
}

/// This process's memory that is in use, in MiB.
func residentMiB() -> Double {
    let status = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = status.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
    return pages * 4_096 / Double(1 << 20)
}
