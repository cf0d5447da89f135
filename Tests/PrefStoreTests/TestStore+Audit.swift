import Foundation
import PrefModel

@testable import PrefStore

extension TestStore {
    /// The entries of the audit log's file in use.
    func auditEntries() throws -> [AuditEntry] {
        let data = try Data(contentsOf: URL(fileURLWithPath: directory + "/audit.log"))
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
            .compactMap { AuditEntry(String($0)) }
    }

    /// A closed store in which a few things were decided.
    static func withDecisions() async throws -> TestStore {
        let test = try TestStore()
        try await test.withStore { store in
            try await store.set("note", "a secret note", of: alice)
            try await store.grant(
                .signalsExplicit,
                of: alice,
                method: .api,
                retentionSeconds: 86_400
            )
            try await store.withdraw(.signalsExplicit, of: alice)
            try await store.set("note", "again", of: bob)
            try await store.forget(bob)
            try await store.enter(.admin("user-show", by: "p-admin", subject: "p-user"))
        }
        return test
    }
}
