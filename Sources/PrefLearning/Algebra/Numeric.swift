internal import Glibc

/// The scalar functions that the learner is made of.
enum Numeric {
    /// Natural logarithm of 1 + x.
    static func log1p(_ x: Double) -> Double { logarithm(1 + x) }

    /// Natural logarithm.
    static func logarithm(_ x: Double) -> Double { log(x) }

    /// e to the x.
    static func exponential(_ x: Double) -> Double { exp(x) }

    /// The logistic function.
    static func sigmoid(_ x: Double) -> Double {
        x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
    }

    /// Entropy of a coin, in nats.
    static func entropy(_ p: Double) -> Double {
        guard p > 0, p < 1 else { return 0 }
        return -p * log(p) - (1 - p) * log(1 - p)
    }

    /// The standard normal distribution function.
    static func normalCDF(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

    /// The mean of the logistic function under a Gaussian.
    ///
    /// Source: MacKay, "The Evidence Framework Applied to Classification Networks", 1992.
    static func expectedSigmoid(mean: Double, variance: Double) -> Double {
        sigmoid(mean / (1 + .pi * variance / 8).squareRoot())
    }

    /// Four decimals, for data files.
    static func rounded(_ x: Double) -> Double { (x * 10_000).rounded() / 10_000 }

    /// ln Σ exp, without overflow.
    static func logSumExp(_ values: [Double]) -> Double {
        guard let top = values.max(), top.isFinite else { return -.infinity }
        return top + log(values.reduce(0) { $0 + exp($1 - top) })
    }
}
