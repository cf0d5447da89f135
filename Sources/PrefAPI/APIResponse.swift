internal import FoundationEssentials
internal import PrefControl
internal import PrefModel

/// The answer to one call of prefd's own API.
public struct APIResponse: Sendable {
    /// The HTTP status.
    public let status: Int
    /// The body's media type.
    public let contentType: String
    /// The body.
    public let body: [UInt8]
    /// Header fields besides `Content-Type` and `Content-Length`.
    public let headers: [(name: String, value: String)]

    init(
        status: Int,
        contentType: String,
        body: [UInt8],
        headers: [(name: String, value: String)] = []
    ) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.headers = headers
    }

    /// A message of the API as JSON.
    static func json(_ message: some Encodable, status: Int = 200) throws(APIRefusal) -> APIResponse
    {
        do {
            let body = try PrefJSON.encode(message)
            return APIResponse(status: status, contentType: jsonType, body: Array(body))
        } catch {
            throw .internalFailure
        }
    }

    /// A refusal in the API's error envelope.
    static func refusal(_ refusal: APIRefusal) -> APIResponse {
        let envelope = APIErrorEnvelope(error: refusal.error)
        let body = (try? PrefJSON.encode(envelope)).map(Array.init) ?? Array(fallbackBody.utf8)
        return APIResponse(
            status: refusal.status,
            contentType: jsonType,
            body: body,
            headers: refusal.headers
        )
    }

    private static let jsonType = "application/json"
    private static let fallbackBody =
        #"{"error":{"code":"internal","hint":"Try again.","message":"prefd could not answer."}}"#
}
