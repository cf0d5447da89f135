import Testing

@testable import PrefConfig

@Suite("A backend's URL")
struct BackendURLTests {
    @Test(
        "is http, https or a Unix socket",
        arguments: [
            ("http://127.0.0.1:8080", BackendURL.http(host: "127.0.0.1", port: 8080, path: "")),
            ("http://localhost", .http(host: "localhost", port: 80, path: "")),
            ("HTTPS://API.Example.com/", .https(host: "api.example.com", port: 443, path: "")),
            ("https://h:8443/openai/", .https(host: "h", port: 8443, path: "/openai")),
            ("http://[::1]:11434", .http(host: "::1", port: 11434, path: "")),
            ("unix:///run/llama.sock", .unix(path: "/run/llama.sock")),
        ]
    )
    func reads(text: String, expected: BackendURL) throws {
        let url = try BackendURL(reading: text)
        #expect(url == expected)
        #expect(try BackendURL(reading: url.description) == expected)
    }

    @Test(
        "that is anything else is refused, and never repeated",
        arguments: [
            "", "localhost:8080", "ftp://h", "http://", "http://:80", "http://h:0",
            "http://h:65536",
            "http://h:", "http://h:8a", "http://sk-secret@h", "http://u:sk-secret@h/",
            "http://h/?k=sk-secret",
            "http://h/#f", "http://[::1", "http://[zz]", "http://[::1]x", "http://a b",
            "http://h\n",
            "unix://relative", "unix:///", "http://é",
            "unix:///" + String(repeating: "a", count: 107),
        ]
    )
    func refused(text: String) {
        #expect {
            try BackendURL(reading: text)
        } throws: { error in
            guard let bad = error as? BadValue else { return false }
            return !(bad.phrase + (bad.hint ?? "")).contains("sk-secret")
        }
    }

    @Test("in clear is told apart by whether it leaves the machine")
    func inClear() throws {
        #expect(try BackendURL(reading: "http://10.0.0.1").isPlainOverNetwork)
        #expect(try !BackendURL(reading: "https://10.0.0.1").isPlainOverNetwork)
        for text in [
            "http://127.0.0.1", "http://localhost:1", "http://[::1]", "unix:///run/a.sock",
        ] {
            #expect(try !BackendURL(reading: text).isPlainOverNetwork)
        }
    }
}
