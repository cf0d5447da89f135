internal import FoundationEssentials
internal import PrefLearning
public import PrefModel
internal import Synchronization

// How what is known of a user comes, is kept up, and goes.

extension Tastes {
    /// How old what is known may be before the signals are read again.
    private static let freshSeconds = 86_400.0

    /// What is known of a user, read from their signals where it is not in memory.
    ///
    /// All who ask meanwhile wait for one reading, which goes on when they have given up. Where it is
    /// not done within `patience`, or fails, what was known before it is known still.
    func known(_ principal: Principal, within patience: Duration? = nil) async -> KnownTastes? {
        let date = now()
        let (found, joined) = state.withLock { state -> (KnownTastes?, TasteMemory.Joined?) in
            let found = state.memory.use(principal)
            if let found, abs(date.timeIntervalSince(found.readAt)) < Self.freshSeconds {
                return (found, nil)
            }
            return (found, state.memory.join(principal))
        }
        guard let joined else { return found }
        if joined.isNew { Task.detached { await self.read(principal, into: joined.reading) } }
        return (await joined.reading.value(within: patience) ?? nil) ?? found
    }

    private func read(_ principal: Principal, into reading: Awaited<KnownTastes?>) async {
        var read: KnownTastes?
        do {
            let kept = try await signals(principal)
            var views = TasteViews(kept, by: learner)
            for (place, conclusions) in await conclusions(from: views, at: views.places) {
                views[place].conclusions = conclusions
            }
            read = KnownTastes(
                views: views,
                absorbed: Set(kept.signals.map(\.id)),
                readAt: now()
            )
        } catch {
            onFailure(principal)
        }
        state.withLock { [read] state in state.memory.end(reading, of: principal, read) }
        reading.fulfil(read)
    }

    /// What follows from what is known in some places; off the event loops, for it takes up to a few
    /// milliseconds each.
    private func conclusions(
        from views: TasteViews,
        at places: [TasteViews.Place]
    ) async -> [TasteViews.Place: TasteView.Conclusions] {
        let taught = places.filter { views[$0].model.signals > 0 }
        guard !taught.isEmpty else { return [:] }
        return await Task.detached { [learner, reading, now] in
            let date = now()
            var concluded: [TasteViews.Place: TasteView.Conclusions] = [:]
            for place in taught {
                let view = views[place]
                let sure = reading.preferences(
                    of: view.model,
                    belief: learner.belief(of: view.model, at: date),
                    in: place.app,
                    at: date
                ).filter { !$0.isStale }
                let isHarmful = sure.map { view.trials.effect(of: $0)?.isHarmful == true }
                concluded[place] = TasteView.Conclusions(
                    used: zip(sure, isHarmful).filter { !$0.1 }.map(\.0),
                    dropped: zip(sure, isHarmful).filter(\.1).map(\.0)
                )
            }
            return concluded
        }.value
    }

    /// What to ask for before the store is given a signal, for ``absorb(_:of:since:)``.
    var losses: UInt64 { state.withLock { $0.memory.losses } }

    /// Takes a signal that the store has just kept.
    ///
    /// Returns when it counts; whoever is not in memory is read with it at next use, and so is everyone
    /// of whom it may have been deleted meanwhile, which is where anything was forgotten since.
    func absorb(_ signal: Signal, of principal: Principal, since losses: UInt64) async {
        let changed = state.withLock { state -> (TasteViews, [TasteViews.Place])? in
            guard state.memory.losses == losses else {
                state.memory.drop(principal)
                return nil
            }
            // What is being read may lack the signal, or have it: it is read again.
            state.memory.discardReading(of: principal)
            let learner = state.learner
            var changed: (TasteViews, [TasteViews.Place])?
            var isOneTooMany = false
            state.memory.update(principal) { known in
                guard known.absorbed.insert(signal.id).inserted else { return }
                if let places = known.views.absorb(signal, by: learner) {
                    changed = (known.views, places)
                } else {
                    isOneTooMany = true
                }
            }
            if isOneTooMany { state.memory.drop(principal) }
            if changed != nil { state.signals += 1 }
            return changed
        }
        guard let (views, places) = changed else { return }
        let concluded = await conclusions(from: views, at: places)
        state.withLock { state in
            state.memory.update(principal) { now in
                // Another signal may have come in between; then what that one gave is newer.
                for (place, conclusions) in concluded
                where now.views[place].signals == views[place].signals {
                    now.views[place].conclusions = conclusions
                }
            }
        }
    }

    /// Drops what is known of a user, to be read again from what signals are left.
    public func forget(_ principal: Principal) {
        state.withLock { $0.memory.forget(principal) }
    }

    /// Drops what is known of those whom another host wrote about, by pseudonym.
    public func forget(_ pseudonyms: Set<String>, named name: (Principal) -> String) {
        // Each name is a keyed hash: not while others wait.
        let held = state.withLock { Set($0.memory.known.keys).union($0.memory.readings.keys) }
        for principal in held where pseudonyms.contains(name(principal)) { forget(principal) }
    }

    /// Drops what is known of everyone.
    public func forgetAll() { state.withLock { $0.memory.forgetAll() } }
}
