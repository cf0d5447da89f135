// A conformance of a public type is public, and so must be what it is to.
public import ArgumentParser
public import PrefModel

extension TaskKind: ExpressibleByArgument {}
extension Situation: ExpressibleByArgument {}

/// Where a preference holds; none given is everywhere.
struct ContextOptions: ParsableArguments {
    @Option(help: "Only for this task.")
    var task: TaskKind?

    @Option(help: ArgumentHelp("Only in this app.", valueName: "name"))
    var app: String?

    @Option(help: ArgumentHelp("Only in this language, as a BCP 47 tag.", valueName: "tag"))
    var language: String?

    @Option(help: "Only in this situation.")
    var situation: Situation?

    @Option(
        help: ArgumentHelp(
            "Only for this topic, such as politics, health or law.",
            valueName: "words"
        )
    )
    var topic: String?

    /// The context that was given.
    var context: PreferenceContext {
        PreferenceContext(
            task: task,
            app: app,
            language: language,
            situation: situation,
            topic: topic
        )
    }
}
