import Foundation
import TestSupport

/// A mean over users, with the interval in which 95% of bootstrap samples of users fall.
struct Interval {
    let mean: Double
    let low: Double
    let high: Double

    init(_ values: [Double], seed: UInt64 = 7) {
        let count = values.count
        mean = values.isEmpty ? .nan : values.reduce(0, +) / Double(count)
        guard count > 1 else {
            low = .nan
            high = .nan
            return
        }
        var random = SeededGenerator(seed: seed)
        let means = (0..<2000).map { _ in
            (0..<count).reduce(0) { sum, _ in
                sum + values[Int.random(in: 0..<count, using: &random)]
            }
                / Double(count)
        }.sorted()
        low = means[49]
        high = means[1949]
    }

    var percent: String {
        String(format: "%.1f [%.1f, %.1f]", 100 * mean, 100 * low, 100 * high)
    }

    var points: String {
        String(format: "%+.1f [%+.1f, %+.1f]", 100 * mean, 100 * low, 100 * high)
    }
}

func mean(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
}

func inner(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }

func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// A line of a table: the first cell padded to the left edge, the others to the right.
func row(_ cells: [String], widths: [Int]) -> String {
    zip(cells, widths).enumerated().map { index, one in
        let pad = String(repeating: " ", count: max(0, one.1 - one.0.count))
        return index == 0 ? one.0 + pad : pad + one.0
    }.joined(separator: "  ")
}
