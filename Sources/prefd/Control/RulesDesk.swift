import PrefAPI
import PrefControl
import PrefModel
import PrefRules

/// The rules as admins look at them: those in force, and others they want tried.
struct RulesDesk: RulesControl {
    let live: LiveSettings
    let reloader: Reloader
    let events: EventJournal

    func list() async -> RuleList { RuleList(rules: live.settings.rules.rules.map(RuleEntry.init)) }

    func lint(directory: String?) async -> RuleLintReport {
        do throws(RuleError) {
            let rules = try load(directory, runningCases: true)
            return RuleLintReport(packs: rules.packCount, rules: rules.rules.count, problems: [])
        } catch {
            return RuleLintReport(
                packs: 0,
                rules: 0,
                problems: StartFailure.rules(error).fileProblems
            )
        }
    }

    func test(directory: String?) async -> RuleTestReport {
        do throws(RuleError) {
            let rules = try load(directory, runningCases: false)
            let cases = rules.rules.reduce(0) { $0 + $1.matchCases.count + $1.passCases.count }
            return RuleTestReport(
                rules: rules.rules.count,
                cases: cases,
                failures: rules.runCases().compactMap { rules.report($0) }
            )
        } catch {
            return RuleTestReport(
                rules: 0,
                cases: 0,
                failures: [],
                problems: StartFailure.rules(error).fileProblems
            )
        }
    }

    func tryOut(_ trial: RuleTrial) async throws(RulesUnreadable) -> RuleTrialReport {
        let surface = trial.surface.flatMap(TextSurface.init(rawValue:)) ?? .output
        do throws(RuleError) {
            return try load(trial.directory, runningCases: false).report(
                on: trial.text,
                surface: surface
            )
        } catch {
            throw RulesUnreadable(problems: StartFailure.rules(error).fileProblems)
        }
    }

    func reload() async -> ReloadReport { await reloader.reloadRules() }

    /// The rules in force for nil.
    private func load(_ directory: String?, runningCases: Bool) throws(RuleError) -> RuleSet {
        guard let directory else { return live.settings.rules }
        return try RuleSet.load(directory: directory, runningCases: runningCases)
    }
}

extension RuleEntry {
    init(_ rule: Rule) {
        let detector =
            switch rule.detector {
            case .literal: "literal"
            case .regex: "regex"
            }
        self.init(
            pack: rule.pack,
            id: rule.id,
            description: rule.description,
            detector: detector,
            where: TextSurface.allCases.filter(rule.surfaces.contains).map(\.rawValue),
            action: rule.action.name,
            cases: rule.matchCases.count + rule.passCases.count
        )
    }
}

extension RuleSet {
    var packCount: Int { Set(rules.map(\.pack)).count }

    /// A failed case as the admin API reports it.
    func report(_ failure: CaseFailure) -> RuleCaseFailure? {
        guard let rule = rules.first(where: { $0.id == failure.ruleID }) else { return nil }
        let cases = failure.expectation == .match ? rule.matchCases : rule.passCases
        return RuleCaseFailure(
            pack: rule.pack,
            rule: rule.id,
            list: failure.expectation.rawValue,
            number: failure.index + 1,
            text: cases[failure.index],
            message: failure.description
        )
    }

    /// What a client would get of a text that is the whole of an answer, and which rules fired.
    func report(on text: String, surface: TextSurface) -> RuleTrialReport {
        var scanner = scanner(for: surface)
        scanner.feed(text)
        scanner.finish()
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var appended: [String] = []
        var position = 0
        var isBlocked = false
        for verdict in scanner.takeVerdicts() where !isBlocked {
            switch verdict.action {
            case .block:
                output += bytes[position..<verdict.range.lowerBound]
                (position, isBlocked) = (bytes.count, true)
            case .redact(let replacement), .replace(let replacement):
                output += bytes[position..<verdict.range.lowerBound] + Array(replacement.utf8)
                position = verdict.range.upperBound
            case .append(let line): if !appended.contains(line) { appended.append(line) }
            case .flag: break
            }
        }
        output += bytes[position...]
        if !isBlocked { output += appended.flatMap { Array(("\n\n" + $0).utf8) } }
        return RuleTrialReport(
            blocked: isBlocked,
            output: String(decoding: output, as: UTF8.self),
            hits: explain(text, surface: surface).map {
                RuleTrialHit(
                    pack: $0.rule.pack,
                    rule: $0.rule.id,
                    action: $0.rule.action.name,
                    start: $0.range.lowerBound,
                    end: $0.range.upperBound,
                    matched: $0.matched,
                    normalized: $0.normalized
                )
            }
        )
    }
}
