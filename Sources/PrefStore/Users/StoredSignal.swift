internal import FoundationEssentials
internal import PrefModel

/// A signal as it is kept: without its excerpts, which are records of their own.
struct StoredSignal: Codable, Sendable {
    let signal: Signal
    /// From when it must no longer be kept, or nil.
    let expiresAt: Date?
}

/// The excerpts of one signal, kept under the signal's own row id.
struct StoredExcerpts: Codable, Sendable {
    let excerpts: [String: String]
    /// From when they must no longer be kept, or nil.
    let expiresAt: Date?
}

/// When records expire.
enum Expiry {
    /// The moment until which a record may be kept.
    static func date(from start: Date, retentionSeconds: Int64?) -> Date? {
        retentionSeconds.map { start.addingTimeInterval(Double($0)) }
    }

    /// The earlier of two moments, where nil is never.
    static func earlier(_ left: Date?, _ right: Date?) -> Date? {
        guard let left, let right else { return left ?? right }
        return min(left, right)
    }

    /// The hour since 1970 that is written beside a record in clear: rounded up, so that the
    /// moment itself stays sealed.
    static func hour(_ date: Date?) -> Int64? {
        guard let hours = date.map({ ($0.timeIntervalSince1970 / 3600).rounded(.up) }) else {
            return nil
        }
        return Int64(exactly: hours) ?? (hours > 0 ? Int64.max : Int64.min + 1)
    }
}
