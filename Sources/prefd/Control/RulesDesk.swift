import PrefAPI
import PrefControl
import PrefPipeline

/// The rules as admins look at them: those in force, and others they want tried.
struct RulesDesk: RulesControl {
    let live: LiveSettings
    let reloader: Reloader
    let pipeline: Pipeline

    func list() async -> RuleList { RuleReports.list(live.settings.rules) }

    func lint(directory: String?) async -> RuleLintReport {
        let settings = live.settings
        guard let directory else { return RuleReports.lint(settings.rules) }
        return RuleReports.lint(
            path: directory,
            backends: settings.configuration.namesOfModelBackends
        )
    }

    func test(directory: String?) async -> RuleTestReport {
        directory.map(RuleReports.test(path:)) ?? RuleReports.test(live.settings.rules)
    }

    func tryOut(_ trial: RuleTrial) async throws(RulesUnreadable) -> RuleTrialReport {
        try await RuleReports.tryOut(trial, inForce: live.settings.rules) { questions in
            await pipeline.judge(questions)
        }
    }

    func reload() async -> ReloadReport { await reloader.reloadRules() }
}
