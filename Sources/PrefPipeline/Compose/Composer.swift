public import PrefModel

/// Which parts of the block an admin has settled in the config.
public struct ComposerSettings: Sendable, Equatable {
    /// When the universal charter is written.
    public enum Charter: String, Sendable {
        /// With at least one directive.
        case personalized
        /// In every request.
        case always
    }

    /// Where in the system prompt the block goes.
    public enum Placement: String, Sendable {
        /// After the app's own prompt, whose prefix then stays the same for all users.
        case end
        /// Before it.
        case start
    }

    /// The budget of the whole block, in estimated tokens.
    public var blockTokens: Int
    /// When the charter is written.
    public var charter: Charter
    /// Where the block goes.
    public var placement: Placement
    /// After how many turns of the user's the block's short form is said again near the end of the
    /// conversation; 0 for never.
    public var reminderAfterTurns: Int

    /// Makes settings; the defaults are the shipped config's.
    public init(
        blockTokens: Int = 200,
        charter: Charter = .personalized,
        placement: Placement = .end,
        reminderAfterTurns: Int = 8
    ) {
        self.blockTokens = blockTokens
        self.charter = charter
        self.placement = placement
        self.reminderAfterTurns = reminderAfterTurns
    }
}

/// What the composer decided for one request.
public struct Composition: Sendable, Equatable {
    /// The block, or nil where nothing is to be injected.
    public let block: String?
    /// The block's short form, for long conversations; nil where it has none.
    public let reminder: String?
    /// The directives in it, in its order.
    public let injected: [Directive]
    /// The preferences that applied and stayed out, and why.
    public let withheld: [WithheldDirective]

    init(
        block: String?,
        reminder: String? = nil,
        injected: [Directive],
        withheld: [WithheldDirective]
    ) {
        self.block = block
        self.reminder = reminder
        self.injected = injected
        self.withheld = withheld
    }

    /// The same, telling of learned preferences that are not used any more since they did harm.
    func telling(ofDropped dropped: [Preference], in circumstances: Circumstances) -> Composition {
        let holding = dropped.filter {
            $0.reach.holds(in: circumstances.context, topics: circumstances.topics)
        }
        guard !holding.isEmpty else { return self }
        return Composition(
            block: block,
            reminder: reminder,
            injected: injected,
            withheld: withheld + holding.map { WithheldDirective($0, .dropped) }
        )
    }

    /// The same preferences with nothing injected, for that reason.
    func withholdingAll(_ reason: WithheldDirective.Reason) -> Composition {
        let all = injected.map {
            WithheldDirective(key: $0.key, value: $0.value, reason: reason)
        }
        return Composition(block: nil, injected: [], withheld: all + withheld)
    }
}

/// Writes a principal's preferences into a block for the system prompt.
///
/// The same preferences in the same circumstances give the same bytes, turn after turn: backends
/// cache prompts by their prefix.
struct Composer: Sendable {
    let vocabulary: Vocabulary
    let settings: ComposerSettings

    init(vocabulary: Vocabulary = .standard, settings: ComposerSettings) {
        self.vocabulary = vocabulary
        self.settings = settings
    }

    /// Chooses and writes the directives that hold for a request.
    func compose(_ preferences: [Preference], in circumstances: Circumstances) -> Composition {
        guard !preferences.isEmpty || settings.charter == .always else {
            return Composition(block: nil, injected: [], withheld: [])
        }
        var withheld: [WithheldDirective] = []
        let candidates = winners(of: preferences, in: circumstances, &withheld)
        if circumstances.mode == .off {
            withheld += candidates.map { WithheldDirective($0, .off) }
            return Composition(block: nil, injected: [], withheld: withheld)
        }
        var directives: [(directive: Directive, importance: Double)] = []
        for preference in candidates {
            guard let dimension = vocabulary.dimension(preference.key.dimension),
                allows(dimension, preference, circumstances)
            else {
                withheld.append(WithheldDirective(preference, .tier))
                continue
            }
            guard let text = dimension.directiveText(for: preference) else {
                withheld.append(WithheldDirective(preference, .silent))
                continue
            }
            let directive = Directive(
                key: preference.key,
                value: preference.value,
                source: preference.source,
                text: text
            )
            directives.append((directive, dimension.importance))
        }
        let isSafeguarded = circumstances.tier == .safeguarded
        let injected = withinBudget(directives, isBalanced: isSafeguarded, &withheld)
        return composition(of: injected, without: withheld, in: circumstances)
    }

