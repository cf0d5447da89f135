import Foundation

/// A recorded answer stream of a real server.
public struct RecordedStream: Sendable, CustomStringConvertible {
    /// Where it comes from.
    public let name: String
    /// The stream.
    public let bytes: [UInt8]
    /// The request's body.
    public let request: [UInt8]

    /// The name.
    public var description: String { name }

    /// Those of OpenAI Chat.
    public static var chat: [RecordedStream] { of("chat") }
    /// Those of OpenAI Responses.
    public static var responses: [RecordedStream] { of("responses") }
    /// Those of Anthropic Messages.
    public static var messages: [RecordedStream] { of("messages") }

    private static func of(_ kind: String) -> [RecordedStream] { byKind[kind] ?? [] }

    private static let byKind: [String: [RecordedStream]] = {
        guard let data = try? SharedData.gunzip("sse-recordings/streams.jsonl.gz") else {
            return [:]
        }
        var streams: [String: [RecordedStream]] = [:]
        for line in data.split(separator: UInt8(ascii: "\n")) {
            guard let object = try? JSONSerialization.jsonObject(with: Data(line)),
                let row = object as? [String: Any], let kind = row["kind"] as? String,
                let stream = row["response_sse"] as? String, let path = row["path"] as? String,
                let request = row["request"],
                let body = try? JSONSerialization.data(withJSONObject: request)
            else { continue }
            let recorded = RecordedStream(
                name: path,
                bytes: Array(stream.utf8),
                request: Array(body)
            )
            streams[kind, default: []].append(recorded)
        }
        return streams
    }()
}
