import NIOCore
import NIOHTTP1

/// Asks a proxy for a way to the real server, before anything else is said on a connection.
///
/// The handlers behind it see the connection begin when the way is there, and know nothing of it. TLS
/// is theirs: the proxy sees what anyone on the network would.
/// Source: RFC 9110, section 9.3.6 (CONNECT); RFC 9209 (`Proxy-Status`).
final class TunnelOpening: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let target: String
    private let endpoint: Endpoint
    private let opening: ConnectionOpening
    private var heads = HeadReader(maxBytes: 8 * 1024, maxFields: 64)
    private var unread = ByteBuffer()
    private var isOver = false

    init(to target: String, endpoint: Endpoint, opening: ConnectionOpening) {
        self.target = target
        self.endpoint = endpoint
        self.opening = opening
    }

    func channelActive(context: ChannelHandlerContext) {
        let question = "CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: question)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return context.fireChannelRead(data) }
        var bytes = unwrapInboundIn(data)
        unread.writeBuffer(&bytes)
        do throws(WireFault) {
            guard let (head, _) = try heads.response(from: &unread) else { return }
            guard (200..<300).contains(head.status.code) else {
                return fail(
                    ProxyStatus.details(in: head.headers)
                        ?? "its proxy answered \(head.status.code)"
                )
            }
        } catch {
            return fail("its proxy did not answer as one does")
        }
        isOver = true
        context.fireChannelActive()
        // No server speaks first in HTTP, nor in TLS; what did all the same is for those behind.
        if unread.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(unread)) }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    private func fail(_ reason: String) {
        isOver = true
        // This closes the connection.
        opening.fail(.connectFailed(endpoint: endpoint, reason: reason))
    }
}
