import PrefAPI
import PrefControl

/// The rules as admins look at them: those in force, and others they want tried.
struct RulesDesk: RulesControl {
    let live: LiveSettings
    let reloader: Reloader

    func list() async -> RuleList { RuleReports.list(live.settings.rules) }

    func lint(directory: String?) async -> RuleLintReport {
        directory.map(RuleReports.lint(path:)) ?? RuleReports.lint(live.settings.rules)
    }

    func test(directory: String?) async -> RuleTestReport {
        directory.map(RuleReports.test(path:)) ?? RuleReports.test(live.settings.rules)
    }

    func tryOut(_ trial: RuleTrial) async throws(RulesUnreadable) -> RuleTrialReport {
        try RuleReports.tryOut(trial, inForce: live.settings.rules)
    }

    func reload() async -> ReloadReport { await reloader.reloadRules() }
}
