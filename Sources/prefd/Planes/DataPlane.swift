import NIOCore
import NIOHTTP1
import PrefAPI
import PrefModel
import PrefPipeline
import UnixHTTP

/// Serves the data socket for one connection: apps' requests, and prefd's own API.
///
/// Made when the connection arrives, for the peer that the kernel named; who is asking is settled
/// before the first request is read.
struct DataPlane: HTTPResponder {
    let peer: Peer
    let pipeline: Pipeline
    let api: DataAPI
    let memory = TopicMemory()

    func respond(to request: HTTPRequest, through response: ResponseWriter) async throws {
        let writer = HTTPAnswerWriter(response: response)
        guard DataAPI.serves(path: request.path) else {
            let incoming = IncomingRequest(
                method: request.method.rawValue,
                path: request.path,
                // Also of a target in absolute form, whose host is not the backend's.
                target: request.path + (request.query.map { "?" + $0 } ?? ""),
                headers: request.headers,
                body: request.body
            )
            return try await pipeline.serve(
                incoming,
                from: peer,
                recalling: memory,
                into: writer
            )
        }
        do {
            let principal = try peer.principal(request.headers)
            let call = APIRequest(request, principal: principal, app: peer.app, isAdmin: false)
            try await api.respond(to: call).send(through: response)
        } catch let refusal as Refusal {
            try await OwnError.send(refusal, through: response)
        }
    }

    func respond(
        to fault: RequestFault,
        head: RequestHead?,
        peer: PeerCredentials,
        through response: ResponseWriter
    ) async throws {
        let refusal = Refusal(fault)
        let path = head?.path ?? "/"
        guard !DataAPI.serves(path: path) else {
            return try await OwnError.send(refusal, through: response)
        }
        try await pipeline.refuse(refusal, path: path, into: HTTPAnswerWriter(response: response))
    }
}

/// Serves the admin socket for one connection whose peer may use it.
struct AdminPlane: HTTPResponder {
    let peer: Peer
    let api: AdminAPI

    func respond(to request: HTTPRequest, through response: ResponseWriter) async throws {
        let call = APIRequest(
            request,
            principal: .user(uid: peer.uid),
            app: peer.app,
            isAdmin: true
        )
        try await api.respond(to: call).send(through: response)
    }

    func respond(
        to fault: RequestFault,
        head: RequestHead?,
        peer: PeerCredentials,
        through response: ResponseWriter
    ) async throws {
        try await OwnError.send(Refusal(fault), through: response)
    }
}

/// Answers a peer that may not use the admin socket.
///
/// Nothing else runs for it.
struct RefusedPlane: HTTPResponder {
    func respond(to request: HTTPRequest, through response: ResponseWriter) async throws {
        try await OwnError.send(
            status: 403,
            code: "not_admin",
            message: "This socket is for root and members of the group prefd-admin.",
            hint: "Ask an admin, or use the data socket for what is your own.",
            through: response
        )
    }
}
