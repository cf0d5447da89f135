/// What is believed of a user's weights: a mixture of Gaussians, one a latent type, over the weights
/// everywhere and their shifts by context.
public struct Belief: Sendable {
    struct Component: Sendable {
        let share: Double
        let mean: [Double]
        let covariance: SymmetricMatrix
    }

    let components: [Component]
    let axes: Int
    /// The levels that have a shift of their own, in order; the shift of level `i` begins at
    /// `axes * (i + 1)`.
    let levels: [ContextLevel]
    /// The log marginal likelihood of the evidence, up to what does not depend on the prior.
    let logEvidence: Double

    /// The probability of each latent type.
    public var typeShares: [Double] { components.map(\.share) }

    /// The contexts in which the user is known to differ from themselves, as far as seen.
    public var contexts: [ContextLevel] { levels }

    /// Reads one body of evidence under a prior, with no contexts.
    public init(_ prior: TypeMixture, evidence: Evidence) {
        self.init(prior, cells: [(cell: [], evidence: evidence)], levels: [], contextShare: 0)
    }

    /// Reads evidence from several contexts under a prior.
    ///
    /// - Parameters:
    ///   - prior: where the user starts.
    ///   - cells: the evidence of each combination of levels.
    ///   - levels: the levels that may shift the weights.
    ///   - contextShare: a shift's prior covariance, as a share of the types' mean covariance.
    init(
        _ prior: TypeMixture,
        cells: [(cell: [ContextLevel], evidence: Evidence)],
        levels: [ContextLevel],
        contextShare: Double
    ) {
        let axes = prior.axes
        let size = axes * (levels.count + 1)
        var precision = SymmetricMatrix(size: size)
        var information = [Double](repeating: 0, count: size)
        for (cell, evidence) in cells {
            let blocks = [0] + cell.compactMap { levels.firstIndex(of: $0).map { $0 + 1 } }
            for row in blocks {
                for i in 0..<axes { information[row * axes + i] += evidence.information[i] }
                for column in blocks {
                    precision.add(evidence.precision, atRow: row * axes, column: column * axes)
                }
            }
        }
        var shift = prior.within
        shift.scale(by: contextShare)
        let shiftPrecision = levels.isEmpty ? nil : shift.cholesky()?.inverse

        var logs: [Double] = []
        var solved: [(mean: [Double], covariance: SymmetricMatrix)] = []
        for component in prior.components {
            var total = precision
            total.add(component.precision, atRow: 0, column: 0)
            if let shiftPrecision {
                for level in levels.indices {
                    let at = axes * (level + 1)
                    total.add(shiftPrecision, atRow: at, column: at)
                }
            }
            let pull = component.precision.times(component.mean)
            var right = information
            for i in 0..<axes { right[i] += pull[i] }
            guard let factor = total.cholesky() else { continue }
            let mean = factor.solve(right)
            // Terms that the components share (the shifts' prior, the sites' constants) are left out.
            logs.append(
                component.logShare + 0.5
                    * (dot(mean, right) - dot(component.mean, pull) - component.logDeterminant
                        - factor.logDeterminant)
            )
            solved.append((mean, factor.inverse))
        }
        let top = Numeric.logSumExp(logs)
        self.axes = axes
        self.levels = levels
        logEvidence = top
        components = zip(logs, solved).map { log, one in
            Component(
                share: Numeric.exponential(log - top),
                mean: one.mean,
                covariance: one.covariance
            )
        }
    }

    /// The weights' mean in a context.
    public func mean(in context: [ContextLevel] = []) -> [Double] {
        let blocks = blocks(in: context)
        return (0..<axes).map { axis in
            components.reduce(0) { sum, one in
                sum + one.share * blocks.reduce(0) { $0 + one.mean[$1 * axes + axis] }
            }
        }
    }

    /// The distribution of the utility w·x in a context, as a mixture of Gaussians.
    public func utility(_ x: [Double], in context: [ContextLevel] = []) -> Utility {
        let blocks = blocks(in: context)
        let active = (0..<min(axes, x.count)).filter { x[$0] != 0 }
        return Utility(
            components.map { one in
                var mean = 0.0
                var variance = 0.0
                for row in blocks {
                    for i in active { mean += x[i] * one.mean[row * axes + i] }
                    for column in blocks {
                        for i in active {
                            for j in active {
                                variance +=
                                    x[i] * x[j] * one.covariance[row * axes + i, column * axes + j]
                            }
                        }
                    }
                }
                return (share: one.share, mean: mean, variance: max(0, variance))
            }
        )
    }

    /// P(an answer is preferred), x being what it has over the other.
    public func probability(_ x: [Double], in context: [ContextLevel] = []) -> Double {
        utility(x, in: context).expectedChoice
    }

    private func blocks(in context: [ContextLevel]) -> [Int] {
        [0] + context.compactMap { levels.firstIndex(of: $0).map { $0 + 1 } }
    }
}

/// The distribution of a utility: what is believed about w·x.
public struct Utility: Sendable {
    private let parts: [(share: Double, mean: Double, variance: Double)]

    init(_ parts: [(share: Double, mean: Double, variance: Double)]) { self.parts = parts }

    /// The mean.
    public var mean: Double { parts.reduce(0) { $0 + $1.share * $1.mean } }

    /// The variance.
    public var variance: Double {
        let center = mean
        return parts.reduce(0) {
            $0 + $1.share * ($1.variance + ($1.mean - center) * ($1.mean - center))
        }
    }

    /// P(utility > 0).
    public var probabilityPositive: Double {
        parts.reduce(0) {
            $0 + $1.share * Numeric.normalCDF($1.mean / max(1e-9, $1.variance.squareRoot()))
        }
    }

    /// E[σ(utility)]: how likely a choice falls on it.
    public var expectedChoice: Double {
        parts.reduce(0) {
            $0 + $1.share * Numeric.expectedSigmoid(mean: $1.mean, variance: $1.variance)
        }
    }

    /// The information that seeing the choice is expected to give, in nats: H[E p] − E[H p].
    ///
    /// Source: Houlsby et al., "Bayesian Active Learning for Classification and Preference Learning",
    /// 2011. The expectations are taken by Gauss–Hermite quadrature with seven nodes.
    public var informationGain: Double {
        var expected = 0.0
        var entropy = 0.0
        for part in parts {
            let deviation = (2 * part.variance).squareRoot()
            for (node, weight) in Self.hermite {
                let p = Numeric.sigmoid(part.mean + deviation * node)
                expected += part.share * weight * p
                entropy += part.share * weight * Numeric.entropy(p)
            }
        }
        return max(0, Numeric.entropy(expected) - entropy)
    }

    /// Nodes and weights, the weights divided by √π.
    private static let hermite: [(Double, Double)] = [
        (-2.651_961_356_835_233, 0.000_548_268_855_972_217),
        (-1.673_551_628_767_471, 0.030_757_123_967_586_4),
        (-0.816_287_882_858_965, 0.240_123_178_605_012),
        (0, 0.457_142_857_142_857),
        (0.816_287_882_858_965, 0.240_123_178_605_012),
        (1.673_551_628_767_471, 0.030_757_123_967_586_4),
        (2.651_961_356_835_233, 0.000_548_268_855_972_217),
    ]
}
