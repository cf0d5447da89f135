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
        /// How strongly the members of each type feel, beside the Gaussian that is fitted: where there are
        /// any, types differ in this alone, and ``types`` does not count.
        public var strengths: [Double] = []
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

    /// What a type is held by, as if so many users had been met who are like it.
    private struct Anchor {
        let mean: [Double]
        let meanUsers: Double
        let covariance: SymmetricMatrix
        let covarianceUsers: Double
        let shareUsers: Double
    }

    /// The types that best explain these users; nil where there are none.
    ///
    /// With one type this is a hierarchical Gaussian: the average user and how far others lie from
    /// them.
    public func fit(_ users: [Evidence]) -> TypeMixture? {
        guard settings.strengths.isEmpty else { return fitOfStrengths(users) }
        guard let axes = users.first?.information.count else { return nil }
        guard var mixture = start(users, axes: axes) else { return nil }
        let anchors = anchors(for: mixture)
        for _ in 0..<settings.rounds {
            guard let next = step(users, mixture, anchors) else { return mixture }
            mixture = next
        }
        return mixture
    }

    /// One Gaussian, and types that feel like it more or less strongly, each as common as the others.
    ///
    /// Who chooses by other things than the axes show looks like someone who hardly feels about them.
    private func fitOfStrengths(_ users: [Evidence]) -> TypeMixture? {
        var single = settings
        single.strengths = []
        single.types = 1
        guard let fitted = TypeFitting(single).fit(users)?.types.first else { return nil }
        return TypeMixture(
            settings.strengths.map { strength in
                UserType(
                    share: 1 / Double(settings.strengths.count),
                    mean: fitted.mean.map { strength * $0 },
                    covariance: fitted.covariance.map { strength * strength * $0 }
                )
            }
        )
    }

    /// How many users the types that ship count for where users who have been met move them.
    ///
    /// Few: those whom the types were fitted on are a handful of people of one trade. docs/LEARNING.md
    /// has what counting them for more costs others.
    public static let startUsers = 5.0
    /// How many rounds of ``refine(_:from:startUsers:on:)`` move them.
    public static let refiningRounds = 20

    /// One round that moves types from where they start toward users who have been met; nil where the
    /// users' evidence is not over the same axes.
    ///
    /// The start counts for `startUsers` users, so that few who have been met move it little. Rounds
    /// converge; how many are enough is a matter of how far the users lie from the start.
    public static func refine(
        _ mixture: TypeMixture,
        from start: TypeMixture,
        startUsers: Double,
        on users: [Evidence]
    ) -> TypeMixture? {
        guard users.allSatisfy({ $0.information.count == start.axes }) else { return nil }
        let total = start.types.reduce(0) { $0 + $1.share }
        let anchors = zip(start.types, start.components).map { type, component in
            let count = startUsers * type.share / total
            return Anchor(
                mean: type.mean,
                meanUsers: count,
                covariance: component.covariance,
                covarianceUsers: count,
                shareUsers: count
            )
        }
        return TypeFitting().step(users, mixture, anchors)
    }

    private func anchors(for mixture: TypeMixture) -> [Anchor] {
        let variance = settings.deviation * settings.deviation
        let anchor = Anchor(
            mean: [Double](repeating: 0, count: mixture.axes),
            meanUsers: settings.meanUsers,
            covariance: SymmetricMatrix(size: mixture.axes, diagonal: variance),
            covarianceUsers: settings.covarianceUsers,
            shareUsers: 0.5
        )
        return mixture.types.map { _ in anchor }
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
        for _ in 0..<10 { prior = step(users, prior, anchors(for: prior)) ?? prior }
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

    private func step(
        _ users: [Evidence],
        _ mixture: TypeMixture,
        _ anchors: [Anchor]
    ) -> TypeMixture? {
        let axes = mixture.axes
        let beliefs = users.map { Belief(mixture, evidence: $0) }
            .filter { $0.components.count == anchors.count }
        let sharesOfAnchors = anchors.reduce(0) { $0 + $1.shareUsers }
        let types = anchors.enumerated().map { k, anchor -> UserType in
            let members = beliefs.map { $0.components[k] }
            let total = members.reduce(0) { $0 + $1.share }
            var mean = anchor.mean.map { $0 * anchor.meanUsers }
            for one in members {
                for i in 0..<axes { mean[i] += one.share * one.mean[i] }
            }
            for i in 0..<axes { mean[i] /= total + anchor.meanUsers }
            var covariance = anchor.covariance
            covariance.scale(by: anchor.covarianceUsers)
            for one in members {
                covariance.add(one.covariance, scale: one.share)
                covariance.add(outer: zip(one.mean, mean).map { $0 - $1 }, scale: one.share)
            }
            covariance.scale(by: 1 / (total + anchor.covarianceUsers))
            if !settings.isFull { covariance = covariance.diagonalOnly }
            return UserType(
                share: (total + anchor.shareUsers) / (Double(users.count) + sharesOfAnchors),
                mean: mean,
                covariance: covariance.entries
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
