public import FoundationEssentials
public import PrefModel

/// Answer of `GET` and `POST /prefd/v1/admin/population`.
public struct Population: Codable, Sendable, Hashable {
    /// What may be told about the users as a group, and how much has been.
    public struct Budget: Codable, Sendable, Hashable {
        /// What may be spent in all, as an epsilon of differential privacy.
        public let total: Double
        /// What has been spent.
        public let spent: Double
        /// What the next release costs.
        public let next: Double

        /// Makes an entry.
        public init(total: Double, spent: Double, next: Double) {
            self.total = total
            self.spent = spent
            self.next = next
        }
    }

    /// Those who want the same of one dimension.
    public struct Camp: Codable, Sendable, Hashable {
        /// The value that they want; null for those who have shown no taste.
        public let value: String?
        /// How many they are, with noise.
        public let people: Int
        /// What one setting for all costs them on average, 0 to 1, with noise.
        ///
        /// It is how much more often they would choose an answer their own way.
        public let costOfAverage: Double

        /// Makes an entry.
        public init(value: String?, people: Int, costOfAverage: Double) {
            self.value = value
            self.people = people
            self.costOfAverage = costOfAverage
        }

        private enum CodingKeys: String, CodingKey {
            case value, people
            case costOfAverage = "cost_of_average"
        }
    }

    /// How tastes are distributed on one dimension.
    public struct Distribution: Codable, Sendable, Hashable {
        /// The dimension.
        public let dimension: DimensionID
        /// `consensus`, `split`, `spread` or `unclear`.
        public let shape: String
        /// The camps; the last has no taste.
        public let camps: [Camp]

        /// Makes an entry.
        public init(dimension: DimensionID, shape: String, camps: [Camp]) {
            self.dimension = dimension
            self.shape = shape
            self.camps = camps
        }
    }

    /// When the figures were released; null where none ever were.
    public let releasedAt: Date?
    /// The figures of the latest release.
    public let dimensions: [Distribution]
    /// What it cost, and what is left.
    public let budget: Budget

    /// Makes an answer.
    public init(releasedAt: Date?, dimensions: [Distribution], budget: Budget) {
        self.releasedAt = releasedAt
        self.dimensions = dimensions
        self.budget = budget
    }

    private enum CodingKeys: String, CodingKey {
        case dimensions, budget
        case releasedAt = "released_at"
    }

    /// Writes `released_at` as null where there was no release, so that the field is always there.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(releasedAt, forKey: .releasedAt)
        try container.encode(dimensions, forKey: .dimensions)
        try container.encode(budget, forKey: .budget)
    }
}
