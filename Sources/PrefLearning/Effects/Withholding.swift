public import PrefModel

/// One answer in an experiment: whether a learned directive was in its prompt, at what probability it
/// might have been, and how the answer was received.
public struct Withholding: Codable, Hashable, Sendable {
    /// The directive's dimension, value and context.
    public let directive: String
    /// Whether it was in the prompt.
    public let isKept: Bool
    /// The probability with which it was to be kept, as it was logged before the coin fell: inside
    /// 0…1, both ends excluded.
    public let propensity: Double
    /// How the answer was received, 0…1.
    ///
    /// A rating's place on its scale, or 1 and 0 for signals that speak for and against an answer. Never how long someone stayed.
    public let outcome: Double
    /// What was known before the coin fell and may explain the outcome (circumstances as 0 and 1).
    public let covariates: [Double]

    /// Makes a record.
    public init(
        directive: String,
        isKept: Bool,
        propensity: Double,
        outcome: Double,
        covariates: [Double] = []
    ) {
        self.directive = directive
        self.isKept = isKept
        self.propensity = propensity
        self.outcome = outcome
        self.covariates = covariates
    }

    /// The outcome that a signal stands for, or nil where it says nothing of the answer as a whole.
    ///
    /// A choice compares answers that were written alike, and abandoning is engagement: neither says
    /// whether a directive helped.
    public static func outcome(of signal: Signal) -> Double? {
        switch signal.kind {
        case .rating: signal.rating.map { min(1, max(0, ($0 - 1) / 4)) }
        case .regenerate, .followup, .edit: 0
        case .copy: 1
        case .choice, .abandon: nil
        }
    }
}

/// The effect of one directive on how answers are received: kept minus withheld.
public struct Effect: Codable, Hashable, Sendable {
    /// The estimate, in outcome units.
    public let estimate: Double
    /// The lower end of the interval.
    public let low: Double
    /// The upper end.
    public let high: Double
    /// Answers with the directive.
    public let kept: Int
    /// Answers without it.
    public let withheld: Int

    /// Whether the whole interval lies below zero: the directive does harm, is dropped, and its user
    /// is told.
    public var isHarmful: Bool { high < 0 }
}
