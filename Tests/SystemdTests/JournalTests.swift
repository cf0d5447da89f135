import FoundationEssentials
import Glibc
import Testing

@testable import Systemd

/// What the tests of the journal need on the machine.
private enum OwnJournald {
    static let path = "/usr/lib/systemd/systemd-journald"

    static var canRun: Bool {
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: path)
            && FileManager.default.isExecutableFile(atPath: "/usr/bin/journalctl")
    }
}

/// Entries are read back from a real journald: that sending succeeded proves nothing.
///
/// It runs in a mount namespace of its own, with its sockets and files in a fresh `/run`; that
/// takes root, and journald on the machine. Everything happens on the one thread that left for the
/// namespace, so nothing in the bodies may suspend.
@Suite(
    "The journal",
    .enabled(
        if: OwnJournald.canRun,
        "reading back from a journald of one's own takes root and systemd-journald"
    )
)
struct JournalTests {
    /// Moves this thread to a mount namespace with an empty `/run`.
    private static func leaveForOwnRun() throws {
        // Glibc's module lacks the function; its type is unshare(2)'s.
        let symbol = try unsafe #require(unsafe dlsym(nil, "unshare"))
        let unshare = unsafe unsafeBitCast(symbol, to: (@convention(c) (CInt) -> CInt).self)
        let newMounts: CInt = 0x0002_0000
        try #require(unshare(newMounts) == 0)
        // The testing library waits for the last holder of its pipe: that must not be a journald.
        for descriptor in CInt(3)..<1_024 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        try run("mount --make-rprivate / && mount -t tmpfs tmpfs /run")
        try run("mkdir -p /run/systemd/journal /run/log/journal")
    }

    private static func run(_ command: String) throws {
        // The command is lent for the call.
        try #require(unsafe system(command) == 0)
    }

    private static func startJournald() throws {
        // By SIGKILL, since this thread's mask, which blocks all others, is inherited; and by a
        // watcher, should this process die before it stops journald itself.
        try run(
            """
            exec >/dev/null 2>&1 </dev/null
            \(OwnJournald.path) & journald=$!
            echo $journald >/run/journald.pid
            (while kill -0 \(getpid()); do sleep 0.2; done; kill -9 $journald) &
            """
        )
        for _ in 0..<200 where !Journal.isListening { usleep(20_000) }
        try #require(Journal.isListening)
    }

    /// A field's value as `journalctl -o json` writes it: a string, or the bytes of one that holds
    /// control characters.
    private struct Value: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let bytes = try? container.decode([UInt8].self) {
                text = String(decoding: bytes, as: UTF8.self)
            } else {
                text = try container.decode(String.self)
            }
        }
    }

    /// The entries of this process, once journald has written them all.
    private static func entries() throws -> [[String: String]] {
        try run("journalctl --sync")
        try run("journalctl -D /run/log/journal -o json --all _PID=\(getpid()) >/run/entries.json")
        let text = try String(contentsOf: URL(filePath: "/run/entries.json"), encoding: .utf8)
        return try text.split(separator: "\n").map {
            try JSONDecoder().decode([String: Value].self, from: Data($0.utf8)).mapValues(\.text)
        }
    }

    private static func stopJournald() {
        // The command is lent for the call. Without a journald there is nothing to stop.
        _ = unsafe system("kill -9 $(cat /run/journald.pid)")
    }

    @Test("holds an entry's fields as they were sent, line breaks too")
    func readBack() async {
        await #expect(processExitsWith: .success) {
            try Self.leaveForOwnRun()
            try Self.startJournald()
            defer { Self.stopJournald() }
            let text = "first\nsecond = \"third\"\n\n\u{1B}[31m é PRIORITY=0"
            let sent = Journal.send([
                ("MESSAGE", "A rule fired"), ("PRIORITY", "5"), ("PREFD_EVENT", "rule-fired"),
                ("PREFD_TEXT", text), ("lower", "left out"), ("_PID", "1"),
            ])
            #expect(sent)
            let entries = try Self.entries()
            let entry = try #require(entries.first)
            #expect(entries.count == 1)
            #expect(entry["MESSAGE"] == "A rule fired" && entry["PRIORITY"] == "5")
            #expect(entry["PREFD_EVENT"] == "rule-fired" && entry["PREFD_TEXT"] == text)
            #expect(entry["lower"] == nil && entry["CODE_FILE"] == nil)
            #expect(entry["_PID"] == String(getpid()) && entry["SYSLOG_IDENTIFIER"] != nil)
        }
    }

    @Test("takes entries larger than a datagram")
    func large() async {
        await #expect(processExitsWith: .success) {
            try Self.leaveForOwnRun()
            try Self.startJournald()
            defer { Self.stopJournald() }
            let text = String(repeating: "x", count: 400_000)
            let sent = Journal.send([("MESSAGE", "large"), ("PREFD_TEXT", text)])
            #expect(sent)
            let entries = try Self.entries()
            #expect(entries.first?["PREFD_TEXT"] == text)
        }
    }

    @Test("is known to be absent without journald, also where its socket file was left behind")
    func absent() async {
        await #expect(processExitsWith: .success) {
            try Self.leaveForOwnRun()
            #expect(!Journal.isListening)
            // The trap: sending succeeds all the same.
            let sent = Journal.send([("MESSAGE", "to nobody")])
            #expect(sent)
            try Self.startJournald()
            Self.stopJournald()
            for _ in 0..<200 where Journal.isListening { usleep(10_000) }
            #expect(FileManager.default.fileExists(atPath: Journal.socketPath))
            #expect(!Journal.isListening)
            #expect(JournalWriter.Target.chosen(environment: [:]) == .stderr)
        }
    }
}
