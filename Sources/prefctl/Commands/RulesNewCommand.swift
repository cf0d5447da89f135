internal import ArgumentParser

/// `prefctl rules new`.
///
/// It speaks to nobody: it writes a pack to standard output, to be saved, tested and put in force.
struct RulesNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Begin a rule pack with one rule.",
        discussion: """
            prefctl rules new ticket --regex '\\bACME-\\d{6}\\b' --match 'see ACME-123456' \
            --pass 'ACME-12' > /etc/prefd/rules.d/house.yaml
            """
    )

    @Argument(help: "The rule's id: lower-case letters, digits, '-', '_' and '.'.")
    var id: String

    @Option(help: "The pack's name; the rule's id, if left out.")
    var pack: String?

    @Option(help: "What the rule is about.")
    var description = "Say here what it finds and why it must not be shown"

    @Option(help: "A text that it looks for; may be given more than once.")
    var literal: [String] = []

    @Option(help: "A pattern that it looks for, instead of texts.")
    var regex: String?

    @Option(help: "block, redact or flag.")
    var action = "redact"

    @Option(help: "A text in which it must match; may be given more than once.")
    var match: [String] = []

    @Option(help: "A text in which it must not match; may be given more than once.")
    var pass: [String] = []

    func validate() throws {
        guard (regex == nil) != literal.isEmpty else {
            throw ValidationError("Give either --literal or --regex.")
        }
        guard ["block", "redact", "flag"].contains(action) else {
            throw ValidationError("--action is block, redact or flag.")
        }
    }

    func run() {
        print(
            RuleScaffold(
                pack: pack ?? id,
                id: id,
                description: description,
                literals: literal,
                regex: regex,
                action: action,
                match: match,
                pass: pass
            ).yaml,
            terminator: ""
        )
    }
}
