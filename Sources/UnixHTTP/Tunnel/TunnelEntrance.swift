import NIOCore
import NIOHTTP1
import NIOPosix

/// The near end of a tunnel, until it stands: reads where it is to lead to, and connects.
final class TunnelEntrance: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case reading
        case connecting
        case over
    }

    private static let longestEarlyWord = 64 * 1024

    private let refusal: @Sendable (TunnelProxy.Target) -> String?
    private var heads = HeadReader(maxBytes: 8 * 1024, maxFields: 64)
    private var unread = ByteBuffer()
    private var phase = Phase.reading

    init(refusal: @escaping @Sendable (TunnelProxy.Target) -> String?) {
        self.refusal = refusal
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        unread.writeBuffer(&bytes)
        guard case .reading = phase else {
            // Whoever waits to be connected has nothing to say yet.
            if unread.readableBytes > Self.longestEarlyWord { context.close(promise: nil) }
            return
        }
        do throws(WireFault) {
            guard let (head, _) = try heads.request(from: &unread) else { return }
            guard head.method == .CONNECT else {
                return refuse(context, "405 Method Not Allowed", "this is a proxy for CONNECT")
            }
            guard let place = try? Endpoint.hostAndPort(head.target[...]), let port = place.port
            else { return refuse(context, "400 Bad Request", "the target is not host:port") }
            let target = TunnelProxy.Target(host: place.host, port: port)
            if let reason = refusal(target) {
                return refuse(context, "403 Forbidden", "its proxy refused: \(reason)")
            }
            connect(context, to: target)
        } catch {
            refuse(context, "400 Bad Request", "this is no request of HTTP")
        }
    }

    private func connect(_ context: ChannelHandlerContext, to target: TunnelProxy.Target) {
        phase = .connecting
        let near = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        guard DescriptorBudget.process.free > 0 else {
            return refuse(
                context,
                "503 Service Unavailable",
                "too many open files in its proxy"
            )
        }
        ClientBootstrap(group: context.eventLoop)
            .channelOption(.maxMessagesPerRead, value: 1)
            // Nothing is read before there is somebody to pass it on to.
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                DescriptorBudget.process.count(channel)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .connect(toHost: target.host, target.port)
            .whenComplete { result in
                let (handler, context) = near.value
                switch result {
                case .success(let far): handler.join(context, far)
                case .failure(let error):
                    handler.refuse(context, "502 Bad Gateway", connectFailureText(error))
                }
            }
    }

    private func join(_ context: ChannelHandlerContext, _ far: any Channel) {
        // The client may have gone meanwhile.
        guard case .connecting = phase, context.channel.isActive else {
            return far.close(promise: nil)
        }
        phase = .over
        let (here, there) = TunnelRelay.pair()
        do {
            try far.pipeline.syncOperations.addHandler(there)
            try context.pipeline.syncOperations.addHandler(here)
        } catch {
            far.close(promise: nil)
            return context.close(promise: nil)
        }
        let answer = ByteBuffer(string: "HTTP/1.1 200 Connected\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        if unread.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(unread))
            context.fireChannelReadComplete()
        }
        far.setOption(.autoRead, value: true).whenFailure { _ in far.close(promise: nil) }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    private func refuse(_ context: ChannelHandlerContext, _ status: String, _ reason: String) {
        if case .over = phase { return }
        phase = .over
        let text =
            "HTTP/1.1 \(status)\r\n\(ProxyStatus.field): \(ProxyStatus.value(details: reason))\r\n"
            + "content-length: 0\r\nconnection: close\r\n\r\n"
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .over
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
