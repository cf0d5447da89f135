import Dispatch
import Glibc
import Testing

@testable import Systemd

@Suite("The journal writer")
struct JournalWriterTests {
    /// A pipe whose reading end does not wait.
    private struct Pipe {
        let reader: CInt
        let writer: CInt

        init() throws {
            var ends: [CInt] = [-1, -1]
            // Fills the two elements.
            try #require(unsafe pipe(&ends) == 0)
            reader = ends[0]
            writer = ends[1]
            _ = fcntl(reader, F_SETFL, O_NONBLOCK)
        }

        func readAll() -> String {
            var text: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                // The buffer is lent for the call, with its own size.
                let count = unsafe read(reader, &buffer, buffer.count)
                guard count > 0 else { break }
                text += buffer.prefix(count)
            }
            return String(decoding: text, as: UTF8.self)
        }
    }

    @Test("writes one line an entry to stderr, in order")
    func ordered() throws {
        let pipe = try Pipe()
        let writer = JournalWriter(target: .stderr, capacity: 1_000, descriptor: pipe.writer)
        for number in 0..<500 {
            writer.write([("MESSAGE", "entry\n\(number)"), ("PRIORITY", "6")])
        }
        #expect(writer.flush(within: .seconds(10)))
        let expected = (0..<500).map { #"MESSAGE="entry\n"# + "\($0)\" PRIORITY=6\n" }.joined()
        #expect(pipe.readAll() == expected)
    }

    @Test("never mixes lines of many writers")
    func whole() async throws {
        let pipe = try Pipe()
        let writer = JournalWriter(target: .stderr, capacity: 10_000, descriptor: pipe.writer)
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<50 {
                        writer.write([("A", "\(task).\(number)"), ("B", "end")])
                    }
                }
            }
        }
        #expect(writer.flush(within: .seconds(10)))
        let lines = pipe.readAll().split(separator: "\n")
        #expect(lines.count == 400)
        #expect(lines.allSatisfy { $0.hasPrefix("A=") && $0.hasSuffix(" B=end") })
    }

    @Test(
        "does not hold its callers up behind a reader that stands still, and says what it dropped"
    )
    func neverBlocks() throws {
        let pipe = try Pipe()
        let writer = JournalWriter(target: .stderr, capacity: 100, descriptor: pipe.writer)
        let value = String(repeating: "x", count: 1_000)
        let took = ContinuousClock().measure {
            for _ in 0..<2_000 { writer.write([("MESSAGE", value)]) }
        }
        #expect(took < .seconds(5))
        #expect(!writer.flush(within: .milliseconds(50)))
        var text = ""
        while !writer.flush(within: .milliseconds(20)) { text += pipe.readAll() }
        text += pipe.readAll()
        let lines = text.split(separator: "\n")
        let written = lines.count { $0 == "MESSAGE=" + value }
        let dropped = lines.compactMap { line -> Int? in
            line.split(separator: "PREFD_DROPPED=").dropFirst().first.flatMap { Int($0) }
        }
        #expect(written < 2_000 && written + dropped.reduce(0, +) == 2_000)
    }

    @Test("survives a stderr whose reader has gone")
    func brokenPipe() async {
        await #expect(processExitsWith: .success) {
            // The exit test's own disposition of the signal, which would end the process.
            _ = signal(SIGPIPE, SIG_DFL)
            var ends: [CInt] = [-1, -1]
            // Fills the two elements.
            try #require(unsafe pipe(&ends) == 0)
            close(ends[0])
            let writer = JournalWriter(target: .stderr, capacity: 10, descriptor: ends[1])
            writer.write([("MESSAGE", "to nobody")])
            #expect(writer.flush())
            let closed = JournalWriter(target: .stderr, capacity: 10, descriptor: 9_999)
            closed.write([("MESSAGE", "to nothing")])
            #expect(closed.flush())
        }
    }

    @Test("goes where the environment says, else looks for journald")
    func chosen() {
        let variable = JournalWriter.Target.environmentVariable
        #expect(JournalWriter.Target.chosen(environment: [variable: "stderr"]) == .stderr)
        #expect(JournalWriter.Target.chosen(environment: [variable: "journal"]) == .journal)
        let found: JournalWriter.Target = Journal.isListening ? .journal : .stderr
        #expect(JournalWriter.Target.chosen(environment: [:]) == found)
        #expect(JournalWriter.Target.chosen(environment: [variable: "nonsense"]) == found)
    }
}
