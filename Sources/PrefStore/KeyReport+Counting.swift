internal import FoundationEssentials

extension KeyReport {
    /// What a report says of users' data keys, counted one by one.
    struct DataKeys {
        private var epochs: [Int: Int] = [:]
        private var days: ClosedRange<UInt64>?

        mutating func count(_ entry: KeyringEntry) {
            epochs[Int(entry.epoch), default: 0] += 1
            let day = entry.createdDay
            days = min(days?.lowerBound ?? day, day)...max(days?.upperBound ?? day, day)
        }

        func report(
            source: String?,
            header: KeyringHeader,
            erased: Int,
            mostWrites: Int
        ) -> KeyReport {
            KeyReport(
                source: source,
                masterEpoch: Int(header.masterKeyEpoch),
                masterSince: Self.date(header.rotatedDay ?? header.createdDay),
                storeMade: Self.date(header.createdDay),
                generation: Int(header.generation),
                erased: erased,
                dataKeys: epochs,
                oldestDataKey: days.map { Self.date($0.lowerBound) },
                newestDataKey: days.map { Self.date($0.upperBound) },
                mostWrites: mostWrites
            )
        }

        private static func date(_ day: UInt64) -> Date {
            Date(timeIntervalSince1970: Double(day) * 86_400)
        }
    }
}
