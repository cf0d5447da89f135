public import PrefModel

extension TopicSet {
    /// From which score on a topic counts for the tier: unsure means the stricter one.
    public static let unsureScore = 0.6

    /// What learned weights count at most: by themselves they make no topic sure.
    private static let learnedMost = 0.9

    /// Up to how long a message is a follow-up that stays on the topic before, in folded bytes.
    private static let followUpBytes = 60

    /// The topics of one text, the strictest tier first, in it the surest.
    public func findings(in text: String) -> [TopicFinding] {
        var folded = FoldedText()
        folded.append(text)
        return findings(in: folded)
    }

    /// The topics of a conversation's latest message.
    ///
    /// - Parameters:
    ///   - latest: the user's latest message.
    ///   - earlier: the user's messages before it, the latest first; a few are enough. A short
    ///     message with no topic of its own stays on theirs; a longer one after a universal matter
    ///     is still safeguarded.
    /// - Returns: what was found, the strictest tier first, in it the surest.
    public func findings(latest: String, earlier: [String]) -> [TopicFinding] {
        Self.findings(latest: reading(of: latest), earlier: earlier.map { reading(of: $0) })
    }

    /// Reads one message by itself.
    public func reading(of text: String) -> TopicReading {
        var folded = FoldedText()
        folded.append(text)
        return TopicReading(
            findings: findings(in: folded),
            isShort: folded.bytes.count <= Self.followUpBytes
        )
    }

    /// The topics of a conversation's latest message, of messages that have been read.
    public static func findings(
        latest: TopicReading,
        earlier: [TopicReading]
    ) -> [TopicFinding] {
        let (own, isShort) = (latest.findings, latest.isShort)
        guard tier(of: own) != .universal else { return own }
        for before in earlier.map(\.findings) {
            let inherited =
                isShort
                ? before.filter { finding in !own.contains { $0.topic == finding.topic } }
                : before.filter { $0.tier == .universal }
            guard !inherited.isEmpty, isShort || own.isEmpty else { continue }
            return ordered(
                own
                    + inherited.map { finding in
                        TopicFinding(
                            topic: finding.topic,
                            tier: isShort ? finding.tier : .safeguarded,
                            score: finding.score,
                            reasons: [.earlier]
                        )
                    }
            )
        }
        return own
    }

    /// The strictest tier of some findings.
    public static func tier(of findings: [TopicFinding]) -> Tier {
        findings.map(\.tier).max() ?? .personalizable
    }

    func findings(in text: FoldedText) -> [TopicFinding] {
        guard !topics.isEmpty, !text.starts.isEmpty else { return [] }
        let scan = LexiconScan(text, lexicon, topics: topics.count)
        var learnedScores = [Double](repeating: 0, count: topics.count)
        if let scores = learned?.scores(of: text) {
            for (index, place) in learnedPlaces.enumerated() {
                guard let place else { continue }
                learnedScores[place] = min(Self.learnedMost, max(-1, Double(scores[index])))
            }
        }
        // A few weak words in a long text say little.
        let density = min(1, 800 / Double(text.bytes.count))
        var findings: [TopicFinding] = []
        for (index, topic) in topics.enumerated() {
            let tally = scan.tallies[index]
            let certain = Double(tally.strong + tally.combined)
            let weak = 0.5 * Double(tally.weak) * (tally.weak > 1 ? density : 1)
            let score = certain + max(0, weak + learnedScores[index])
            guard score >= Self.unsureScore else { continue }
            var reasons: [TopicFinding.Reason] = []
            if tally.strong > 0 { reasons.append(.phrase) }
            if tally.combined > 0 || tally.weak > 0 { reasons.append(.words) }
            if learnedScores[index] > 0 { reasons.append(.learned) }
            findings.append(
                TopicFinding(
                    topic: topic.name,
                    tier: topic.tier,
                    score: (score * 100).rounded() / 100,
                    reasons: reasons
                )
            )
        }
        return Self.ordered(findings)
    }

    private static func ordered(_ findings: [TopicFinding]) -> [TopicFinding] {
        findings.sorted {
            ($1.tier, $1.score, $0.topic) < ($0.tier, $0.score, $1.topic)
        }
    }
}
