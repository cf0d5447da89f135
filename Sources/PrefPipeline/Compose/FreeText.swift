public import PrefModel
import PrefRules

/// Free text of a user: data in a prompt, never an instruction over the rules.
public enum FreeText {
    /// The screen is a rule pack like any other, so that it sees through the same tricks of spelling.
    ///
    /// Its cases are run by the tests; they need not be run at every start.
    static let rules: RuleSet = {
        do {
            let text = String(decoding: PackageResources.preference_text_yaml, as: UTF8.self)
            let pack = RulePackSource(name: "preference-text.yaml", text: text)
            return try RuleSet(packs: [pack], runningCases: false)
        } catch {
            preconditionFailure("Compose/preference-text.yaml does not load: \(error)")
        }
    }()

    /// Compiles the screen ahead of the first text, which would otherwise wait for it.
    public static func prepare() { _ = rules }

    /// Checks text that a user wants to have in their prompts.
    ///
    /// - Throws: ``PreferenceRefusal/unsafeText(_:reason:)`` where it asks for a rule to be dropped or
    ///   plays at being a system prompt. The reason never repeats the text.
    public static func screen(_ text: String, for dimension: DimensionID) throws(PreferenceRefusal)
    {
        if let reason = objection(to: text) { throw .unsafeText(dimension, reason: reason) }
    }

    private static func objection(to text: String) -> String? {
        var scanner = rules.scanner(for: .output)
        scanner.feed(text)
        scanner.finish()
        guard let verdict = scanner.takeVerdicts().first, let id = verdict.ruleIDs.first else {
            return nil
        }
        return rules.rules.first { $0.id == id }?.description ?? "it reads as an instruction."
    }

    /// The text as it may stand inside a prompt: one line, without control tokens, role markers,
    /// tags, quotes that close early, or characters that nobody sees.
    ///
    /// Chat templates' control tokens inside content are parsed by some model servers as real ones;
    /// none survives, in whatever look-alike characters it was written.
    public static func neutralized(_ text: String) -> String {
        var plain = ""
        var pendingSpace = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || scalar.properties.generalCategory == .control {
                pendingSpace = !plain.isEmpty
                continue
            }
            guard let seen = visible(scalar) else { continue }
            if pendingSpace { plain += " " }
            pendingSpace = false
            plain += seen
        }
        return withoutRoleMarkers(plain)
    }

    private static func visible(_ scalar: Unicode.Scalar) -> String? {
        switch scalar.properties.generalCategory {
        case .format, .surrogate, .privateUse, .unassigned: return nil
        default: break
        }
        if let safe = replacement(for: scalar) { return safe }
        // A look-alike of a mark that builds control tokens is that mark.
        if !scalar.isASCII, let folded = Shadow.fold(String(scalar)).unicodeScalars.first,
            let safe = replacement(for: folded)
        {
            return safe
        }
        return String(scalar)
    }

    private static func replacement(for scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "<": "‹"
        case ">": "›"
        case "[", "{": "("
        case "]", "}": ")"
        case "|": "/"
        case "\"", "`": "'"
        case "\\": "/"
        case "#": "♯"
        default: nil
        }
    }

    private static let roles = [
        "system", "developer", "assistant", "user", "human", "tool", "ai", "model",
    ]

    /// `system:` reads as the start of a turn; `system -` does not.
    private static func withoutRoleMarkers(_ text: String) -> String {
        var words = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        for index in words.indices {
            let folded = Shadow.fold(words[index]).lowercased()
            guard let colon = folded.firstIndex(of: ":"), roles.contains(String(folded[..<colon]))
            else {
                continue
            }
            words[index] = folded.replacing(":", with: " -", maxReplacements: 1)
        }
        return words.joined(separator: " ")
    }
}
