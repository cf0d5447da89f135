import NIOHTTP1
import PrefModel

/// The headers of prefd's own that every answer carries.
enum ExchangeHeaders {
    static func of(requestID: String, tier: Tier, applied: Int) -> HTTPHeaders {
        [
            "x-prefd-request-id": requestID, "x-prefd-tier": tier.rawValue,
            "x-prefd-applied": String(applied),
        ]
    }
}

extension HTTPHeaders {
    /// The same, for a body of prefd's own.
    var json: HTTPHeaders {
        var headers = self
        headers.replaceOrAdd(name: "content-type", value: "application/json")
        return headers
    }
}
