import PrefModel
import PrefTopics

/// Prints how often the recognized tier is the one that a source's labels imply.
struct Evaluation {
    let set: TopicSet

    private struct Counts {
        /// Texts by the tier that was recognized.
        var recognized: [Tier: Int] = [:]
        var total = 0
        var topicFound = 0

        mutating func add(_ tier: Tier, topic: Bool) {
            recognized[tier, default: 0] += 1
            total += 1
            if topic { topicFound += 1 }
        }

        func share(_ tier: Tier) -> String { percent(recognized[tier, default: 0], total) }
    }

    func print(_ cases: [Labelled], misses: Bool) {
        var byGroup: [String: Counts] = [:]
        var topicErrors: [String: Int] = [:]
        for item in cases {
            let findings = set.findings(in: item.text)
            let tier = TopicSet.tier(of: findings)
            let hasTopic = findings.contains { $0.topic == item.topic }
            let name = item.source == "own" ? "own (\(item.language))" : item.source
            let key = "\(item.half)\t\(name)\t\(item.label)"
            byGroup[key, default: Counts()].add(tier, topic: hasTopic)
            if item.half == "report" {
                byGroup["report\tall\t\(item.label)", default: Counts()].add(tier, topic: hasTopic)
            }
            if item.label == "personalizable", tier != .personalizable {
                for finding in findings {
                    topicErrors["\(item.half) \(finding.topic)", default: 0] += 1
                }
            }
            // Only what may be tuned on is shown.
            if misses, item.half == "tune", isMiss(item, tier) {
                let found = findings.map { "\($0.topic)=\($0.score)" }.joined(separator: ",")
                Swift.print("MISS\t\(name)\t\(item.label)\t[\(found)]\t\(item.text.prefix(160))")
            }
        }
        for half in ["tune", "report"] {
            Swift.print("\n## \(half)\n")
            Swift.print(
                "| source | labels imply | texts | personalizable | safeguarded | universal | topic named |"
            )
            Swift.print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
            for (key, counts) in byGroup.sorted(by: { $0.key < $1.key }) where key.hasPrefix(half) {
                let fields = key.split(separator: "\t")
                let topic =
                    fields[1].hasPrefix("own") || fields[1] == "all"
                        || fields[2] == "none" || fields[2] == "personalizable"
                    ? "" : percent(counts.topicFound, counts.total)
                Swift.print(
                    "| \(fields[1]) | \(fields[2]) | \(counts.total) | \(counts.share(.personalizable))"
                        + " | \(counts.share(.safeguarded)) | \(counts.share(.universal)) | \(topic) |"
                )
            }
        }
        summary(cases)
        Swift.print(
            "\nTopics that kept texts from being personalizable where the labels say they are:"
        )
        for (name, count) in topicErrors.sorted(by: { $0.value > $1.value }) {
            Swift.print("  \(name) \(count)")
        }
    }

    private func isMiss(_ item: Labelled, _ tier: Tier) -> Bool {
        switch item.label {
        case "personalizable": tier != .personalizable
        case "safeguarded": tier == .personalizable
        case "universal": tier != .universal
        default: false
        }
    }

    /// Precision and recall on the half for reporting.
    private func summary(_ cases: [Labelled]) {
        Swift.print("\n## precision and recall (report half)\n")
        Swift.print(
            "| texts | safeguarded or stricter: precision | recall | universal: precision | recall |"
        )
        Swift.print("| --- | ---: | ---: | ---: | ---: |")
        var groups: [(String, (Labelled) -> Bool)] = [
            ("shared data (en)", { $0.source != "own" }),
            ("own, all languages", { $0.source == "own" }),
        ]
        for language in ["en", "es", "fr", "de", "pt", "zh", "ar", "hi"] {
            groups.append(("own, \(language)", { $0.source == "own" && $0.language == language }))
        }
        for (name, isIn) in groups {
            var (hit, wrong, missed) = (0, 0, 0)
            var (hitUniversal, wrongUniversal, missedUniversal) = (0, 0, 0)
            for item in cases where item.half == "report" && item.label != "none" && isIn(item) {
                let tier = TopicSet.tier(of: set.findings(in: item.text))
                switch (item.label != "personalizable", tier != .personalizable) {
                case (true, true): hit += 1
                case (false, true): wrong += 1
                case (true, false): missed += 1
                default: break
                }
                switch (item.label == "universal", tier == .universal) {
                case (true, true): hitUniversal += 1
                // Of safeguarded texts of the shared data some are universal, too: the labels do not say.
                case (false, true) where item.label == "personalizable" || item.source == "own":
                    wrongUniversal += 1
                case (true, false): missedUniversal += 1
                default: break
                }
            }
            Swift.print(
                "| \(name) | \(percent(hit, hit + wrong)) | \(percent(hit, hit + missed))"
                    + " | \(percent(hitUniversal, hitUniversal + wrongUniversal))"
                    + " | \(percent(hitUniversal, hitUniversal + missedUniversal)) |"
            )
        }
    }
}

func percent(_ part: Int, _ whole: Int) -> String {
    guard whole > 0 else { return "–" }
    return "\((Double(part) / Double(whole) * 1000).rounded() / 10) %"
}
