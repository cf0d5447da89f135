import NIOCore
import NIOHTTP1

/// One accepted connection: its channel, and the function that serves it from first to last.
struct ServerConnection: Sendable {
    let stream: NIOAsyncChannel<InboundEvent, OutboundPart>
    let entry: ConnectionRegistry.Entry
    let peer: PeerCredentials

    private var control: ConnectionControl { entry.control }

    /// Sets up the pipeline of a channel that was just accepted.
    ///
    /// Runs on the channel's event loop.
    static func configure(
        _ channel: any Channel,
        peer: PeerCredentials,
        limits: ServerLimits,
        refusal: RequestFault?
    ) throws -> ServerConnection {
        let control = ConnectionControl()
        let assembler = RequestAssembler(
            limits: limits,
            peer: peer,
            control: control,
            refusal: refusal
        )
        var parsing = NIOHTTPDecoderLimitConfiguration()
        parsing.maxHeaderFieldSize = limits.maxHeaderBytes
        parsing.maxHeaderListSize = limits.maxHeaderBytes
        parsing.maxHeaderFieldCount = limits.maxHeaderFields
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(ByteGate(assembler: assembler))
        try pipeline.addHandler(
            ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: parsing))
        )
        try pipeline.addHandler(assembler)
        // One request waits while another is served; what else there is stays with the kernel.
        let stream = try NIOAsyncChannel<InboundEvent, OutboundPart>(
            wrappingChannelSynchronously: channel,
            configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 1))
        )
        let entry = ConnectionRegistry.Entry(
            channel: channel,
            control: control,
            assembler: NIOLoopBound(assembler, eventLoop: channel.eventLoop),
            uid: peer.uid
        )
        return ServerConnection(stream: stream, entry: entry, peer: peer)
    }

    /// Serves the connection's requests one after the other until it is closed.
    func serve(_ responder: any HTTPResponder) async {
        // An error here is the end of the socket, which is the end of this function anyway.
        try? await stream.executeThenClose { inbound, outbound in
            for try await event in inbound {
                guard control.beginExchange() else { break }
                await answer(event, responder, outbound)
                control.endExchange()
            }
            // The client has said all it will: let it read to the end.
            try await outbound.write(.close)
            try await stream.channel.closeFuture.get()
        }
    }

    private func answer(
        _ event: InboundEvent,
        _ responder: any HTTPResponder,
        _ outbound: NIOAsyncChannelOutboundWriter<OutboundPart>
    ) async {
        let response: ResponseWriter
        switch event {
        case .request(let request, let keepsAlive):
            response = ResponseWriter(
                outbound: outbound,
                control: control,
                request: request.head,
                keepsAlive: keepsAlive
            )
            // What went wrong is the responder's to tell; here only the wire is looked after.
            try? await responder.respond(to: request, through: response)
        case .fault(let fault, let head):
            response = ResponseWriter(
                outbound: outbound,
                control: control,
                request: head,
                keepsAlive: false
            )
            try? await responder.respond(to: fault, head: head, peer: peer, through: response)
        }
        switch response.outcome {
        case .finished:
            break
        case .notBegun:
            try? await response.send(
                .internalServerError,
                headers: ["content-type": "text/plain; charset=utf-8"],
                body: ByteBuffer(string: "The server could not answer this request.\n")
            )
        case .unfinished:
            try? await outbound.write(.last(ByteBuffer(), then: .close))
        }
    }
}
