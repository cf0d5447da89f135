internal import FoundationEssentials
internal import PrefModel

extension WriteBatch {
    /// Sets preferences; grants `preferences` in the same act where it is not granted.
    func set(
        _ values: [(key: PreferenceKey, value: String)],
        of principal: Principal,
        method: ConsentMethod
    ) throws -> (preferences: [Preference], receipt: ConsentRecord?) {
        var user = try userOrNew(principal)
        var receipt: ConsentRecord?
        try prepare(user)
        if user.standing(.preferences) == nil {
            receipt = try add(.preferences, to: &user, method: method, retentionSeconds: nil)
        }
        let preferences = try values.map { key, value in
            try set(key, to: value, of: &user)
        }
        keep(user)
        return (preferences, receipt)
    }

    /// Removes the preferences of these keys, or all of them.
    func removePreferences(_ keys: Set<PreferenceKey>?, tag: IndexTag) throws -> [Preference] {
        guard var user = try user(tag) else { return [] }
        return try removePreferences(of: &user) { keys?.contains($0.key) ?? true }
    }

    private func removePreferences(
        of user: inout UserState,
        where isRemoved: (Preference) -> Bool
    ) throws -> [Preference] {
        let removed = user.preferences.filter { isRemoved($0.value) }
        guard !removed.isEmpty else { return [] }
        try delete(removed, from: &user)
        keep(user, deletesContent: true)
        return removed.map(\.value)
    }

    private func delete(_ removed: [UserState.Stored<Preference>], from user: inout UserState)
        throws
    {
        let writer = writer(for: user)
        for stored in removed {
            try writer.remove(stored.place, tag: stored.setTag, in: &user.head)
        }
        let places = Set(removed.map(\.place))
        user.preferences.removeAll { places.contains($0.place) }
    }

    private func set(
        _ key: PreferenceKey,
        to value: String,
        of user: inout UserState
    ) throws -> Preference {
        let position = user.preferences.firstIndex { $0.value.key == key }
        let old = position.map { user.preferences[$0] }
        guard old != nil || user.preferences.count < limits.preferences else {
            throw StoreError.tooMany(what: "preferences", limit: limits.preferences)
        }
        let isSame = old?.value.value == value
        let preference = Preference(
            key: key,
            value: value,
            source: .explicit,
            setAt: isSame ? old?.value.setAt ?? now : now,
            confirmedAt: now
        )
        let place = RecordPlace(
            .preferences,
            row: old?.place.row ?? .random(),
            version: (old?.place.version ?? 0) + 1
        )
        let tag = try writer(for: user)
            .put(preference, as: place, replacing: old?.setTag, in: &user.head)
        let stored = UserState.Stored(place: place, setTag: tag, value: preference)
        if let position {
            user.preferences[position] = stored
        } else {
            user.preferences.append(stored)
        }
        return preference
    }
}
