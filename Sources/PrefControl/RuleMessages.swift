public import PrefModel

/// One universal rule, as `rules list` shows it.
public struct RuleEntry: Codable, Sendable, Hashable {
    /// The pack it is in.
    public let pack: String
    /// The rule's id.
    public let id: String
    /// What it is about.
    public let description: String
    /// The kind of detector, such as `literal` or `regex`.
    public let detector: String
    /// Where it looks: `output`, `reasoning`, `tool_args`.
    public let `where`: [String]
    /// What it does: `block`, `redact`, `replace`, `append` or `flag`.
    public let action: String
    /// How many cases of its own it has, `match` and `pass` together.
    public let cases: Int

    /// Makes an entry.
    public init(
        pack: String,
        id: String,
        description: String,
        detector: String,
        where surfaces: [String],
        action: String,
        cases: Int
    ) {
        self.pack = pack
        self.id = id
        self.description = description
        self.detector = detector
        self.where = surfaces
        self.action = action
        self.cases = cases
    }
}

/// Answer of `GET /prefd/v1/admin/rules`: the rules in force.
public struct RuleList: Codable, Sendable, Hashable {
    /// The rules, in order of pack and of place in it.
    public let rules: [RuleEntry]

    /// Makes a list.
    public init(rules: [RuleEntry]) { self.rules = rules }
}

/// Body of `POST /prefd/v1/admin/rules/lint` and `…/test`.
public struct RuleDirectory: Codable, Sendable, Hashable {
    /// The directory or file to read, as the service's user can read it; left out is the one in force.
    public let directory: String?

    /// Makes a body.
    public init(directory: String? = nil) { self.directory = directory }
}

/// Answer of `POST /prefd/v1/admin/rules/lint`.
public struct RuleLintReport: Codable, Sendable, Hashable {
    /// Whether the packs would load.
    public let ok: Bool
    /// How many packs were read.
    public let packs: Int
    /// How many rules they hold.
    public let rules: Int
    /// What is wrong.
    public let problems: [FileProblem]

    /// Makes an answer; `ok` where there are no problems.
    public init(packs: Int, rules: Int, problems: [FileProblem]) {
        ok = problems.isEmpty
        self.packs = packs
        self.rules = rules
        self.problems = problems
    }
}

/// One embedded case of a rule that did not come out as written.
public struct RuleCaseFailure: Codable, Sendable, Hashable {
    /// The pack.
    public let pack: String
    /// The rule's id.
    public let rule: String
    /// Which list the case is in: `match` or `pass`.
    public let list: String
    /// Its place in that list, from 1.
    public let number: Int
    /// The case's text, as the pack's author wrote it.
    public let text: String
    /// What happened instead.
    public let message: String

    /// Makes a failure.
    public init(
        pack: String,
        rule: String,
        list: String,
        number: Int,
        text: String,
        message: String
    ) {
        self.pack = pack
        self.rule = rule
        self.list = list
        self.number = number
        self.text = text
        self.message = message
    }
}

/// Answer of `POST /prefd/v1/admin/rules/test`.
public struct RuleTestReport: Codable, Sendable, Hashable {
    /// Whether every case came out as written, and every pack loaded.
    public let ok: Bool
    /// How many rules were tested.
    public let rules: Int
    /// How many cases were run.
    public let cases: Int
    /// How many were not, since their rules ask a model.
    public let casesForModels: Int
    /// The cases that failed.
    public let failures: [RuleCaseFailure]
    /// What kept packs from loading.
    public let problems: [FileProblem]

    /// Makes an answer; `ok` where nothing failed.
    public init(
        rules: Int,
        cases: Int,
        casesForModels: Int = 0,
        failures: [RuleCaseFailure],
        problems: [FileProblem] = []
    ) {
        ok = failures.isEmpty && problems.isEmpty
        self.rules = rules
        self.cases = cases
        self.casesForModels = casesForModels
        self.failures = failures
        self.problems = problems
    }

    private enum CodingKeys: String, CodingKey {
        case ok, rules, cases, failures, problems
        case casesForModels = "cases_for_models"
    }
}

/// Body of `POST /prefd/v1/admin/rules/try`.
public struct RuleTrial: Codable, Sendable, Hashable {
    /// The text to try the rules on.
    public let text: String
    /// The surface it shall pass for: `output` (the default), `reasoning` or `tool_args`.
    public let surface: String?
    /// Other rules than those in force, as the service's user can read them.
    public let directory: String?

    /// Makes a body.
    public init(text: String, surface: String? = nil, directory: String? = nil) {
        self.text = text
        self.surface = surface
        self.directory = directory
    }
}

/// One place where a rule fired on a tried text.
public struct RuleTrialHit: Codable, Sendable, Hashable {
    /// The pack.
    public let pack: String
    /// The rule's id.
    public let rule: String
    /// What it does.
    public let action: String
    /// Where the match begins, in UTF-8 bytes of the text.
    public let start: Int
    /// Where it ends, in UTF-8 bytes of the text.
    public let end: Int
    /// What matched, as it was written.
    public let matched: String
    /// What matched, as the rules see it.
    public let normalized: String

    /// Makes a hit.
    public init(
        pack: String,
        rule: String,
        action: String,
        start: Int,
        end: Int,
        matched: String,
        normalized: String
    ) {
        self.pack = pack
        self.rule = rule
        self.action = action
        self.start = start
        self.end = end
        self.matched = matched
        self.normalized = normalized
    }
}

/// Answer of `POST /prefd/v1/admin/rules/try`.
public struct RuleTrialReport: Codable, Sendable, Hashable {
    /// Whether the answer would have ended with a content-filter finish.
    public let blocked: Bool
    /// The text as a client would have got it.
    public let output: String
    /// What fired, in order.
    public let hits: [RuleTrialHit]
    /// The rules whose models gave no verdict.
    public let unchecked: [UncheckedRule]

    /// Makes an answer.
    public init(
        blocked: Bool,
        output: String,
        hits: [RuleTrialHit],
        unchecked: [UncheckedRule] = []
    ) {
        self.unchecked = unchecked
        self.blocked = blocked
        self.output = output
        self.hits = hits
    }
}
