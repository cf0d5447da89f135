public import PrefModel

/// Answer of `GET /prefd/v1/me`: who prefd says you are.
public struct Identity: Codable, Sendable, Hashable {
    /// What a connection may do.
    public enum Access: String, Codable, Sendable {
        /// One's own data.
        case user
        /// The admin socket's calls as well.
        case admin
    }

    /// Whose preferences apply, as the kernel says: `uid:1000` or `app:NAME/user:ID`.
    public let principal: String
    /// The connecting app's name.
    public let app: String
    /// What the connection may do.
    public let access: Access

    /// Makes an answer.
    public init(principal: String, app: String, access: Access) {
        self.principal = principal
        self.app = app
        self.access = access
    }
}

/// Answer of `GET /prefd/v1/dimensions`: the vocabulary.
public struct DimensionList: Codable, Sendable, Hashable {
    /// Every dimension, in the order in which the composer writes them.
    public let dimensions: [Dimension]

    /// Makes a list.
    public init(dimensions: [Dimension]) { self.dimensions = dimensions }
}
