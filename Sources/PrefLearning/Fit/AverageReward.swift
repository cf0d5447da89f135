/// One reward for everyone: a logistic regression on the differences of all choices, with a ridge.
///
/// What personal models are measured against, and what an averaged setting is.
public struct AverageReward: Sendable {
    /// Weight by axis.
    public let weights: [Double]

    /// Fits by Newton's method.
    ///
    /// - Parameters:
    ///   - choices: what each chosen answer has over the rejected one.
    ///   - ridge: the precision of a Gaussian around 0 on each weight.
    public init(_ choices: [[Double]], ridge: Double) {
        let axes = choices.first?.count ?? 0
        var weights = [Double](repeating: 0, count: axes)
        for _ in 0..<12 {
            var precision = SymmetricMatrix(size: axes, diagonal: ridge)
            var gradient = weights.map { -ridge * $0 }
            for x in choices {
                let p = Numeric.sigmoid(dot(weights, x))
                precision.add(outer: x, scale: p * (1 - p))
                for i in 0..<axes { gradient[i] += (1 - p) * x[i] }
            }
            guard let step = precision.cholesky()?.solve(gradient) else { break }
            for i in 0..<axes { weights[i] += step[i] }
            if step.allSatisfy({ abs($0) < 1e-9 }) { break }
        }
        self.weights = weights
    }

    /// P(an answer is preferred), x being what it has over the other.
    public func probability(_ x: [Double]) -> Double { Numeric.sigmoid(dot(weights, x)) }
}
