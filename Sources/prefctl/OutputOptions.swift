internal import ArgumentParser
internal import PrefModel

/// How the result is shown.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print the answer as JSON.")
    var json = false

    /// Prints an answer of prefd's: as JSON where asked, else as its view.
    func show<Answer: Encodable>(_ answer: Answer, _ view: (Answer, Style) -> String) throws {
        if json {
            Console.print(try JSONText.of(answer))
        } else {
            Console.print(view(answer, Console.style))
        }
    }
}
