import PrefConfig
import PrefRules

/// Loads the rules that a configuration names: whole, and with every case of their own passing.
enum RulesInForce {
    /// - Throws: ``StartFailure/rules(_:)``; then nothing of them is in force.
    static func load(_ source: Configuration.Rules) throws(StartFailure) -> RuleSet {
        do {
            switch source {
            case .builtIn: return try RuleSet.builtIn()
            case .directory(let path): return try RuleSet.load(directory: path)
            }
        } catch {
            throw .rules(error)
        }
    }
}
