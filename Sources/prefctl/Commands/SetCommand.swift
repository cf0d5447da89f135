internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl set`.
struct SetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set preferences: verbosity=concise tone=casual …"
    )

    @Argument(help: ArgumentHelp("What to set; all of it or none.", valueName: "dimension=value"))
    var settings: [String]

    @OptionGroup var context: ContextOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        for setting in settings { _ = try SettingArgument(setting) }
    }

    func run() async throws {
        let entries = try settings.map { try SettingArgument($0) }
        let place = context.context
        let changes = try await connection.client().set(
            PreferenceSettings(
                preferences: entries.map {
                    PreferenceSetting(
                        dimension: $0.dimension,
                        value: $0.value,
                        context: place == .everywhere ? nil : place
                    )
                }
            )
        )
        try output.show(changes, PreferenceViews.changes)
    }
}

/// `dimension=value` as it stands on a command line.
struct SettingArgument {
    let dimension: DimensionID
    let value: String

    init(_ text: String) throws {
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
            throw ValidationError("Each setting is dimension=value, such as verbosity=concise.")
        }
        dimension = DimensionID(rawValue: String(sides[0]))
        value = String(sides[1])
    }
}
