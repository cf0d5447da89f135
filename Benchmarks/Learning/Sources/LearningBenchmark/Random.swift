import Foundation
import TestSupport

extension SeededGenerator {
    /// Uniform on 0…1, 1 excluded.
    mutating func uniform() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    /// Standard normal, by Box and Muller's transform.
    mutating func normal() -> Double {
        let radius = (-2 * log(max(uniform(), 1e-300))).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }
}
