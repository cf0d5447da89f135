import Testing

@testable import PrefRules

@Suite("Validators")
struct ValidatorTests {
    @Test("luhn takes valid check digits, with or without separators")
    func luhn() {
        #expect(isValid(.luhn, "79927398713"))
        #expect(isValid(.luhn, "4111 1111-1111 1111"))
        #expect(!isValid(.luhn, "79927398710"))
        #expect(!isValid(.luhn, "0000000000000000"))
    }

    @Test("iban takes valid check digits and only its country's length")
    func iban() {
        #expect(isValid(.iban, "GB82 WEST 1234 5698 7654 32"))
        #expect(isValid(.iban, "NO9386011117947"))
        #expect(!isValid(.iban, "GB82 WEST 1234 5698 7654 33"))
        #expect(!isValid(.iban, "XX82WEST12345698765432"))
    }

    @Test("entropy takes random keys and refuses fillers")
    func entropy() {
        #expect(isValid(.entropy, "AKIAQYLPMN5HHHFPZAM2"))
        #expect(isValid(.entropy, "abcdefgh"))
        #expect(!isValid(.entropy, "XXXXXXXXXXXXXXXXXXXX"))
        #expect(!isValid(.entropy, "abababababababab"))
    }

    @Test("digits, letters and placeholder look for what they name")
    func presence() {
        #expect(isValid(.digits, "abc1"))
        #expect(!isValid(.digits, "abc"))
        #expect(isValid(.letters, "12a"))
        #expect(!isValid(.letters, "123"))
        #expect(isValid(.placeholder, "http://a:h7xQ29@b"))
        #expect(!isValid(.placeholder, "http://a:PASSWORD@b"))
        #expect(!isValid(.placeholder, ":guest@b"))
        #expect(isValid(.placeholder, ":guest7@b"))
        #expect(isValid(.placeholder, "MY_SECRET_TOKEN=h7xQ29"))
        #expect(!isValid(.placeholder, "MY_KEY=your-key-7"))
    }

    @Test("an invalid longer candidate does not hide a valid shorter one, nor an earlier start")
    func candidates() throws {
        let rules = try ruleSet(
            rule(
                "n",
                "{ regex: '\\b\\d(?: ?\\d){3,18}\\b' }",
                action: "{ redact: X }",
                more: "validate: [luhn]"
            )
        )
        #expect(rules.enforce("79927398713 5") == "X 5")
        #expect(rules.enforce("1 79927398713") == "1 X")
        #expect(rules.enforce("7 9 9 2 7 3 9 8 7 1 3 5 5") != "7 9 9 2 7 3 9 8 7 1 3 5 5")
    }

    @Test("length sets hold every length from 1 to 256")
    func lengthSets() {
        var lengths = LengthSet()
        #expect(lengths.greatestLength == 0)
        for length in 1...256 {
            lengths.insert(length: length)
            #expect(lengths.greatestLength == length && lengths.contains(length: length))
        }
        lengths.remove(length: 256)
        #expect(lengths.greatestLength == 255)
    }
}
