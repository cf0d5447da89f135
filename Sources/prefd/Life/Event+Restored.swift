import Foundation
import PrefModel
import PrefStore

extension Event {
    /// Says that a backup took the store's place.
    init(restored: RestoredBackup) {
        var more = [
            "PREFD_ERASED": String(restored.erased), "PREFD_WITHDRAWN": String(restored.withdrawn),
        ]
        if let time = restored.createdAt { more["PREFD_BACKUP"] = time.ISO8601Format() }
        self.init(
            .storeRestored,
            priority: .notice,
            message:
                "A backup was restored; \(restored.erased) users and \(restored.withdrawn) consents "
                + "that were erased after it stay erased.",
            more: more
        )
    }
}