    /// Writes directives that were chosen already.
    func composition(
        of injected: [Directive],
        without withheld: [WithheldDirective],
        in circumstances: Circumstances
    ) -> Composition {
        let isSafeguarded = circumstances.tier == .safeguarded
        guard !injected.isEmpty || settings.charter == .always else {
            return Composition(block: nil, injected: [], withheld: withheld)
        }
        return Composition(
            block: Block.text(of: injected, isBalanced: isSafeguarded),
            reminder: Block.reminder(
                of: injected.filter(hasFixedWords),
                isBalanced: isSafeguarded
            ),
            injected: injected,
            withheld: withheld
        )
    }

    /// Whether the value is one of the vocabulary's rather than a text of the user's.
    private func hasFixedWords(_ directive: Directive) -> Bool {
        vocabulary.dimension(directive.key.dimension).map { $0.kind != .freeText } ?? false
    }

    /// One preference a dimension: an explicit one before a shared one before a learned one, then the most specific.
    private func winners(
        of preferences: [Preference],
        in circumstances: Circumstances,
        _ withheld: inout [WithheldDirective]
    ) -> [Preference] {
        let topics = circumstances.topics
        let holding = preferences.filter {
            $0.reach.holds(in: circumstances.context, topics: topics)
        }.sorted { left, right in
            let places = (
                vocabulary.position(of: left.key.dimension),
                vocabulary.position(of: right.key.dimension)
            )
            if places.0 != places.1 { return places.0 < places.1 }
            if let isFirst = left.precedes(right) { return isFirst }
            // Two that are alike hold for two topics of the request: the surer one first.
            return rank(left.reach.topic, in: topics) < rank(right.reach.topic, in: topics)
        }
        var winners: [Preference] = []
        for preference in holding {
            if winners.last?.key.dimension == preference.key.dimension {
                withheld.append(WithheldDirective(preference, .overridden))
            } else {
                winners.append(preference)
            }
        }
        return winners
    }

    private func rank(_ topic: String?, in topics: [String]) -> Int {
        topic.flatMap { topics.firstIndex(of: $0) } ?? topics.count
    }

    private func allows(_ dimension: Dimension, _ preference: Preference, _ request: Circumstances)
        -> Bool
    {
        switch (dimension.tier, request.tier) {
        case (.universal, _): false
        case (_, .universal): dimension.inEveryTier
        case (.safeguarded, .safeguarded):
            preference.source != .learned && preference.key.context.topic != nil
        case (.safeguarded, .personalizable): preference.source != .learned
        case (.personalizable, _): true
        }
    }

    /// What matters most goes in first; what went in is written in the vocabulary's order.
    private func withinBudget(
        _ directives: [(directive: Directive, importance: Double)],
        isBalanced: Bool,
        _ withheld: inout [WithheldDirective]
    ) -> [Directive] {
        var left = settings.blockTokens - Block.frameTokens
        if isBalanced { left -= Block.balanceTokens }
        var chosen: [Int] = []
        let ranked = directives.indices.sorted {
            (directives[$1].importance, $0) < (directives[$0].importance, $1)
        }
        for index in ranked {
            let cost =
                TokenEstimate.tokens(in: directives[index].directive.text) + Block.tokensPerLine
            if cost <= left {
                left -= cost
                chosen.append(index)
            }
        }
        for index in directives.indices where !chosen.contains(index) {
            let directive = directives[index].directive
            withheld.append(
                WithheldDirective(key: directive.key, value: directive.value, reason: .budget)
            )
        }
        return chosen.sorted().map { directives[$0].directive }
    }
}

extension WithheldDirective {
    fileprivate init(_ preference: Preference, _ reason: Reason) {
        self.init(key: preference.key, value: preference.value, reason: reason)
    }
}

extension Dimension {
    /// The prompt line for one preference of this dimension, or nil where its value needs no words.
    func directiveText(for preference: Preference) -> String? {
        let topic = preference.key.context.topic.map(FreeText.neutralized) ?? ""
        switch kind {
        case .choice:
            guard let line = values.first(where: { $0.value == preference.value })?.directive else {
                return nil
            }
            guard !topic.isEmpty, let topicDirective else { return line }
            return topicDirective.replacing("{topic}", with: topic).replacing(
                "{directive}",
                with: line
            )
        case .languageTag, .freeText:
            // The value goes in last: text of the user's that spells {topic} stays as it is.
            return directive?.replacing("{topic}", with: topic)
                .replacing("{value}", with: FreeText.neutralized(preference.value))
        }
    }
}
