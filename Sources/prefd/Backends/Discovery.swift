import Foundation
import NIOCore
import NIOHTTP1
import PrefConfig
import UnixHTTP

/// Looks for a model server at the default ports of those that people run on their own machines.
enum Discovery {
    private struct Candidate {
        let name: String
        let port: Int
        /// A path that costs no model call, and a word that its answer holds.
        let probe: (path: String, word: String)
        let dialects: Set<Configuration.Backend.Dialect>
    }

    private static let candidates = [
        Candidate(
            name: "ollama",
            port: 11434,
            probe: ("/api/version", "\"version\""),
            dialects: [.openai, .ollama, .anthropic]
        ),
        Candidate(
            name: "llama.cpp",
            port: 8080,
            probe: ("/v1/models", "\"data\""),
            dialects: [.openai]
        ),
        Candidate(name: "vllm", port: 8000, probe: ("/v1/models", "\"data\""), dialects: [.openai]),
        Candidate(
            name: "lm-studio",
            port: 1234,
            probe: ("/v1/models", "\"data\""),
            dialects: [.openai]
        ),
    ]

    private static let timeouts = ClientTimeouts(
        connect: .milliseconds(300),
        firstByte: .milliseconds(700),
        idle: .milliseconds(700)
    )

    private static let host = "127.0.0.1"

    /// Where servers are looked for.
    static var targets: Set<TunnelProxy.Target> {
        Set(candidates.map { TunnelProxy.Target(host: host, port: $0.port) })
    }

    /// The first server that answers as one of its kind would; nil where none does.
    static func localBackend(through client: HTTPClient) async -> Configuration.Backend? {
        for candidate in candidates where await answers(candidate, client) {
            var backend = Configuration.Backend(
                name: candidate.name,
                url: .http(host: host, port: candidate.port, path: "")
            )
            backend.dialects = candidate.dialects
            return backend
        }
        return nil
    }

    private static func answers(_ candidate: Candidate, _ client: HTTPClient) async -> Bool {
        let request = ClientRequest(target: candidate.probe.path)
        let endpoint = Endpoint.http(host: host, port: candidate.port, via: Egress.socket)
        guard let response = try? await client.send(request, to: endpoint, timeouts: timeouts),
            response.status == .ok, let body = try? await response.body.collect(upTo: 1 << 20)
        else { return false }
        return String(buffer: body).contains(candidate.probe.word)
    }
}
