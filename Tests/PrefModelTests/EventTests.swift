import FoundationEssentials
import Testing

@testable import PrefModel

@Suite("Events")
struct EventTests {
    @Test("have message ids that are unique, and well-formed for the journal")
    func messageIDs() {
        let ids = EventKind.allCases.map(\.messageID)
        #expect(Set(ids).count == ids.count)
        for id in ids {
            #expect(id.utf8.count == 32)
            #expect(id.allSatisfy { "0123456789abcdef".contains($0) })
        }
    }

    @Test("have field names that the journal takes, the contract's among them")
    func fields() {
        let event = Event(
            .ruleFired,
            priority: .notice,
            message: "m",
            requestID: "r",
            pseudonym: "p",
            app: "a",
            tier: .universal,
            rule: "u",
            action: "redact",
            durationMicroseconds: 5,
            more: ["PREFD_Z": "1", "PREFD_A": "2"]
        )
        #expect(
            event.fields.map(\.name) == [
                "MESSAGE", "MESSAGE_ID", "PRIORITY", "PREFD_EVENT", "PREFD_REQUEST_ID",
                "PREFD_PRINCIPAL",
                "PREFD_APP", "PREFD_TIER", "PREFD_RULE", "PREFD_ACTION", "PREFD_DURATION_US",
                "PREFD_A", "PREFD_Z",
            ]
        )
        #expect(
            event.fields.map(\.value) == [
                "m", EventKind.ruleFired.messageID, "5", "rule-fired", "r", "p", "a", "universal",
                "u", "redact",
                "5", "2", "1",
            ]
        )
        let bare = Event(.started, message: "m").fields.map(\.name)
        #expect(bare == ["MESSAGE", "MESSAGE_ID", "PRIORITY", "PREFD_EVENT"])
    }
}

@Suite("The message catalog")
struct CatalogTests {
    private let entries: [(id: String, lines: [String])]

    init() throws {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appending(path: "systemd/prefd.catalog"),
            encoding: .utf8
        )
        var entries: [(id: String, lines: [String])] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("-- ") {
                entries.append((String(line.dropFirst(3)), []))
            } else if !entries.isEmpty {
                entries[entries.count - 1].lines.append(String(line))
            }
        }
        self.entries = entries
    }

    @Test("explains every kind of event, each once, and nothing else")
    func complete() {
        #expect(entries.map(\.id).sorted() == EventKind.allCases.map(\.messageID).sorted())
    }

    @Test("has in each entry a subject, who defined it, what happened and what to do")
    func shape() throws {
        for (id, lines) in entries {
            let head = lines.prefix { !$0.isEmpty }
            #expect(head.first?.hasPrefix("Subject: ") == true, "\(id)")
            #expect(head.contains("Defined-By: prefd"), "\(id)")
            let paragraphs = lines.dropFirst(head.count).split(separator: "")
            #expect(paragraphs.count >= 2, "\(id)")
        }
    }

    @Test("names only fields that events have")
    func placeholders() {
        let known: Set = [
            "MESSAGE", "PREFD_EVENT", "PREFD_REQUEST_ID", "PREFD_PRINCIPAL", "PREFD_APP",
            "PREFD_TIER",
            "PREFD_RULE", "PREFD_ACTION", "PREFD_DURATION_US",
        ]
        for (_, lines) in entries {
            for line in lines {
                let parts = line.split(separator: "@", omittingEmptySubsequences: false)
                for (index, part) in parts.enumerated() where !index.isMultiple(of: 2) {
                    #expect(known.contains(String(part)), "\(line)")
                }
            }
        }
    }
}
