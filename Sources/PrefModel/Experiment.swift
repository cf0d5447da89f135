/// One learned directive in the experiment that a request was part of: whether it was in the prompt, and
/// at what probability it was to be.
public struct ExperimentArm: Codable, Sendable, Hashable {
    /// The directive's dimension and where it holds.
    public let key: PreferenceKey
    /// Its value.
    public let value: String
    /// Whether it was in the prompt.
    public let isKept: Bool
    /// The probability with which it was to be in the prompt, as it was before the coin fell.
    public let propensity: Double

    /// Makes an arm.
    public init(key: PreferenceKey, value: String, isKept: Bool, propensity: Double) {
        self.key = key
        self.value = value
        self.isKept = isKept
        self.propensity = propensity
    }

    private enum CodingKeys: String, CodingKey {
        case key, value, propensity
        case isKept = "kept"
    }
}
