internal import Dispatch
internal import Synchronization

extension Array where Element: Sendable {
    /// Transforms all elements, on as many cores as there are; what comes out is in their order.
    func concurrentMap<Result: Sendable>(
        _ transform: @Sendable (Element) -> Result
    ) -> [Result] {
        #if SERIAL
            // States that rules share are numbered as they are met. Those who look for faults by
            // chance need the same numbers each time, or what they found does not come back.
            return map(transform)
        #else
            let results = Mutex([Result?](repeating: nil, count: count))
            DispatchQueue.concurrentPerform(iterations: count) { index in
                let result = transform(self[index])
                results.withLock { $0[index] = result }
            }
            return results.withLock { $0.compactMap(\.self) }
        #endif
    }
}
