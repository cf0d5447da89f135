public import NIOCore
public import NIOHTTP1
public import PrefModel

/// Where the pipeline learns what a principal prefers.
public protocol ProfileSource: Sendable {
    /// The principal's snapshot, as it counts in an app. Never waits for a disk write.
    ///
    /// - Throws: whatever keeps the snapshot from being read; the exchange then goes on without
    ///   personalization, since a broken store must not break an answer.
    func profile(of principal: Principal, in app: String) async throws -> Profile

    /// The keyed pseudonym that stands for a principal in the journal.
    func pseudonym(of principal: Principal) -> String
}

/// Takes the signals that the pipeline notices by itself.
public protocol SignalSink: Sendable {
    /// Keeps one where the user allows it; never throws, for no answer depends on it.
    func notice(_ noticed: NoticedSignal, of principal: Principal) async
}

/// Puts several answers to one request into the order in which their user would like them.
public protocol AnswerRanking: Sendable {
    /// The answers, the best first; nil where too little is known of the user to say.
    func order(
        _ answers: [TextFeatures],
        of principal: Principal,
        in context: RequestContext
    ) async -> [RankedAnswer]?
}

/// A request on its way to a backend.
public struct ForwardRequest: Sendable {
    /// The method.
    public let method: String
    /// Path and query.
    public let target: String
    /// The headers, already filtered for the backend.
    public let headers: HTTPHeaders
    /// The body, already rewritten.
    public let body: ByteBuffer

    /// Makes a request.
    public init(method: String, target: String, headers: HTTPHeaders, body: ByteBuffer) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

/// A backend's answer, its body still arriving.
public struct ForwardResponse: Sendable {
    /// The HTTP status.
    public let status: Int
    /// The backend's headers.
    public let headers: HTTPHeaders
    /// The next piece of the body, or nil at its clean end.
    ///
    /// A body that breaks off throws.
    public let nextChunk: @Sendable () async throws -> ByteBuffer?

    /// Makes a response.
    public init(
        status: Int,
        headers: HTTPHeaders,
        nextChunk: @escaping @Sendable () async throws -> ByteBuffer?
    ) {
        self.status = status
        self.headers = headers
        self.nextChunk = nextChunk
    }
}

/// Why a backend gave no answer.
public enum UpstreamFailure: Error, Sendable, Equatable {
    /// Nobody answers there, or nobody that can be trusted; why, in a few words.
    case unreachable(String)
    /// No connection to it was made within the configured time.
    case connectTimedOut
    /// It did not answer within the configured time.
    case timedOut
    /// It broke HTTP, or went away in the middle.
    case broken(String)

    /// Whether it cannot have seen any of the request, so that sending it elsewhere is safe.
    public var nothingWasSent: Bool {
        switch self {
        case .unreachable, .connectTimedOut: true
        case .timedOut, .broken: false
        }
    }

    /// What is wrong, in a few words.
    public var inWords: String {
        switch self {
        case .unreachable(let why): "it cannot be reached: \(why)"
        case .connectTimedOut: "no connection to it was made in time"
        case .timedOut: "it did not answer in time"
        case .broken(let how): how
        }
    }
}

/// Reaches backends.
///
/// Cancelling the calling task closes the backend's connection at once.
public protocol Upstream: Sendable {
    /// Sends a request and lets `consume` read the answer; the connection is given back, or closed
    /// where the answer was not read to its end, when `consume` returns.
    ///
    /// - Throws: ``UpstreamFailure``, or what `consume` throws.
    func exchange<Outcome: Sendable>(
        _ request: ForwardRequest,
        with backend: Backend,
        _ consume: @Sendable (ForwardResponse) async throws -> Outcome
    ) async throws -> Outcome
}

/// Where an exchange writes its answer.
public protocol AnswerWriter: Sendable {
    /// Whether the head has been sent.
    var headSent: Bool { get }
    /// Sends a whole answer at once.
    func whole(status: Int, headers: HTTPHeaders, body: ByteBuffer) async throws
    /// Sends the head of an answer whose body follows in pieces.
    func head(status: Int, headers: HTTPHeaders) async throws
    /// Sends a piece of the body; waits while the client reads slowly.
    func write(_ bytes: ByteBuffer) async throws
    /// Ends the answer cleanly.
    func finish() async throws
    /// Breaks the answer off, so that nobody takes it for whole.
    func abort() async
}
