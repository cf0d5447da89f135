internal import FoundationEssentials
internal import PrefModel

/// prefd's own API, one method a call.
///
/// Whose data a call is about is decided by prefd from the kernel's word on the connection; no
/// method takes a user.
public struct ControlClient: Sendable {
    private let exchange: any ControlExchange

    /// Calls prefd through an exchange.
    public init(exchange: any ControlExchange) { self.exchange = exchange }

    /// Sends a request that is no call of prefd's own API, such as a chat completion.
    ///
    /// - Throws: ``ControlFailure``.
    public func send(_ request: ControlRequest) async throws(ControlFailure) -> ControlResponse {
        try await exchange.send(request)
    }

    /// Asks and decodes the answer.
    func call<Answer: Decodable>(
        _ method: String,
        _ path: String,
        query: [(String, String?)] = [],
        accepting statuses: Set<Int> = [200],
        within patience: Duration? = nil,
        as type: Answer.Type = Answer.self
    ) async throws(ControlFailure) -> Answer {
        var request = ControlRequest(method: method, target: Self.target(path, query))
        request.patience = patience
        return try await decoded(request, statuses)
    }

    /// Sends a message and decodes the answer.
    func call<Answer: Decodable>(
        _ method: String,
        _ path: String,
        query: [(String, String?)] = [],
        sending message: some Encodable,
        as type: Answer.Type = Answer.self
    ) async throws(ControlFailure) -> Answer {
        let body: [UInt8]
        do {
            body = Array(try PrefJSON.encode(message))
        } catch {
            throw .notPrefd(
                socket: exchange.socket,
                reason: "the request cannot be written as JSON"
            )
        }
        let request = ControlRequest(
            method: method,
            target: Self.target(path, query),
            headers: [("Content-Type", "application/json")],
            body: body
        )
        return try await decoded(request, [200])
    }

    /// Asks and gives the answer's text, for the one call that answers in no JSON.
    func text(_ method: String, _ path: String) async throws(ControlFailure) -> String {
        let response = try await exchange.send(ControlRequest(method: method, target: path))
        guard response.status == 200 else { throw refusal(response) }
        return String(decoding: response.body, as: UTF8.self)
    }

    /// Asks, sending bytes where there are any, and gives the answer's bytes.
    func bytes(
        _ method: String,
        _ path: String,
        query: [(String, String?)],
        sending body: [UInt8]? = nil
    ) async throws(ControlFailure) -> [UInt8] {
        let response = try await exchange.send(
            ControlRequest(method: method, target: Self.target(path, query), body: body)
        )
        guard response.status == 200 else { throw refusal(response) }
        return response.body
    }

    private func decoded<Answer: Decodable>(
        _ request: ControlRequest,
        _ statuses: Set<Int>
    ) async throws(ControlFailure) -> Answer {
        let response = try await exchange.send(request)
        if statuses.contains(response.status) {
            do {
                return try PrefJSON.decode(Answer.self, from: Data(response.body))
            } catch {
                throw .notPrefd(
                    socket: exchange.socket,
                    reason: "the answer has not the form that this version knows"
                )
            }
        }
        throw refusal(response)
    }

    private func refusal(_ response: ControlResponse) -> ControlFailure {
        let data = Data(response.body)
        if let envelope = try? PrefJSON.decode(APIErrorEnvelope.self, from: data) {
            return .refused(status: response.status, envelope.error)
        }
        return .notPrefd(
            socket: exchange.socket,
            reason: "it answered with status \(response.status)"
        )
    }

    /// Percent-encodes one segment of a path or one side of a query's pair.
    ///
    /// Source: RFC 3986, section 2.3 (unreserved characters).
    static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~":
                encoded.unicodeScalars.append(scalar)
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }

    private static func target(_ path: String, _ query: [(String, String?)]) -> String {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(encoded($0))" } }
        return pairs.isEmpty ? path : "\(path)?\(pairs.joined(separator: "&"))"
    }
}
