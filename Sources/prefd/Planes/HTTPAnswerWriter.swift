import NIOCore
import NIOHTTP1
import PrefPipeline
import UnixHTTP

/// The pipeline's answer as the server writes it.
struct HTTPAnswerWriter: AnswerWriter {
    let response: ResponseWriter

    var headSent: Bool { response.hasBegun }

    func whole(status: Int, headers: HTTPHeaders, body: ByteBuffer) async throws {
        try await response.send(
            HTTPResponseStatus(statusCode: status),
            headers: headers,
            body: body
        )
    }

    func head(status: Int, headers: HTTPHeaders) async throws {
        try await response.begin(HTTPResponseStatus(statusCode: status), headers: headers)
    }

    func write(_ bytes: ByteBuffer) async throws { try await response.write(bytes) }
    func finish() async throws { try await response.finish() }
    func abort() async { response.abort() }
}
