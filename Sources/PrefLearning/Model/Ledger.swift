internal import FoundationEssentials
internal import PrefModel

/// Evidence kept apart by what kind of signal it came from and in which circumstances.
///
/// Kinds are apart because how far each can be relied on is learned; circumstances, because tastes
/// may shift with them.
struct Ledger: Hashable, Sendable, Codable {
    struct Entry: Hashable, Sendable, Codable {
        let cell: [ContextLevel]
        let kind: SignalKind
        var evidence: Evidence
    }

    /// In a stable order.
    private(set) var entries: [Entry] = []
    /// Signals that went in, unfaded.
    private(set) var signals = 0

    /// Adds an observation; a combination of circumstances beyond `mostCells` counts as none.
    mutating func add(
        _ site: Site,
        weight: Double,
        to key: (cell: [ContextLevel], kind: SignalKind)
    ) {
        let at = position(of: key, axes: site.x.count)
        entries[at].evidence.add(site, weight: weight)
    }

    /// Counts a signal, however many observations it was.
    mutating func countSignal() { signals += 1 }

    /// Takes all of another ledger.
    mutating func merge(_ other: Ledger) {
        for entry in other.entries {
            let at = position(
                of: (entry.cell, entry.kind),
                axes: entry.evidence.information.count
            )
            entries[at].evidence.add(entry.evidence)
        }
        signals += other.signals
    }

    mutating func fade(to factor: Double) {
        for i in entries.indices { entries[i].evidence.fade(to: factor) }
    }

    mutating func forget(axis: Int) {
        for i in entries.indices { entries[i].evidence.forget(axis: axis) }
    }

    /// The cells that it has.
    var cells: Set<[ContextLevel]> { Set(entries.map(\.cell)) }

    private mutating func position(
        of key: (cell: [ContextLevel], kind: SignalKind),
        axes: Int
    ) -> Int {
        if let found = entries.firstIndex(where: { $0.cell == key.cell && $0.kind == key.kind }) {
            return found
        }
        let at =
            entries.firstIndex { key.cell.precedes($0.cell, key.kind, $0.kind) } ?? entries.count
        entries.insert(
            Entry(cell: key.cell, kind: key.kind, evidence: Evidence(axes: axes)),
            at: at
        )
        return at
    }
}

extension [ContextLevel] {
    fileprivate func precedes(_ other: Self, _ kind: SignalKind, _ otherKind: SignalKind) -> Bool {
        if self == other { return kind.rawValue < otherKind.rawValue }
        return lexicographicallyPrecedes(other)
    }
}
