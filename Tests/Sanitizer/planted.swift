// Counts on several threads: with a lock where there is an argument, and without one where there is none, which
// the sanitizer must find.

import Dispatch
import Synchronization

let guarded = Mutex(0)
nonisolated(unsafe) var bare = 0
let isGuarded = CommandLine.arguments.count > 1

DispatchQueue.concurrentPerform(iterations: 8) { _ in
    for _ in 0..<20_000 {
        if isGuarded {
            guarded.withLock { _ in bare += 1 }
        } else {
            bare += 1
        }
    }
}
print(bare)
