/// Fits latent types to users' evidence by expectation–maximization.
///
/// Each user is one body of evidence about their own weights; a type is a Gaussian that its members'
/// weights come from. Means are shrunk toward 0 and covariances toward a diagonal, since there are
/// always few users beside the number of axes.
public struct TypeFitting: Sendable {
    /// How the fit is regularized.
    public struct Settings: Sendable {
        /// Number of types.
        public var types = 2
        /// The deviation of weights that covariances are shrunk toward.
        public var deviation = 0.3
        /// How many users the shrinkage of covariances counts for.
        public var covarianceUsers = 10.0
        /// How many users the shrinkage of means toward 0 counts for.
        public var meanUsers = 1.0
        /// Whether covariances have entries off the diagonal.
        public var isFull = false
        /// Rounds of EM.
        public var rounds = 40
        /// Where the means' starting points come from.
        public var seed: UInt64 = 1

        /// The defaults.
        public init() {}
    }

    /// The settings.
    public let settings: Settings

    /// Makes a fit.
    public init(_ settings: Settings = Settings()) { self.settings = settings }

    /// The types that best explain these users; nil where there are none.
    ///
    /// With one type this is a hierarchical Gaussian: the average user and how far others lie from
    /// them.
    public func fit(_ users: [Evidence]) -> TypeMixture? {
        guard let axes = users.first?.information.count else { return nil }
        guard var mixture = start(users, axes: axes) else { return nil }
        for _ in 0..<settings.rounds {
            guard let next = step(users, mixture) else { return mixture }
            mixture = next
        }
        return mixture
    }

    private func start(_ users: [Evidence], axes: Int) -> TypeMixture? {
        let variance = settings.deviation * settings.deviation
        let diagonal = SymmetricMatrix(size: axes, diagonal: variance)
        let single = UserType(
            share: 1,
            mean: [Double](repeating: 0, count: axes),
            covariance: diagonal.entries
        )
        guard var prior = TypeMixture([single]) else { return nil }
        for _ in 0..<10 { prior = step(users, prior) ?? prior }
        guard settings.types > 1, let base = prior.types.first else { return prior }
        // Starting points: the posterior means of users far apart, each the farthest from those before.
        let means = users.map { Belief(prior, evidence: $0).mean() }
        var chosen = [means[Int(settings.seed % UInt64(means.count))]]
        while chosen.count < settings.types {
            let farthest = means.max { nearest($0, chosen) < nearest($1, chosen) }
            chosen.append(farthest ?? base.mean)
        }
        return TypeMixture(
            chosen.map {
                UserType(
                    share: 1 / Double(settings.types),
                    mean: $0,
                    covariance: base.covariance
                )
            }
        )
    }

    private func nearest(_ x: [Double], _ points: [[Double]]) -> Double {
        points.map { point in zip(x, point).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
            .min() ?? 0
    }

    private func step(_ users: [Evidence], _ mixture: TypeMixture) -> TypeMixture? {
        let axes = mixture.axes
        let count = mixture.types.count
        let beliefs = users.map { Belief(mixture, evidence: $0) }
        let variance = settings.deviation * settings.deviation
        var types: [UserType] = []
        for k in 0..<count {
            var total = 0.0
            var mean = [Double](repeating: 0, count: axes)
            for belief in beliefs where belief.components.count == count {
                let one = belief.components[k]
                total += one.share
                for i in 0..<axes { mean[i] += one.share * one.mean[i] }
            }
            for i in 0..<axes { mean[i] /= total + settings.meanUsers }
            var covariance = SymmetricMatrix(
                size: axes,
                diagonal: settings.covarianceUsers * variance
            )
            for belief in beliefs where belief.components.count == count {
                let one = belief.components[k]
                covariance.add(one.covariance, scale: one.share)
                covariance.add(outer: zip(one.mean, mean).map { $0 - $1 }, scale: one.share)
            }
            covariance.scale(by: 1 / (total + settings.covarianceUsers))
            if !settings.isFull { covariance = covariance.diagonalOnly }
            types.append(
                UserType(
                    share: (total + 0.5) / (Double(users.count) + 0.5 * Double(count)),
                    mean: mean,
                    covariance: covariance.entries
                )
            )
        }
        return TypeMixture(types)
    }
}

extension SymmetricMatrix {
    /// The same diagonal, and zero elsewhere.
    var diagonalOnly: SymmetricMatrix {
        var result = SymmetricMatrix(size: size)
        for i in 0..<size { result[i, i] = self[i, i] }
        return result
    }
}
