// Patterns that see through separators between the characters of a match.

extension PatternNode {
    /// What may stand between two characters: white space, and signs that part or adorn them.
    private static let separators = PatternNode.repeated(
        .set(
            SymbolSet.whiteSpace.union(
                SymbolSet(0x2a...0x2a, 0x2d...0x2e, 0x5f...0x60, 0x7c...0x7c, 0x7e...0x7e)
            )
        ),
        least: 0,
        most: 3
    )

    /// The pattern with separators allowed before each character but the first.
    var withSeparators: PatternNode { spread(following: false) }

    private func spread(following: Bool) -> PatternNode {
        switch self {
        case .empty, .assertion, .matchStart: return self
        case .set: return following ? .sequence([Self.separators, self]) : self
        case .choice(let parts): return .choice(parts.map { $0.spread(following: following) })
        case .sequence(let parts):
            var hasBegun = following
            return .sequence(
                parts.map { part in
                    defer { hasBegun = hasBegun || part.longestMatch != 0 }
                    return part.spread(following: hasBegun)
                }
            )
        case .repeated(let part, let least, let most):
            let later = part.spread(following: true)
            if following { return .repeated(later, least: least, most: most) }
            if most == 0 { return .empty }
            let once = PatternNode.sequence([
                part.spread(following: false),
                .repeated(later, least: max(0, least - 1), most: most.map { $0 - 1 }),
            ])
            return least == 0 ? .choice([once, .empty]) : once
        }
    }
}
