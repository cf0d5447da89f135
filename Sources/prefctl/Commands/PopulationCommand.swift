internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl population`.
struct PopulationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "population",
        abstract: "How tastes are distributed among users who agreed to be counted.",
        discussion: """
            Released under differential privacy: the figures have noise, so that nobody's presence can be \
            told from them. Each release costs part of a budget that never comes back. Without --release \
            the latest release is shown; where there is none yet, the first one is made.
            """
    )

    @Flag(help: "Release new figures, which spends budget.")
    var release = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = connection.adminClient()
        var population = try await client.population()
        if release || population.releasedAt == nil {
            population = try await client.releasePopulation()
        }
        try output.show(population) { answer, style in
            var table = TextTable(["DIMENSION", "SHAPE", "VALUE", "PEOPLE", "COST OF ONE SETTING"])
            for one in answer.dimensions {
                for (place, camp) in one.camps.enumerated() {
                    table.add([
                        place == 0 ? one.dimension.rawValue : "", place == 0 ? one.shape : "",
                        camp.value ?? "no taste shown", String(camp.people),
                        camp.value == nil ? "-" : "\(Int((camp.costOfAverage * 100).rounded()))%",
                    ])
                }
            }
            return table.rendered(style) + "\n" + Words.release(answer.releasedAt, answer.budget)
        }
    }
}
