import FoundationEssentials
import NIOCore
import NIOHTTP1
import PrefModel
import Synchronization

@testable import PrefPipeline

/// Preferences held in memory.
struct FixedPreferences: ProfileSource {
    var profile: Profile = .unknown
    var fails = false

    struct Unavailable: Error {}

    func profile(of principal: Principal, in app: String) async throws -> Profile {
        if fails { throw Unavailable() }
        return profile
    }

    func pseudonym(of principal: Principal) -> String { "p-test" }
}

/// A backend that plays one answer in the given pieces, and keeps what it received.
final class PlayedUpstream: Upstream {
    private let status: Int
    private let headers: HTTPHeaders
    private let pieces: [ByteBuffer]
    private let failure: UpstreamFailure?
    private let state = Mutex<[ForwardRequest]>([])

    init(
        status: Int = 200,
        headers: HTTPHeaders,
        pieces: [ByteBuffer],
        failure: UpstreamFailure? = nil
    ) {
        self.status = status
        self.headers = headers
        self.pieces = pieces
        self.failure = failure
    }

    var received: [ForwardRequest] { state.withLock { $0 } }

    func exchange<Outcome: Sendable>(
        _ request: ForwardRequest,
        with backend: Backend,
        _ consume: @Sendable (ForwardResponse) async throws -> Outcome
    ) async throws -> Outcome {
        state.withLock { $0.append(request) }
        let position = Mutex(0)
        let (pieces, failure) = (pieces, failure)
        return try await consume(
            ForwardResponse(status: status, headers: headers) {
                let next = position.withLock { position in
                    defer { position += 1 }
                    return position
                }
                if next < pieces.count { return pieces[next] }
                if let failure { throw failure }
                return nil
            }
        )
    }
}

/// An answer as a client gets it.
final class CollectedAnswer: AnswerWriter {
    struct State {
        var status: Int?
        var headers = HTTPHeaders()
        var body = ByteBuffer()
        var isFinished = false
        var isAborted = false
    }

    private let state = Mutex(State())

    var now: State { state.withLock { $0 } }
    var headSent: Bool { now.status != nil }
    var text: String { String(buffer: now.body) }

    func whole(status: Int, headers: HTTPHeaders, body: ByteBuffer) async throws {
        try await head(status: status, headers: headers)
        try await write(body)
        try await finish()
    }

    func head(status: Int, headers: HTTPHeaders) async throws {
        state.withLock {
            $0.status = status
            $0.headers = headers
        }
    }

    func write(_ bytes: ByteBuffer) async throws {
        state.withLock { _ = $0.body.writeImmutableBuffer(bytes) }
    }
    func finish() async throws { state.withLock { $0.isFinished = true } }
    func abort() async { state.withLock { $0.isAborted = true } }
}

/// Events kept for a test to look at.
final class CollectedEvents: EventSink {
    private let state = Mutex<[Event]>([])
    var all: [Event] { state.withLock { $0 } }
    func record(_ event: Event) { state.withLock { $0.append(event) } }
}
