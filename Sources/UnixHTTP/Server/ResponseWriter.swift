public import NIOCore
public import NIOHTTP1

import Synchronization

/// Writes the one answer to a request, whole or in parts, no faster than the client reads it.
///
/// Every function that writes waits while the client is more than
/// ``ServerLimits/writeBufferBytes`` behind. `HEAD`, 204 and 304 have no body: what is written to
/// one is dropped. Framing (`Transfer-Encoding`, `Connection`) is the writer's own, and left out
/// of the fields that it is given; a `Content-Length` among them is kept and held to.
public final class ResponseWriter: Sendable {
    fileprivate enum Phase {
        case notBegun
        case streaming(ResponseFraming, written: Int, closes: Bool)
        case finished
        case aborted
    }

    private let connection: ConnectionRegistry.Entry
    private let request: RequestHead?
    private let keepsAlive: Bool
    private let phase = Mutex(Phase.notBegun)

    init(to connection: ConnectionRegistry.Entry, request: RequestHead?, keepsAlive: Bool) {
        self.connection = connection
        self.request = request
        self.keepsAlive = keepsAlive
    }

    /// Whether a head is on its way: after that, an error can no longer have a status of its own.
    public var hasBegun: Bool {
        phase.withLock { phase in
            if case .notBegun = phase { false } else { true }
        }
    }

    /// Whether the answer is complete or was given up.
    public var hasEnded: Bool {
        phase.withLock { phase in
            switch phase {
            case .notBegun, .streaming: false
            case .finished, .aborted: true
            }
        }
    }

    /// Sends the head at once; the body follows by ``write(_:)`` and ends by ``finish()``.
    ///
    /// - Throws: ``ResponseWriteError``, when there is nobody to send to or nothing to send.
    public func begin(
        _ status: HTTPResponseStatus,
        headers: HTTPHeaders = [:]
    ) async throws(ResponseWriteError) {
        let head = try makeHead(status, headers, length: nil)
        let bytes = try encode(head)
        try phase.withLock { phase throws(ResponseWriteError) in
            guard case .notBegun = phase else { throw .alreadyBegun }
            let closes = head.connection == "close"
            phase = .streaming(head.framing, written: 0, closes: closes)
        }
        try await put(.more(bytes))
    }

    /// Sends a part of the body, as one chunk where the body is chunked.
    ///
    /// - Throws: ``ResponseWriteError``, also when the part is more than was declared: none of it
    ///   is sent then.
    public func write(_ part: ByteBuffer) async throws(ResponseWriteError) {
        let framing = try phase.withLock { phase throws(ResponseWriteError) in
            guard case .streaming(let framing, var written, let closes) = phase else {
                throw phase.misuse
            }
            written += part.readableBytes
            if case .length(let declared) = framing, written > declared {
                throw .lengthMismatch(declared: declared, written: written)
            }
            phase = .streaming(framing, written: written, closes: closes)
            return framing
        }
        guard let framed = framing.frame(part) else { return }
        try await put(.more(framed))
    }

    /// Ends the answer: from here on the client may leave without cancelling the handler.
    ///
    /// - Throws: ``ResponseWriteError``; a body shorter than was declared stays without its end,
    ///   and the connection is closed.
    public func finish() async throws(ResponseWriteError) {
        let (framing, closes) = try phase.withLock { phase throws(ResponseWriteError) in
            guard case .streaming(let framing, let written, let closes) = phase else {
                throw phase.misuse
            }
            if case .length(let declared) = framing, written != declared {
                throw .lengthMismatch(declared: declared, written: written)
            }
            phase = .finished
            return (framing, closes)
        }
        // Before the last bytes leave: a client that has them may close at once.
        connection.control.endExchange()
        try await put(.last(framing.terminator, then: closes ? .close : .keepAlive))
    }

