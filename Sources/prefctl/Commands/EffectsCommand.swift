internal import ArgumentParser
internal import PrefControl

/// `prefctl effects`.
struct EffectsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "effects",
        abstract: "What learned preferences do to how answers are received.",
        discussion: """
            Shows what leaving one out now and then has shown with you. With --everyone, for admins: on \
            average over the users who agreed to experiments and to be counted, released under \
            differential privacy from the same budget as prefctl population. Without --release the latest \
            release is shown; where there is none yet, the first one is made.
            """
    )

    @Flag(help: "Over all users who agreed to it.")
    var everyone = false
    @Flag(help: "Release new figures, which spends budget.")
    var release = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if release && !everyone { throw ValidationError("--release goes with --everyone.") }
    }

    func run() async throws {
        guard everyone else {
            return try output.show(try await connection.client().effects(), EffectViews.list)
        }
        let client = connection.adminClient()
        var effects = try await client.pooledEffects()
        if release || effects.releasedAt == nil { effects = try await client.releaseEffects() }
        try output.show(effects, EffectViews.pooled)
    }
}
