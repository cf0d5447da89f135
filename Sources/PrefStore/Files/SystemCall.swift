internal import Glibc

/// A system call that failed: the call's name and `errno`.
struct SystemCall: Error, Equatable {
    let name: String
    let code: Int32

    /// Why, in the system's words.
    var reason: String { "\(name): \(Self.reason(code))" }

    /// The system's words for an `errno`.
    static func reason(_ code: Int32) -> String {
        switch code {
        case ENOSPC: return "no space is left on the disk"
        case EDQUOT: return "the disk quota is used up"
        default: break
        }
        // Unsafe: strerror_r writes a terminated string into the buffer that it is given.
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, unsafe strerror_r(code, start, buffer.count) == 0
            else { return "error \(code)" }
            return unsafe String(cString: start)
        }
    }

    /// Runs a call again while a signal interrupts it.
    @discardableResult
    static func retrying(_ name: String, _ call: () -> Int) throws(SystemCall) -> Int {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw SystemCall(name: name, code: code) }
        }
    }
}
