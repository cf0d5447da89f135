/// How much has been told about a group of people, and how much may be.
///
/// Releases compose by adding up their epsilons (Dwork and Roth, *The Algorithmic Foundations of
/// Differential Privacy*, 2014, theorem 3.16), over the group's life: a budget never comes back.
public struct PrivacyBudget: Codable, Hashable, Sendable {
    /// Why a release was refused.
    public enum Refusal: Error, Hashable, Sendable {
        /// The release needs more than is left.
        case exhausted(asked: Double, left: Double)
        /// An epsilon that is not a positive number.
        case notPositive
    }

    /// What may be spent in all.
    public let total: Double
    /// What has been spent.
    public private(set) var spent: Double

    /// A budget of which so much has been spent.
    public init(total: Double, spent: Double = 0) {
        self.total = total
        self.spent = spent
    }

    /// What is left.
    public var left: Double { max(0, total - spent) }

    /// Takes the cost of one release; to be kept durably before the release is shown.
    public mutating func spend(_ epsilon: Double) throws(Refusal) {
        guard epsilon > 0, epsilon.isFinite else { throw .notPositive }
        guard epsilon <= left + 1e-9 else { throw .exhausted(asked: epsilon, left: left) }
        spent += epsilon
    }
}
