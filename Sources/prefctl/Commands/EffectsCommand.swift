internal import ArgumentParser
internal import PrefControl

/// `prefctl effects`.
struct EffectsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "effects",
        abstract: "What learned preferences do to how you receive answers."
    )

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try output.show(try await connection.client().effects(), EffectViews.list)
    }
}
