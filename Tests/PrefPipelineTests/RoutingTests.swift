import ChatWire
import NIOHTTP1
import PrefModel
import Testing

@testable import PrefPipeline

@Suite("Routing")
struct RoutingTests {
    @Test("takes the first backend that serves the model in its dialect")
    func firstMatch() throws {
        func backend(_ name: String, _ globs: [String], _ family: APIFamily = .openai) -> Backend {
            Backend(
                name: name,
                authority: "x",
                families: [family],
                models: globs.map(ModelGlob.init)
            )
        }
        let router = Router(backends: [
            backend("a", ["*"], .ollama), backend("b", ["gpt-*"]), backend("c", ["gpt-5"]),
            backend("d", ["m*"]),
        ])
        #expect(try router.backend(for: .openai, model: "gpt-5").name == "b")
        #expect(try router.backend(for: .openai, model: "mistral").name == "d")
        #expect(try router.backend(for: .openai, model: nil).name == "b")
        #expect(throws: Refusal.noBackend) { try router.backend(for: .openai, model: "other") }
    }

    @Test("sends a backend no credentials, hop-by-hop headers or headers of prefd's own")
    func requestHeaders() {
        let client: HTTPHeaders = [
            "Host": "localhost", "Authorization": "Bearer client", "X-Api-Key": "client",
            "Cookie": "a=b",
            "Connection": "keep-alive, X-Hop", "X-Hop": "1", "Transfer-Encoding": "chunked",
            "Accept-Encoding": "gzip",
            "X-Prefd-User": "someone", "X-Stainless-Lang": "python",
            "Content-Type": "application/json",
        ]
        let plain = Backend(name: "b", authority: "model:80", families: [.openai], models: [])
        let sent = ForwardedHeaders.toBackend(client, plain, family: .openai)
        #expect(sent["host"] == ["model:80"])
        #expect(sent["accept-encoding"] == ["identity"])
        #expect(sent["x-stainless-lang"] == ["python"])
        for gone in [
            "authorization", "x-api-key", "cookie", "x-hop", "connection", "transfer-encoding",
            "x-prefd-user",
        ] {
            #expect(!sent.contains(name: gone), "\(gone)")
        }
        let keyed = Backend(
            name: "b",
            authority: "m",
            families: [.openai],
            models: [],
            apiKey: "k",
            forwardsAuthorization: true
        )
        #expect(
            ForwardedHeaders.toBackend(client, keyed, family: .openai)["authorization"] == [
                "Bearer k"
            ]
        )
    }

    @Test("knows the endpoints whose output it can watch, and no other")
    func endpoints() {
        #expect(
            Endpoint.of(method: "POST", path: "/v1/chat/completions") == .generating(.openAIChat)
        )
        #expect(Endpoint.of(method: "GET", path: "/v1/models") == .passThrough(.openai))
        #expect(Endpoint.of(method: "GET", path: "/v1/models/gpt-5") == .passThrough(.openai))
        for path in ["/v1/models", "/v1/models/claude"] {
            let endpoint = Endpoint.of(method: "GET", path: path, speaksAnthropic: true)
            #expect(endpoint == .passThrough(.anthropic))
        }
        for path in [
            "/v1/audio/speech", "/v1/realtime", "/v1/models/", "/", "/v1/chat/completions/",
            "/api/pull",
        ] {
            #expect(Endpoint.of(method: "POST", path: path) == nil, "\(path)")
        }
    }

    @Test("serves no model whose name leads a server to another path")
    func climbingModels() {
        for name in [
            "../responses/resp_1", "..", ".", "a/../../responses/resp_1", "%2e%2E/responses/resp_1",
            "..%2Fresponses%2Fresp_1", "%252e%252e%252fresponses", "..\\responses",
            "..%5cresponses",
            "..;/responses/resp_1", "..%3bx/responses",
        ] {
            for anthropic in [false, true] {
                let endpoint = Endpoint.of(
                    method: "GET",
                    path: "/v1/models/\(name)",
                    speaksAnthropic: anthropic
                )
                #expect(endpoint == nil, "\(name)")
            }
        }
        for name in ["meta/llama-3.1", "org%2Fmodel", "a..b", "...", "model:latest", ".hidden"] {
            let endpoint = Endpoint.of(method: "GET", path: "/v1/models/\(name)")
            #expect(endpoint == .passThrough(.openai), "\(name)")
        }
    }
}
