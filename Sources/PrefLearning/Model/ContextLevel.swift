public import PrefModel

/// One circumstance that may shift a user's tastes.
public enum ContextLevel: Hashable, Codable, Sendable, Comparable {
    /// What the user is doing.
    case task(TaskKind)
    /// The app.
    case app(String)
    /// The language, by its primary subtag.
    case language(String)
    /// Whether there is time to read.
    case situation(Situation)

    /// The levels of a request's circumstances.
    public static func levels(of context: RequestContext?) -> [ContextLevel] {
        guard let context else { return [] }
        var levels: [ContextLevel] = [
            .task(context.task), .app(context.app), .situation(context.situation),
        ]
        if let language = context.language?.lowercased().split(separator: "-").first {
            levels.append(.language(String(language)))
        }
        return levels
    }

    /// The context of a preference that holds where all of these meet.
    public static func preferenceContext(at levels: [ContextLevel]) -> PreferenceContext {
        var context = PreferenceContext.everywhere
        for level in levels {
            switch level {
            case .task(let task): context.task = task
            case .app(let app): context.app = app
            case .language(let language): context.language = language
            case .situation(let situation): context.situation = situation
            }
        }
        return context
    }

    /// Which of the four it is a level of.
    var factor: Int {
        switch self {
        case .task: 0
        case .app: 1
        case .language: 2
        case .situation: 3
        }
    }

    private var name: String {
        switch self {
        case .task(let task): task.rawValue
        case .app(let app): app
        case .language(let language): language
        case .situation(let situation): situation.rawValue
        }
    }

    /// A stable order, so that state is written alike whatever the order of its making.
    public static func < (left: ContextLevel, right: ContextLevel) -> Bool {
        (left.factor, left.name) < (right.factor, right.name)
    }
}
