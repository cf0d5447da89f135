import Testing

@testable import PrefModel

@Suite("A language tag")
struct LanguageTagTests {
    @Test(
        "is put in canonical case",
        arguments: [
            ("en", "en"), ("EN", "en"), ("pt-br", "pt-BR"), ("ZH-HANT-tw", "zh-Hant-TW"),
            ("gsw", "gsw"),
            ("es-419", "es-419"), ("sl-ROZAJ", "sl-rozaj"), ("de-1996", "de-1996"),
            ("en-US-x-twain", "en-US-x-twain"),
        ]
    )
    func canonical(text: String, expected: String) {
        #expect(LanguageTag.canonical(text) == expected)
        #expect(LanguageTag.canonical(expected) == expected)
    }

    @Test(
        "that is not well-formed is none",
        arguments: [
            "", "e", "e1", "1", "english language", "en_US", "en-", "-en", "en--US",
            "en-toolongpart", "abcd",
            "en-US-x", "én", "en\n", "en US", "abcdefghi", "en-ÜS", "a-DE",
            "en-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa",
        ]
    )
    func malformed(text: String) {
        #expect(LanguageTag.canonical(text) == nil)
    }

    @Test("never lets anything but letters, digits and hyphens through")
    func alphabet() {
        for byte in UInt8(0x00)...0x7F {
            let text = "en-" + String(Unicode.Scalar(byte)) + "bc"
            guard let tag = LanguageTag.canonical(text) else { continue }
            #expect(tag.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" })
        }
    }
}
