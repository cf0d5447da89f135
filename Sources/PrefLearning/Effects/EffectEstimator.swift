/// Estimates what directives cause, doubly robust: with the logged propensities and a model of the
/// outcome, unbiased where either is right.
///
/// Each record's score is the augmented inverse-propensity contrast
/// m₁(c) − m₀(c) + k (y − m₁(c)) / e − (1 − k) (y − m₀(c)) / (1 − e); the outcome models m are ridge
/// regressions fitted on the other half of the records. Source: Robins, Rotnitzky and Zhao,
/// "Estimation of Regression Coefficients When Some Regressors Are Not Always Observed", 1994;
/// cross-fitting after Chernozhukov et al., "Double/Debiased Machine Learning", 2018.
public struct EffectEstimator: Sendable {
    /// Fewest records of each arm, under which nothing is said.
    public var leastOfEach = 5
    /// Propensities are used as no nearer to 0 or 1 than this: nearer than any that is drawn with, which
    /// are so used exactly.
    public var trim = 0.005

    /// The defaults.
    public init() {}

    /// The effect for one user, with a 95% interval; nil where an arm has too few records.
    ///
    /// Records are independent coins; Student's t covers small numbers.
    public func effect(_ records: [Withholding]) -> Effect? {
        interval(parts(of: records).map(\.score), records)
    }

    /// One person's effect on the scale −1…1, for an average over people; nil where they have had no
    /// answer with the directive, or none without it.
    ///
    /// Doubly robust as ``effect(_:)`` is, but with the propensities' weights brought to a sum of one (Hájek),
    /// which keeps what a few answers say on the scale; the rest is cut off.
    public func share(of records: [Withholding]) -> Double? {
        let parts = parts(of: records)
        let (kept, withheld) = (parts.filter(\.isKept), parts.filter { !$0.isKept })
        guard !kept.isEmpty, !withheld.isEmpty else { return nil }
        func residual(_ arm: [Part]) -> Double {
            arm.reduce(0) { $0 + $1.weight * $1.residual } / arm.reduce(0) { $0 + $1.weight }
        }
        let modelled = parts.reduce(0) { $0 + $1.contrast } / Double(parts.count)
        return min(1, max(-1, modelled + residual(kept) - residual(withheld)))
    }

    private func interval(_ scores: [Double], _ records: [Withholding]) -> Effect? {
        let kept = records.count { $0.isKept }
        let withheld = records.count - kept
        guard kept >= leastOfEach, withheld >= leastOfEach else { return nil }
        let estimate = scores.reduce(0, +) / Double(scores.count)
        let count = Double(scores.count)
        let square = scores.reduce(0) { $0 + ($1 - estimate) * ($1 - estimate) }
        let error = (square / (count - 1) / count).squareRoot()
        let half = Self.studentQuantile(degrees: count - 1) * error
        return Effect(
            estimate: estimate,
            low: estimate - half,
            high: estimate + half,
            kept: kept,
            withheld: withheld
        )
    }

    /// What one record adds to an estimate.
    private struct Part {
        let isKept: Bool
        /// What the models expect the directive to do here.
        let contrast: Double
        /// By how much the outcome differs from what the model of its arm expects.
        let residual: Double
        /// How many records it stands for: one over the probability of its arm.
        let weight: Double

        var score: Double { contrast + (isKept ? 1 : -1) * weight * residual }
    }

    private func parts(of records: [Withholding]) -> [Part] {
        let models = [0, 1].map { fold in
            let others = records.indices.filter { $0 % 2 != fold }.map { records[$0] }
            return (
                kept: OutcomeModel(others.filter(\.isKept)),
                withheld: OutcomeModel(others.filter { !$0.isKept })
            )
        }
        return records.enumerated().map { index, record in
            let model = models[index % 2]
            let kept = model.kept.predict(record.covariates)
            let withheld = model.withheld.predict(record.covariates)
            let propensity = min(1 - trim, max(trim, record.propensity))
            return Part(
                isKept: record.isKept,
                contrast: kept - withheld,
                residual: record.outcome - (record.isKept ? kept : withheld),
                weight: 1 / (record.isKept ? propensity : 1 - propensity)
            )
        }
    }

    /// The 97.5% quantile of Student's t, by Cornish and Fisher's expansion: within 1% from four
    /// degrees of freedom on.
    static func studentQuantile(degrees: Double) -> Double {
        let z = 1.959_964
        let cube = z * z * z
        let fifth = cube * z * z
        let first = (cube + z) / 4
        let second = (5 * fifth + 16 * cube + 3 * z) / 96
        let third = (3 * fifth * z * z + 19 * fifth + 17 * cube - 15 * z) / 384
        return z + first / degrees + second / (degrees * degrees)
            + third / (degrees * degrees * degrees)
    }
}

/// A ridge regression of the outcome on the covariates; the mean, where there is nothing to go by.
struct OutcomeModel {
    private let intercept: Double
    private let weights: [Double]

    init(_ records: [Withholding]) {
        let axes = (records.map(\.covariates.count).min() ?? 0)
        // Two records at the middle keep small arms from extremes.
        let mean =
            (records.reduce(0) { $0 + $1.outcome } + 1) / (Double(records.count) + 2)
        intercept = mean
        guard axes > 0, records.count > axes else {
            weights = []
            return
        }
        var precision = SymmetricMatrix(size: axes, diagonal: 5)
        var right = [Double](repeating: 0, count: axes)
        for record in records {
            let x = Array(record.covariates.prefix(axes))
            precision.add(outer: x, scale: 1)
            for i in 0..<axes { right[i] += x[i] * (record.outcome - mean) }
        }
        weights = precision.cholesky()?.solve(right) ?? []
    }

    func predict(_ covariates: [Double]) -> Double { intercept + dot(weights, covariates) }
}