    /// Sends a whole answer in one write, with its `Content-Length`.
    ///
    /// - Throws: ``ResponseWriteError``, when there is nobody to send to or nothing to send.
    public func send(
        _ status: HTTPResponseStatus,
        headers: HTTPHeaders = [:],
        body: ByteBuffer = ByteBuffer()
    ) async throws(ResponseWriteError) {
        let head = try makeHead(status, headers, length: body.readableBytes)
        let sent = head.framing == .none ? ByteBuffer() : body
        let isCopied = sent.readableBytes <= HeadWriter.copiedBytes
        let bytes = try encode(head, with: isCopied ? sent : nil)
        try phase.withLock { phase throws(ResponseWriteError) in
            guard case .notBegun = phase else { throw .alreadyBegun }
            phase = .finished
        }
        connection.control.endExchange()
        let next: OutboundPart.Next = head.connection == "close" ? .close : .keepAlive
        if isCopied {
            try await put(.last(bytes, then: next))
        } else {
            try await put(.more(bytes))
            try await put(.last(sent, then: next))
        }
    }

    /// Gives the answer up: the client sees it end without its end, never as a whole one.
    ///
    /// What was written before is still delivered, and the connection closed when the handler
    /// returns. (An answer to HTTP/1.0 without a length has no other end than that.)
    public func abort() {
        phase.withLock { $0 = .aborted }
    }

    /// Closes the connection after an answer that its handler left without an end.
    func breakOff() async {
        try? await put(.last(ByteBuffer(), then: .close))
    }

    /// `length` is that of the whole body, where it is known.
    private func makeHead(
        _ status: HTTPResponseStatus,
        _ headers: HTTPHeaders,
        length: Int?
    ) throws(ResponseWriteError) -> ResponseHead {
        guard status.code >= 200 else { throw .notFinal(status: Int(status.code)) }
        let framing = ResponseFraming(
            request: request,
            status: status,
            declaredLength: length ?? headers.declaredLength
        )
        var connection: String?
        if !keepsAlive || self.connection.control.isDraining || framing == .untilClose {
            connection = "close"
        } else if request?.version == .http1_0 {
            connection = "keep-alive"
        }
        // The length of a HEAD's answer is that of the body it stands for.
        let isDeclared = framing != .none || (request?.method == .HEAD && status != .noContent)
        return ResponseHead(
            status: status,
            headers: headers,
            framing: framing,
            length: isDeclared ? length : nil,
            connection: connection
        )
    }

    private func encode(
        _ head: ResponseHead,
        with body: ByteBuffer? = nil
    ) throws(ResponseWriteError) -> ByteBuffer {
        do {
            return try head.encoded(with: body)
        } catch {
            throw .unwritableField(name: error.name)
        }
    }

    /// Writes a part; where the client keeps up, without waiting for anything.
    private func put(_ part: OutboundPart) async throws(ResponseWriteError) {
        guard !Task.isCancelled else { throw endOfWriting }
        let framing = connection.assembler
        var written: Bool?
        if framing.eventLoop.inEventLoop { written = framing.value.put(part) }
        if written == nil {
            written = await withCheckedContinuation { waiter in
                framing.onLoop { $0.put(part, resuming: waiter) }
            }
        }
        guard written == true else { throw endOfWriting }
    }

    private var endOfWriting: ResponseWriteError {
        Task.isCancelled && !connection.control.peerIsGone ? .cancelled : .clientGone
    }
}

extension ResponseWriter {
    /// How a handler left its answer.
    enum Outcome {
        case notBegun
        case finished
        case unfinished
    }

    var outcome: Outcome {
        phase.withLock { phase in
            switch phase {
            case .notBegun: .notBegun
            case .streaming, .aborted: .unfinished
            case .finished: .finished
            }
        }
    }
}

extension ResponseWriter.Phase {
    fileprivate var misuse: ResponseWriteError {
        if case .notBegun = self { .notBegun } else { .alreadyEnded }
    }
}
