import ChatWire
import NIOCore

extension ByteBuffer {
    /// The bytes with some ranges replaced, in one copy.
    ///
    /// Offsets count from the reader index.
    func applying(_ splices: [Splice]) -> ByteBuffer {
        guard !splices.isEmpty else { return self }
        var changed = ByteBuffer()
        changed.reserveCapacity(Splice.length(splices, of: readableBytes))
        for piece in Splice.pieces(splices, of: readableBytes) {
            switch piece {
            case .original(let range):
                if let slice = getSlice(at: readerIndex + range.lowerBound, length: range.count) {
                    changed.writeImmutableBuffer(slice)
                }
            case .inserted(let bytes): changed.writeBytes(bytes)
            }
        }
        return changed
    }
}
