internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl top`.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch requests, latencies, backends and rules as they are (for admins).",
        discussion: """
            q ends it. Where standard output is no terminal, one view follows another; with --json, each is one \
            line of JSON with times in seconds.
            """
    )

    @Option(help: ArgumentHelp("How often to look, in seconds.", valueName: "seconds"))
    var interval = 2.0

    @Flag(help: "Watch for one interval, show it and end.")
    var once = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0.1...3_600).contains(interval) else {
            throw ValidationError("--interval takes 0.1 to 3600 seconds.")
        }
    }

    func run() async throws {
        let client = connection.adminClient()
        // Whoever may not look is told so before the terminal is taken.
        let first = MetricSamples(try await client.metrics())
        if !once, !output.json, Console.isInteractive, Console.style.width != nil {
            await watch(client, from: first)
        } else {
            try await list(client, from: first)
        }
    }

    private func list(_ client: ControlClient, from first: MetricSamples) async throws {
        var (last, at) = (first, ContinuousClock.now)
        repeat {
            try await Task.sleep(for: .seconds(interval))
            let now = MetricSamples(try await client.metrics())
            let figures = TopFigures(now, since: last, seconds: Self.seconds(since: at))
            (last, at) = (now, .now)
            if output.json {
                Console.print(
                    JSONText.safe(String(decoding: try PrefJSON.encode(figures), as: UTF8.self))
                )
            } else {
                Console.print(TopViews.screen(figures, rows: .max, Console.style))
            }
        } while !once
    }

    private func watch(_ client: ControlClient, from first: MetricSamples) async {
        var (last, at) = (first, ContinuousClock.now)
        let screen = Screen()
        defer { screen.close() }
        screen.show(
            "prefd answers; the first figures come in \(TopViews.rate(interval)) s. q ends."
        )
        while screen.wait(seconds: interval) {
            do throws(ControlFailure) {
                let now = MetricSamples(try await client.metrics())
                let figures = TopFigures(now, since: last, seconds: Self.seconds(since: at))
                (last, at) = (now, .now)
                screen.show(TopViews.screen(figures, rows: Console.rows, Console.liveStyle))
            } catch {
                screen.show("\(error.description)\nStill trying; q ends.")
            }
        }
    }

    private static func seconds(since at: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - at) / .seconds(1)
    }
}
