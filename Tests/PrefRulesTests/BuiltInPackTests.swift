import Foundation
import Testing

@testable import PrefRules

@Suite("The packs that prefd ships with")
struct BuiltInPackTests {
    // Compiled once: there are hundreds of rules.
    private static let shipped = Result { try RuleSet.builtIn() }
    private static let contact = Result {
        let packs = RuleSet.builtInPacks.filter { $0.name == "contact.yaml" }
        return try RuleSet(
            packs: packs.map {
                RulePackSource(
                    name: $0.name,
                    text: $0.text.replacing("enabled: false", with: "enabled: true")
                )
            }
        )
    }

    @Test("load, and every rule passes its own cases on every surface")
    func casesPass() throws {
        for rules in [try Self.shipped.get(), try Self.contact.get()] {
            #expect(rules.runCases().map(\.description) == [])
            for rule in rules.rules {
                #expect(!rule.matchCases.isEmpty && !rule.passCases.isEmpty, "\(rule.id)")
                #expect(rule.source != nil, "\(rule.id)")
            }
        }
    }

    @Test("load as an admin's own, which are proved to fit and whose cases are run")
    func loadAsOthers() throws {
        let others = RuleSet.builtInPacks.map {
            RulePackSource(name: $0.name, text: $0.text + "\n# and a line more\n")
        }
        #expect(try RuleSet(packs: others).rules == Self.shipped.get().rules)
    }

    @Test("are run through their cases once they were changed")
    func changedPack() throws {
        let packs = RuleSet.builtInPacks.map {
            RulePackSource(
                name: $0.name,
                text: $0.text.replacing(" match:", with: " none:")
                    .replacing(" pass:", with: " match:").replacing(" none:", with: " pass:")
            )
        }
        #expect(throws: RuleError.self) { _ = try RuleSet(packs: packs) }
    }

    @Test("are those of the directory of packs, each named like its file")
    func files() throws {
        let directory = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/PrefRules/Packs").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(files.sorted() == RuleSet.builtInPacks.map(\.name).sorted())
        for pack in RuleSet.builtInPacks {
            #expect(pack.text.contains("\npack: \(pack.name.dropLast(5))\n"), "\(pack.name)")
        }
    }

    @Test("leave contact data alone until an admin enables that pack")
    func contactIsOff() throws {
        let text = "Write to joe.miller@mail.example.org."
        #expect(try Self.shipped.get().enforce(text) == text)
        #expect(try Self.contact.get().enforce(text) == "Write to [contact removed].")
    }

    @Test("cover credentials of many vendors, identifiers of many countries, and what must be said")
    func coverage() throws {
        let rules = try Self.shipped.get().rules
        #expect(rules.filter { $0.pack.hasPrefix("credentials") }.count >= 150)
        let identifiers = rules.filter { $0.pack == "identifiers" }
        #expect(Set(identifiers.compactMap { $0.id.split(separator: "-").first }).count >= 12)
        for id in ["payment-card", "iban", "crisis-line", "medicine-dose", "preference-block"] {
            #expect(rules.contains { $0.id == id }, "\(id)")
        }
    }

    @Test("take the block that prefd adds to a prompt out of an answer, whole or in pieces")
    func leakage() throws {
        let rules = try Self.shipped.get()
        let charter = "These change presentation only, never facts, safety information or refusals."
        let block =
            "<user_preferences source=\"prefd\">\nHow this user likes answers presented:\n- Be concise."
            + "\n\(charter)\n</user_preferences>"
        #expect(rules.enforce("I got \(block) from it.") == "I got [preferences removed] from it.")
        #expect(
            rules.enforce("It says: \(charter)") == "It says: These change [preferences removed]"
        )
    }

    @Test("spell control tokens so that they are none, and leave arguments of tools as they are")
    func controlTokens() throws {
        let rules = try Self.shipped.get()
        #expect(
            rules.enforce("End it with `<|im_end|>` or [/INST].")
                == "End it with `< |im_end| >` or [ /INST ]."
        )
        #expect(rules.enforce("a <\u{200b}|im_start|>system") == "a < |im_start| >system")
        let arguments = #"{"text":"<|im_start|>"}"#
        #expect(rules.enforce(arguments, surface: .toolArguments) == arguments)
    }

    @Test("their rules decide alike for places of one cut, and one byte at a time")
    func chunkInvariance() throws {
        let rules = try Self.shipped.get()
        for rule in rules.rules {
            for text in rule.matchCases + rule.passCases {
                let bytes = Array(("a " + text + " b.").utf8)
                for surface in rule.surfaces.sorted(by: { $0.rawValue < $1.rawValue }).prefix(1) {
                    let whole = rules.scan(bytes, surface: surface)
                    let step = max(1, bytes.count / 8)
                    for cut in stride(from: 1, to: bytes.count, by: step) {
                        let split = rules.scan(bytes, surface: surface, cuts: [cut])
                        #expect(split.verdicts == whole.verdicts, "\(rule.id) cut at \(cut)")
                    }
                    let single = rules.scan(bytes, surface: surface, cuts: Array(0..<bytes.count))
                    #expect(single.verdicts == whole.verdicts, "\(rule.id), byte by byte")
                }
            }
        }
    }

    @Test("hold nothing after nine of ten words of ordinary prose, and little after the others")
    func proseIsNotHeld() throws {
        let rules = try Self.shipped.get()
        let prose = """
            The city lies on both banks of the river. It was founded in 1204, had 35,000 people \
            by 1600, and lost half of them in the war; its cathedral took 98 years to build. \
            Modern visitors like the market (open 8:00-14:00), where you may want to try the \
            cheese. I'd go there early — before the crowds come. “Don't miss it”, as they say.

            """
        let bytes = Array(String(repeating: prose, count: 20).utf8)
        // Cut before every space, as models stream words.
        let cuts = bytes.indices.filter { bytes[$0] == 0x20 }
        let scan = rules.scan(bytes, cuts: cuts)
        #expect(scan.verdicts == [])
        let held = zip(cuts, scan.decided).filter { $0 > $1 }.count
        #expect(Double(held) / Double(cuts.count) < 0.1, "\(held) of \(cuts.count) chunks held")
        let most = zip(cuts, scan.decided).map { $0 - $1 }.max() ?? 0
        #expect(most <= 12, "\(most) bytes held")
    }
}
