internal import CSecretMemory
internal import Glibc

/// A fixed number of bytes that are never swapped, never in a core dump, and zeroed when released.
///
/// `@unchecked Sendable`: the memory is written only by the closure that `init` runs, before the
/// object can be shared; afterwards it is only read. `@safe`: the pointer never leaves the object,
/// which owns the memory from `init` to `deinit` and lends it only as bounded spans.
@safe final class SecretBytes: @unchecked Sendable {
    let count: Int
    private let memory: UnsafeMutableRawPointer

    /// Maps memory and has it filled once.
    ///
    /// - Throws: ``StoreError/secretMemoryRefused(reason:)``, or what `fill` throws.
    init(
        count: Int,
        fill: (inout MutableRawSpan) throws(StoreError) -> Void
    ) throws(StoreError) {
        // Unsafe: the shim returns memory of at least `count` bytes, owned by this object alone.
        guard let memory = unsafe csecret_map(count) else {
            throw .secretMemoryRefused(reason: SystemCall.reason(errno))
        }
        self.count = count
        unsafe self.memory = unsafe memory
        var span = unsafe MutableRawSpan(_unsafeStart: memory, byteCount: count)
        try fill(&span)
    }

    deinit {
        // Unsafe: the same memory and length as in `init`; nothing refers to it any more.
        unsafe csecret_unmap(memory, count)
    }

    /// Lends the bytes for the time of the call.
    func withBytes<Value, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        // Unsafe: the span cannot outlive the call, and `self` keeps the memory mapped during it.
        let span = unsafe RawSpan(_unsafeStart: memory, byteCount: count)
        return try body(span)
    }
}
