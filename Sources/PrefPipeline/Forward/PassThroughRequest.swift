import ChatWire
import NIOCore

/// What routing needs to know of a request that passes through untouched: its model.
enum PassThroughRequest {
    /// The model that a request names, or nil where its endpoint names none.
    ///
    /// - Throws: ``Refusal/malformed(message:parameter:)`` for a body that is not a JSON object, or that
    ///   names two models: prefd and the backend must not read different requests.
    static func model(of request: IncomingRequest) throws(Refusal) -> String? {
        let listed = "/v1/models/"
        if request.method == "GET" {
            guard request.path.hasPrefix(listed) else { return nil }
            return String(request.path.dropFirst(listed.utf8.count))
        }
        return try model(in: request.body.readableBytesUInt8Span)
    }

    private static func model(in body: Span<UInt8>) throws(Refusal) -> String? {
        do {
            try JSON.validate(body)
        } catch {
            throw .malformed(
                message: "The request body is not valid JSON: \(error).",
                parameter: nil
            )
        }
        let root = JSON.root(body)
        guard JSON.kind(body, at: root) == .object else {
            throw .malformed(message: "The request body is not a JSON object.", parameter: nil)
        }
        var members = JSONMembers(objectAt: root)
        var model: String?
        while let member = members.next(in: body) {
            guard JSONString.decoded(body, member.key) == "model" else { continue }
            guard model == nil else {
                throw .malformed(
                    message: "'model' is given twice: send it once.",
                    parameter: "model"
                )
            }
            guard JSON.kind(body, at: member.value) == .string else {
                throw .malformed(message: "'model' must be a string.", parameter: "model")
            }
            model = JSONString.decoded(body, JSONString.scan(body, at: member.value))
        }
        return model
    }
}
