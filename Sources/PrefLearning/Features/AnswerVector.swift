internal import FoundationEssentials
public import PrefModel

/// An answer as a point: one standardized value an axis, in units of the reference's deviation.
///
/// Bounded to ±4. An axis that could not be measured is at 0, the reference's mean, and named in
/// `unmeasured`.
public struct AnswerVector: Hashable, Sendable {
    /// The values, at ``AnswerAxis/index``.
    public let values: [Double]
    /// The axes that these features do not have, as in languages without a lexicon.
    public let unmeasured: Set<AnswerAxis>

    /// Standardizes measured features.
    public init(_ features: TextFeatures) {
        var values = [Double](repeating: 0, count: AnswerAxis.count)
        var unmeasured: Set<AnswerAxis> = []
        for axis in AnswerAxis.allCases {
            guard let value = axis.transformed(features.values), value.isFinite else {
                unmeasured.insert(axis)
                continue
            }
            values[axis.index] = Reference.standard.standardized(value, on: axis)
        }
        self.values = values
        self.unmeasured = unmeasured
    }

    /// What choosing this answer over another says: the difference on the axes that both have.
    public func difference(from other: AnswerVector) -> [Double] {
        AnswerAxis.allCases.map { axis in
            if unmeasured.contains(axis) || other.unmeasured.contains(axis) { return 0 }
            return values[axis.index] - other.values[axis.index]
        }
    }

    /// The value on an axis.
    public subscript(axis: AnswerAxis) -> Double { values[axis.index] }
}

/// The distribution that answers are standardized against.
///
/// Data: `Data/reference.json`, made by `Benchmarks/Learning/fit.sh` with the shipped extractor.
public struct Reference: Codable, Sendable {
    /// Mean and deviation of one axis.
    public struct Moments: Codable, Sendable {
        /// Mean of the transformed value.
        public let mean: Double
        /// Standard deviation, never under the axis' floor.
        public let deviation: Double
    }

    /// The version of the features that it was made with.
    public let version: Int
    /// What it was made of, in words.
    public let source: String
    /// The moments by axis name.
    public let axes: [String: Moments]

    /// The reference that is compiled in; a file that does not parse is a defect of the build.
    public static let standard: Reference = {
        do {
            return try PrefJSON.decode(
                Reference.self,
                from: Data(PackageResources.reference_json)
            )
        } catch {
            preconditionFailure("Data/reference.json does not parse: \(error)")
        }
    }()

    /// Measures a reference over texts; each group counts alike, however many texts it has.
    ///
    /// Deviations have a floor, since the rarest marks (tables, emoji) hardly occur in some corpora
    /// and would otherwise count without bound: 0.5 for logarithms and rates, 0.25 for directness,
    /// 5 for LIX.
    public static func measured(groups: [[TextFeatures]], source: String) -> Reference {
        var axes: [String: Moments] = [:]
        for axis in AnswerAxis.allCases {
            var weight = 0.0
            var mean = 0.0
            var square = 0.0
            for group in groups {
                let values = group.compactMap { axis.transformed($0.values) }
                guard !values.isEmpty else { continue }
                let share = 1 / Double(values.count)
                weight += 1
                mean += values.reduce(0, +) * share
                square += values.reduce(0) { $0 + $1 * $1 } * share
            }
            guard weight > 0 else { continue }
            mean /= weight
            let floor = axis == .difficulty ? 5 : axis == .directness ? 0.25 : 0.5
            let deviation = max(floor, max(0, square / weight - mean * mean).squareRoot())
            axes[axis.rawValue] = Moments(
                mean: Numeric.rounded(mean),
                deviation: Numeric.rounded(deviation)
            )
        }
        return Reference(version: AnswerFeatures.version, source: source, axes: axes)
    }

    func standardized(_ value: Double, on axis: AnswerAxis) -> Double {
        guard let moments = axes[axis.rawValue] else { return 0 }
        return min(4, max(-4, (value - moments.mean) / moments.deviation))
    }
}
