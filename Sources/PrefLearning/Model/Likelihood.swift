/// How observations become sites: the likelihoods, each bounded by or expanded as a Gaussian around a
/// point that does not depend on other observations, which is what makes their sum commute.
public enum Likelihood {
    /// A choice: P(first over second) = σ(w·x), x the difference of the two.
    ///
    /// Jaakkola and Jordan's bound at ξ, the utility's size that the prior expects along x.
    /// Source: Jaakkola and Jordan, "Bayesian parameter estimation via variational methods", 2000.
    ///
    /// - Parameters:
    ///   - x: what the chosen answer has over the other.
    ///   - spread: √E[(w·x)²] under the population's prior.
    /// - Returns: the site.
    public static func choice(_ x: [Double], spread: Double) -> Site {
        Site(x: x, precision: curvature(at: spread), shift: 0.5)
    }

    /// A rating on 1…5 of an answer x, against the user's own baseline, which is the last entry of x:
    /// P(rating ≤ k) = σ(cutₖ − w·x).
    ///
    /// One Fisher-scoring step from 0: the shift is the score there, the precision the expected
    /// information. Source: McCullagh, "Regression Models for Ordinal Data", 1980.
    ///
    /// - Parameters:
    ///   - x: the answer, and 1 for the baseline.
    ///   - level: the rating, counted from 0.
    ///   - cuts: ascending cut points, one fewer than the levels.
    /// - Returns: the site.
    public static func rating(_ x: [Double], level: Int, cuts: [Double]) -> Site {
        func share(_ k: Int) -> (probability: Double, score: Double) {
            let upper = k < cuts.count ? Numeric.sigmoid(cuts[k]) : 1
            let lower = k > 0 ? Numeric.sigmoid(cuts[k - 1]) : 0
            return (upper - lower, upper + lower - 1)
        }
        let information = (0...cuts.count).reduce(0) { sum, k in
            let (probability, score) = share(k)
            return sum + probability * score * score
        }
        return Site(x: x, precision: information, shift: share(level).score)
    }

    /// The cut points of a five-level rating before anything is known of the user.
    ///
    /// They give each level an even share; the user's own baseline moves them.
    public static let ratingCuts = [0.2, 0.4, 0.6, 0.8].map { Numeric.logarithm($0 / (1 - $0)) }

    /// tanh(ξ/2) / 2ξ, the curvature of the bound; ¼ at 0.
    static func curvature(at spread: Double) -> Double {
        guard spread > 1e-4 else { return 0.25 }
        return (Numeric.sigmoid(spread) - 0.5) / spread
    }
}
