import NIOCore

extension NIOLoopBound where Value: AnyObject {
    /// Runs on the value's event loop: now where this is it, soon otherwise.
    func onLoop(_ body: @escaping @Sendable (Value) -> Void) {
        if eventLoop.inEventLoop {
            body(value)
        } else {
            eventLoop.execute { body(value) }
        }
    }
}
