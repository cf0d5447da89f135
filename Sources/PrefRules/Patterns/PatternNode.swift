/// A condition on the place between two symbols.
enum Assertion: Hashable, Sendable {
    case wordBoundary, notWordBoundary
    case textStart, textEnd
    case lineStart, lineEnd
}

/// A pattern, parsed: what a rule's detector looks for in the shadow.
indirect enum PatternNode: Hashable, Sendable {
    case empty
    case set(SymbolSet)
    case sequence([PatternNode])
    case choice([PatternNode])
    case repeated(PatternNode, least: Int, most: Int?)
    case assertion(Assertion)
    /// `\K`: what is before it is only context, and the match begins here.
    case matchStart

    /// How many symbols a match has at least.
    var shortestMatch: Int {
        switch self {
        case .empty, .assertion, .matchStart: 0
        case .set: 1
        case .sequence(let parts): parts.reduce(0) { Self.capped($0 + $1.shortestMatch) }
        case .choice(let parts): parts.map(\.shortestMatch).min() ?? 0
        case .repeated(let part, let least, _): Self.capped(part.shortestMatch * least)
        }
    }

    /// How many symbols a match has at most, or nil where there is no limit.
    var longestMatch: Int? {
        switch self {
        case .empty, .assertion, .matchStart: return 0
        case .set: return 1
        case .sequence(let parts):
            var total = 0
            for part in parts {
                guard let longest = part.longestMatch else { return nil }
                total = Self.capped(total + longest)
            }
            return total
        case .choice(let parts):
            var most = 0
            for part in parts {
                guard let longest = part.longestMatch else { return nil }
                most = max(most, longest)
            }
            return most
        case .repeated(let part, _, let most):
            guard let longest = part.longestMatch else { return nil }
            if longest == 0 { return 0 }
            return most.map { Self.capped($0 * longest) }
        }
    }

    /// What follows `\K`, or all of it.
    var withoutContext: PatternNode {
        guard case .sequence(let parts) = self, let place = parts.firstIndex(of: .matchStart)
        else { return self }
        return .sequence(Array(parts[(place + 1)...]))
    }

    // Nested repeats multiply; beyond this the size no longer matters.
    private static func capped(_ count: Int) -> Int { min(count, 1 << 30) }
}
