import FoundationEssentials
import Glibc
import Testing

@testable import PrefConfig

@Suite("A secret")
struct SecretTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ source: SecretSource, _ environment: [String: String] = [:]) throws
        -> String
    {
        try Secret(from: source, environment: environment).text
    }

    @Test("is read from a file of mode 0600, without its line break")
    func file() throws {
        for text in ["sk-1234", "sk-1234\n", "sk-1234\r\n"] {
            #expect(try read(.file(folder.write("key", Array(text.utf8)))) == "sk-1234")
        }
        #expect(try read(.file(folder.write("key400", Array("k".utf8), mode: 0o400))) == "k")
    }

    @Test("is read from a systemd credential whatever its mode")
    func credential() throws {
        _ = try folder.write("llm.key", Array("sk-1\n".utf8), mode: 0o440)
        let environment = ["CREDENTIALS_DIRECTORY": folder.path]
        #expect(try read(.credential("llm.key"), environment) == "sk-1")
        #expect(throws: SecretError.missing(path: folder.path + "/other")) {
            try read(.credential("other"), environment)
        }
        #expect(throws: SecretError.noCredentials(name: "llm.key")) {
            try read(.credential("llm.key"))
        }
    }

    @Test("that others can get at is refused", arguments: [0o640, 0o604, 0o644, 0o660, 0o777])
    func modes(mode: Int) throws {
        let path = try folder.write("key", [0x61], mode: mode)
        #expect(throws: SecretError.openToOthers(path: path, mode: UInt32(mode))) {
            try read(.file(path))
        }
    }

    @Test("that is missing, empty, too long, not one line or not a file is refused")
    func contents() throws {
        let missing = folder.path + "/none"
        #expect(throws: SecretError.missing(path: missing)) { try read(.file(missing)) }
        let empty = try folder.write("empty", [0x0A])
        #expect(throws: SecretError.empty(path: empty)) { try read(.file(empty)) }
        let long = try folder.write("long", [UInt8](repeating: 0x61, count: Secret.maxBytes + 1))
        #expect(throws: SecretError.tooLong(path: long)) { try read(.file(long)) }
        let longest = try folder.write("longest", [UInt8](repeating: 0x61, count: Secret.maxBytes))
        #expect(try read(.file(longest)).utf8.count == Secret.maxBytes)
        for bytes: [UInt8] in [
            Array("a\nb".utf8), Array("a\r\nX-Evil: 1".utf8), [0x61, 0], [0xFF], Array("é".utf8),
        ] {
            let path = try folder.write("bad", bytes)
            #expect(throws: SecretError.notOneLine(path: path)) { try read(.file(path)) }
        }
        #expect(throws: SecretError.notAFile(path: folder.path)) { try read(.file(folder.path)) }
    }

    @Test("that is a FIFO is refused without waiting for a writer")
    func fifo() throws {
        let path = folder.path + "/fifo"
        // The path is lent for the call.
        try #require(unsafe mkfifo(path, 0o600) == 0)
        #expect(throws: SecretError.notAFile(path: path)) { try read(.file(path)) }
    }

    @Test(
        "of another user is refused",
        .enabled(if: geteuid() == 0, "only root can give a file away")
    )
    func owner() throws {
        let path = try folder.write("key", [0x61])
        // The path is lent for the call.
        try #require(unsafe chown(path, 12_345, 12_345) == 0)
        #expect(throws: SecretError.foreignOwner(path: path, uid: 12_345)) { try read(.file(path)) }
    }

    @Test("shows itself in no description, dump or error")
    func hidden() throws {
        let canary = "sk-canary-7f3a"
        let secret = try Secret(
            from: .file(folder.write("key", Array(canary.utf8))),
            environment: [:]
        )
        var dumped = ""
        dump(secret, to: &dumped)
        dump([secret], to: &dumped)
        let shown =
            "\(secret) \(String(reflecting: secret)) \([secret]) \(secret as Any) \(dumped)"
        #expect(!shown.contains(canary))
        let bad = try folder.write("bad", Array((canary + "\n" + canary).utf8))
        let error = #expect(throws: SecretError.self) { try read(.file(bad)) }
        #expect(error.map { "\($0)\(String(reflecting: $0))".contains(canary) } == false)
    }
}
