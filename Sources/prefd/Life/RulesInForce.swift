import PrefConfig
import PrefRules

/// Loads the rules that a configuration names: whole, and with every case of their own passing.
enum RulesInForce {
    /// - Throws: ``StartFailure/rules(_:)``; then nothing of them is in force.
    static func load(_ configuration: Configuration) throws(StartFailure) -> RuleSet {
        do {
            let rules: RuleSet
            switch configuration.rules {
            case .builtIn: rules = try RuleSet.builtIn()
            case .directory(let path): rules = try RuleSet.load(directory: path)
            }
            try rules.checkBackends(among: configuration.namesOfModelBackends)
            return rules
        } catch {
            throw .rules(error)
        }
    }
}

extension Configuration {
    /// The backends that rules may ask models at: their questions are in OpenAI's dialect.
    var namesOfModelBackends: [String] {
        backends.filter { $0.dialects.contains(.openai) }.map(\.name)
    }
}
