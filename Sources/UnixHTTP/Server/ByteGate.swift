import NIOCore

/// Stands before the parser: counts what arrives, and drops what nobody will read any more.
final class ByteGate: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let assembler: RequestAssembler

    init(assembler: RequestAssembler) {
        self.assembler = assembler
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if assembler.admits(unwrapInboundIn(data).readableBytes) {
            context.fireChannelRead(data)
        }
    }
}
