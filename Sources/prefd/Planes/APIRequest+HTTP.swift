import NIOCore
import NIOHTTP1
import PrefAPI
import PrefModel
import UnixHTTP

extension APIRequest {
    /// A call of prefd's own API from an HTTP request whose peer was identified.
    init(_ request: HTTPRequest, principal: Principal, app: String, isAdmin: Bool) {
        self.init(
            method: request.method.rawValue,
            target: request.target,
            headers: request.headers.map { ($0.name, $0.value) },
            body: Array(request.body.readableBytesView),
            principal: principal,
            app: app,
            isAdmin: isAdmin
        )
    }
}

extension APIResponse {
    /// Sends the answer.
    func send(through writer: ResponseWriter) async throws {
        var headers = HTTPHeaders(self.headers.map { ($0.name, $0.value) })
        headers.replaceOrAdd(name: "content-type", value: contentType)
        try await writer.send(
            HTTPResponseStatus(statusCode: status),
            headers: headers,
            body: ByteBuffer(bytes: body)
        )
    }
}
