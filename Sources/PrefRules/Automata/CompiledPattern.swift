/// One rule's detector, compiled apart from the others.
struct CompiledPattern: Sendable {
    /// How many symbols of the shadow a match may have at most.
    static let longestMatch = 16_384
    /// How many where validators look at it.
    static let longestValidatedMatch = 256

    /// The rule's index in its rule set.
    let index: Int
    /// What it matches.
    let automaton: RuleAutomaton
    /// What it sees through besides what all rules do.
    let seeThrough: Set<SeeThrough>
    /// In which ways its matches may begin.
    let startPaths: StartPaths
    /// What a match must pass besides.
    let validators: [any Validator]
    /// Whether text must be held while it may match.
    let holds: Bool
    /// How many symbols a match may have at most.
    let longestMatch: Int

    /// Compiles a rule's detector.
    ///
    /// - Parameters:
    ///   - rule: the rule.
    ///   - index: its index in its rule set.
    ///   - validators: what a match must pass besides.
    ///   - isKnownToFit: whether need not be proved that its automaton stays within its limit.
    ///   - stateLimit: how many states its automaton may have.
    /// - Throws: why it is refused.
    init(
        _ rule: Rule,
        index: Int,
        validators: [any Validator],
        isKnownToFit: Bool = false,
        stateLimit: Int = RuleAutomaton.stateLimit
    ) throws(PatternError) {
        var node: PatternNode
        var limit = NFA.regexLimit
        switch rule.detector {
        case .literal(let texts):
            node = PatternParser.literal(texts, ignoringCase: !rule.isCaseSensitive)
            limit = NFA.literalLimit
        case .required(_, let texts):
            node = PatternParser.said(texts, ignoringCase: !rule.isCaseSensitive)
            limit = NFA.literalLimit
        case .topic, .classifier:
            throw PatternError(position: nil, message: "a topic or a model is no pattern")
        case .regex(let pattern):
            node = try PatternParser.parse(pattern, ignoringCase: !rule.isCaseSensitive)
        }
        if rule.seeThrough.contains(.separators) { node = node.withSeparators }
        guard node.shortestMatch > 0 else {
            throw PatternError(
                position: nil,
                message: "it matches the empty text, which is everywhere; make a part of it"
                    + " obligatory (text of only invisible characters and marks counts as empty)"
            )
        }
        let longest = validators.isEmpty ? Self.longestMatch : Self.longestValidatedMatch
        guard node.withoutContext.shortestMatch > 0 else {
            throw PatternError(
                position: nil,
                message: "what follows \\K matches the empty text; make a part of it obligatory"
            )
        }
        guard node.shortestMatch <= longest else {
            throw PatternError(
                position: nil,
                message: "a match has at least \(node.shortestMatch) characters, and at most"
                    + " \(longest) are looked at"
            )
        }
        if !validators.isEmpty, node.longestMatch.map({ $0 > longest }) ?? true {
            throw PatternError(
                position: nil,
                message: "with validators a match may have \(longest) characters at most; bound"
                    + " the repeats, such as {20,200} instead of {20,}"
            )
        }
        let nfa = try NFA(node, limit: limit)
        automaton = RuleAutomaton(nfa, stateLimit: stateLimit)
        guard validators.isEmpty || isKnownToFit || automaton.fitsItsLimit() else {
            throw PatternError(
                position: nil,
                message: "too large to compile with validators; make its classes more distinct or"
                    + " its repeats shorter"
            )
        }
        startPaths = StartPaths(nfa)
        self.index = index
        seeThrough = rule.seeThrough
        self.validators = validators
        holds = rule.action.changesMatch
        longestMatch = longest
    }
}
