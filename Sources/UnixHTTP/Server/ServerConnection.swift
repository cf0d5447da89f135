import NIOCore
import NIOHTTP1

/// One accepted connection: its framing, and the function that serves it from first to last.
struct ServerConnection: Sendable {
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
        bodies: BodyBudget,
        refusal: RequestFault?
    ) throws -> ServerConnection {
        let control = ConnectionControl()
        let assembler = RequestAssembler(
            limits: limits,
            bodies: bodies,
            peer: peer,
            control: control,
            refusal: refusal
        )
        try channel.pipeline.syncOperations.addHandler(assembler)
        let entry = ConnectionRegistry.Entry(
            channel: channel,
            control: control,
            assembler: NIOLoopBound(assembler, eventLoop: channel.eventLoop),
            uid: peer.uid
        )
        return ServerConnection(entry: entry, peer: peer)
    }

    /// Serves the connection's requests one after the other until it is closed.
    ///
    /// Runs on the connection's event loop, by the preference of its task.
    func serve(_ responder: any HTTPResponder) async {
        let assembler = entry.assembler
        while let event = await assembler.value.nextEvent(), control.beginExchange() {
            await answer(event, responder)
            control.endExchange()
        }
        // The client has said all it will: let it read to the end.
        _ = await withCheckedContinuation { assembler.value.put(.close, resuming: $0) }
        try? await entry.channel.closeFuture.get()
    }

    private func answer(_ event: InboundEvent, _ responder: any HTTPResponder) async {
        let response: ResponseWriter
        switch event {
        case .request(let request, let keepsAlive):
            response = ResponseWriter(to: entry, request: request.head, keepsAlive: keepsAlive)
            // What went wrong is the responder's to tell; here only the wire is looked after.
            try? await responder.respond(to: request, through: response)
        case .fault(let fault, let head):
            response = ResponseWriter(to: entry, request: head, keepsAlive: false)
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
            await response.breakOff()
        }
    }
}
