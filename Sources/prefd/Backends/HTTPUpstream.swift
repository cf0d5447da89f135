import NIOCore
import NIOHTTP1
import PrefPipeline
import Synchronization
import UnixHTTP

/// Reaches the configured model servers over HTTP, HTTPS and Unix sockets.
final class HTTPUpstream: Upstream {
    /// Where a backend is, and how long each phase may take.
    struct Route: Sendable, Equatable {
        let endpoint: Endpoint
        let timeouts: ClientTimeouts
    }

    private let client: HTTPClient
    private let routes: Mutex<[String: Route]>

    init(client: HTTPClient, routes: [String: Route]) {
        self.client = client
        self.routes = Mutex(routes)
    }

    /// Replaces the routes, at a reload.
    ///
    /// Exchanges that are running keep theirs.
    func replace(routes: [String: Route]) { self.routes.withLock { $0 = routes } }

    /// Why no connection to a backend can be made; nil where one can.
    func probe(_ backend: String, timeout: Duration) async -> UpstreamFailure? {
        guard let route = routes.withLock({ $0[backend] }) else { return .gone }
        do throws(ClientError) {
            try await client.probe(route.endpoint, timeout: min(timeout, route.timeouts.connect))
            return nil
        } catch {
            return (try? UpstreamFailure(error)) ?? .unreachable("nobody waited for it")
        }
    }

    func exchange<Outcome: Sendable>(
        _ request: ForwardRequest,
        with backend: Backend,
        _ consume: @Sendable (ForwardResponse) async throws -> Outcome
    ) async throws -> Outcome {
        guard let route = routes.withLock({ $0[backend.name] }) else {
            throw UpstreamFailure.gone
        }
        let outgoing = ClientRequest(
            method: HTTPMethod(rawValue: request.method),
            target: request.target,
            headers: request.headers,
            body: request.body
        )
        let response: ClientResponse
        do throws(ClientError) {
            response = try await client.send(outgoing, to: route.endpoint, timeouts: route.timeouts)
        } catch {
            throw try UpstreamFailure(error)
        }
        let body = response.body
        // Closes the connection where the answer was not read to its end.
        defer { body.cancel() }
        return try await consume(
            ForwardResponse(status: Int(response.status.code), headers: response.headers) {
                var parts = body.makeAsyncIterator()
                do throws(ClientError) {
                    return try await parts.next(isolation: nil)
                } catch {
                    throw try UpstreamFailure(error)
                }
            }
        )
    }
}

extension UpstreamFailure {
    /// A reload has taken the backend away meanwhile.
    fileprivate static let gone = UpstreamFailure.unreachable("it is configured no more")

    /// What the client library says, in the pipeline's words.
    ///
    /// - Throws: `CancellationError`, where the request was cancelled because the app has gone.
    init(_ error: ClientError) throws {
        switch error {
        case .cancelled: throw CancellationError()
        case .connectFailed(_, let reason): self = .unreachable(reason)
        case .tlsFailed(_, let reason): self = .unreachable("TLS failed: \(reason)")
        case .shutDown: self = .unreachable("prefd is stopping")
        case .connectTimedOut: self = .connectTimedOut
        case .firstByteTimedOut, .idleTimedOut: self = .timedOut
        case .closedBeforeResponse: self = .broken("it closed the connection without an answer")
        case .truncated: self = .broken("it closed the connection in the middle of its answer")
        case .malformedResponse: self = .broken("its answer is not valid HTTP/1.1")
        case .responseTooLarge: self = .broken("its answer is too large")
        case .invalidRequest: self = .broken("the request could not be written for it")
        }
    }
}
