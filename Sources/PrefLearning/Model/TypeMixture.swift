public import FoundationEssentials
internal import PrefModel

/// A latent type of user: how common it is, and the tastes of its members.
public struct UserType: Codable, Hashable, Sendable {
    /// Share of the population.
    public let share: Double
    /// Mean weight by axis.
    public let mean: [Double]
    /// Covariance of the weights, rows one after another.
    public let covariance: [Double]

    /// Makes a type.
    public init(share: Double, mean: [Double], covariance: [Double]) {
        self.share = share
        self.mean = mean
        self.covariance = covariance
    }
}

/// Where a new user starts: a mixture of latent types, over any set of axes.
public struct TypeMixture: Sendable {
    /// One type, ready for inference.
    struct Component: Sendable {
        let logShare: Double
        let mean: [Double]
        let covariance: SymmetricMatrix
        let precision: SymmetricMatrix
        let logDeterminant: Double
    }

    /// The number of axes.
    public let axes: Int
    /// The types.
    public let types: [UserType]
    let components: [Component]
    /// The mixture's own mean and covariance.
    public let mean: [Double]
    /// Second moment of the weights, which says how large a utility to expect along a direction.
    let secondMoment: SymmetricMatrix
    /// The mean of the types' covariances.
    let within: SymmetricMatrix

    /// Makes a mixture; nil where a covariance is not positive definite or sizes disagree.
    public init?(_ types: [UserType]) {
        guard let axes = types.first?.mean.count, axes > 0 else { return nil }
        let total = types.reduce(0) { $0 + $1.share }
        guard total > 0 else { return nil }
        var components: [Component] = []
        var mean = [Double](repeating: 0, count: axes)
        var second = SymmetricMatrix(size: axes)
        var within = SymmetricMatrix(size: axes)
        for type in types {
            guard type.mean.count == axes, type.covariance.count == axes * axes, type.share > 0
            else { return nil }
            var covariance = SymmetricMatrix(size: axes)
            for i in 0..<axes {
                for j in 0...i { covariance[i, j] = type.covariance[i * axes + j] }
            }
            guard let factor = covariance.cholesky() else { return nil }
            let share = type.share / total
            components.append(
                Component(
                    logShare: Numeric.logarithm(share),
                    mean: type.mean,
                    covariance: covariance,
                    precision: factor.inverse,
                    logDeterminant: factor.logDeterminant
                )
            )
            for i in 0..<axes { mean[i] += share * type.mean[i] }
            second.add(covariance, scale: share)
            second.add(outer: type.mean, scale: share)
            within.add(covariance, scale: share)
        }
        self.axes = axes
        self.types = types
        self.components = components
        self.mean = mean
        self.secondMoment = second
        self.within = within
    }

    /// √E[(w·x)²]: how strongly a user drawn from the mixture may feel about a difference.
    public func spread(along x: [Double]) -> Double { secondMoment.quadratic(x).squareRoot() }

    /// The mixture as one Gaussian of the same mean and covariance.
    public var collapsed: TypeMixture {
        var covariance = secondMoment
        covariance.add(outer: mean, scale: -1)
        let single = UserType(share: 1, mean: mean, covariance: covariance.entries)
        return TypeMixture([single]) ?? self
    }
}

extension TypeMixture {
    private struct File: Codable {
        let version: Int
        let source: String
        let axes: [String]
        let types: [UserType]
    }

    /// The version of the file's format.
    public static let version = 1

    /// The starting point that is compiled in: `Data/types.json`, fitted by
    /// `Benchmarks/Learning/fit.sh`, with the rating baseline as a last axis.
    ///
    /// A file that does not parse is a defect of the build.
    public static let standard: TypeMixture = {
        do {
            let file = try PrefJSON.decode(File.self, from: Data(PackageResources.types_json))
            let names = AnswerAxis.allCases.sorted { $0.index < $1.index }.map(\.rawValue)
            guard file.axes == names, let mixture = TypeMixture(file.types)?.withBaseline() else {
                preconditionFailure("Data/types.json is not over the axes of this build")
            }
            return mixture
        } catch {
            preconditionFailure("Data/types.json does not parse: \(error)")
        }
    }()

    /// The file that ``standard`` reads, for these types over ``AnswerAxis``.
    ///
    /// - Throws: `EncodingError`.
    public static func file(_ types: [UserType], source: String) throws -> Data {
        let names = AnswerAxis.allCases.sorted { $0.index < $1.index }.map(\.rawValue)
        let rounded = types.map {
            UserType(
                share: Numeric.rounded($0.share),
                mean: $0.mean.map(Numeric.rounded),
                covariance: $0.covariance.map(Numeric.rounded)
            )
        }
        let file = File(version: version, source: source, axes: names, types: rounded)
        return try PrefJSON.encode(file)
    }

    /// The same types with one axis more: the user's own baseline of ratings, of deviation 1.5.
    public func withBaseline() -> TypeMixture? {
        TypeMixture(
            types.map { type in
                var covariance: [Double] = []
                for i in 0..<axes {
                    covariance += type.covariance[(i * axes)..<((i + 1) * axes)]
                    covariance.append(0)
                }
                covariance += [Double](repeating: 0, count: axes) + [2.25]
                return UserType(share: type.share, mean: type.mean + [0], covariance: covariance)
            }
        )
    }
}
