import Testing

@testable import PrefRules

/// Known-good numbers are published examples or made with the published formula.
@Suite("Validators of numbers with checksums")
struct ChecksumValidatorTests {
    static let valid: [(ValidatorName, String)] = [
        (.abaRouting, "routing number 011000015"),
        (.argentineCUIT, "20-05536168-2"),
        (.australianMedicare, "2123 45670 1"),
        (.australianTFN, "123 456 782"),
        (.austrianSVNR, "1237 010180"),
        (.balticCode, "36805280109"),
        (.balticCode, "33309240064"),
        (.belgianNumber, "85.07.30-033.28"),
        (.brazilianCNPJ, "11.222.333/0001-81"),
        (.brazilianCNPJ, "12.ABC.345/01DE-35"),
        (.brazilianCPF, "111.444.777-35"),
        (.canadianSIN, "SIN: 123 456 782"),
        (.chileanRUT, "12.531.909-2"),
        (.chileanRUT, "RUT 12531909-2"),
        (.chineseResident, "11010519491231002X"),
        (.croatianOIB, "33392005961"),
        (.czechRodneCislo, "710319/2745"),
        (.dutchBSN, "111222333"),
        (.finnishHETU, "131052-308T"),
        (.finnishHETU, "HETU 131052A308T"),
        (.frenchNIR, "2 55 08 14 168 025 38"),
        (.germanPersonalausweis, "T220001293"),
        (.germanSteuerID, "36 574 261 809"),
        (.hongKongID, "A123456(3)"),
        (.indianAadhaar, "2341 2341 2346"),
        (.irishPPSN, "6433435F"),
        (.irishPPSN, "6433435OA"),
        (.israeliID, "039337423"),
        (.italianCodiceFiscale, "MRTMTT25D09F205Z"),
        (.japaneseMyNumber, "1234 5678 9018"),
        (.koreanRRN, "900101-1234568"),
        (.mexicanCURP, "BOXW310820HNERXN09"),
        (.newZealandIRD, "136-410-132"),
        (.nhsNumber, "NHS number 943 476 5919"),
        (.norwegianFodselsnummer, "15108695088"),
        (.polishPESEL, "44051401359"),
        (.portugueseNIF, "501 964 843"),
        (.romanianCNP, "1630615123457"),
        (.singaporeanNRIC, "S1234567D"),
        (.southAfricanID, "8001015009087"),
        (.spanishDNI, "12345678Z"),
        (.spanishDNI, "X-1234567-L"),
        (.swedishPersonnummer, "811228-9874"),
        (.swissAHV, "756.9217.0769.85"),
        (.taiwaneseID, "A123456789"),
        (.thaiID, "1-2345-45678-78-1"),
        (.turkishTCKN, "10000000146"),
    ]

    @Test("take a good number and refuse it with its last character changed", arguments: valid)
    func lastCharacter(_ name: ValidatorName, _ text: String) throws {
        #expect(isValid(name, text))
        // Some cards end in a number of issue, which no checksum covers.
        guard name != .australianMedicare else { return }
        var changed = text
        let index = try #require(text.lastIndex { $0.isLetter || $0.isNumber })
        for other in text[index].isLetter ? "ABCDEFGHJKLMNPQRSTVWXYZ" : "0123456789"
        where other != text[index] {
            changed.replaceSubrange(index...index, with: String(other))
            #expect(!isValid(name, changed), "\(changed)")
        }
    }

    @Test("refuse it with any one digit changed", arguments: valid)
    func anyDigit(_ name: ValidatorName, _ text: String) {
        // Of these, a digit lies outside the checksum or weighs as much as the modulus is, and Thailand's
        // check digit is one of eleven cut to ten.
        let uncovered: [ValidatorName: Int] = [
            .australianMedicare: 1, .mexicanCURP: 1, .thaiID: 2,
        ]
        var accepted = 0
        for index in text.indices where text[index].isNumber {
            let digit = text[index].wholeNumberValue ?? 0
            var changed = text
            changed.replaceSubrange(index...index, with: String((digit + 1) % 10))
            if isValid(name, changed) { accepted += 1 }
        }
        #expect(accepted <= uncovered[name, default: 0], "\(text)")
    }

    @Test("a check digit is not enough where the rest cannot be")
    func impossible() {
        // A 31st of February, a month 13, one digit eleven times, an unassigned range.
        #expect(!isValid(.danishCPR, "310280-1234"))
        #expect(isValid(.danishCPR, "210280-1234"))
        #expect(!isValid(.southAfricanID, "8013015009082"))
        #expect(!isValid(.brazilianCPF, "111.111.111-11"))
        #expect(!isValid(.abaRouting, "990000016"))
        #expect(!isValid(.germanSteuerID, "12345678903"))
        #expect(!isValid(.canadianSIN, "046 454 286"))
    }

    @Test("numbers that Korea gave since October 2020 need no check digit")
    func recentKoreanNumbers() {
        #expect(isValid(.koreanRRN, "201105-3123459"))
        #expect(isValid(.koreanRRN, "201105-3123450"))
        #expect(!isValid(.koreanRRN, "201305-3123450"))
    }

    @Test("Corsica's departments count as 19 and 18")
    func corsica() {
        #expect(isValid(.frenchNIR, "1 84 12 2A 451 089 33"))
        #expect(!isValid(.frenchNIR, "1 84 12 2B 451 089 33"))
    }

    @Test("addresses of Bitcoin, of Ethereum and keys spelled like them")
    func addresses() {
        for (name, text) in [
            (ValidatorName.base58Check, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
            (.base58Check, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
            (.base58Check, "5KJvsngHeMpm884wtkJNzQGaCErckhHJBGFsvd3VyK5qMZXj3hS"),
            (.bech32, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
            (.bech32, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
            (.bech32, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
            (.ethereum, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
            (.ethereum, "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"),
        ] {
            #expect(isValid(name, text), "\(text)")
            for index in text.indices.dropFirst(4) {
                var changed = text
                let other = text[index] == "3" ? "4" : "3"
                changed.replaceSubrange(index...index, with: other)
                #expect(!isValid(name, changed), "\(changed)")
            }
        }
        #expect(!isValid(.bech32, "bc1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"))
        // In one case there is no checksum to be sure of.
        #expect(!isValid(.ethereum, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"))
    }

    @Test("the hashes under them give the published values")
    func hashes() {
        func hexadecimal(_ bytes: [UInt8]) -> String {
            bytes.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
        }
        #expect(
            hexadecimal(SHA256.hash(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(
            hexadecimal(
                SHA256.hash(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
            ) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        )
        #expect(
            hexadecimal(Keccak256.hash([]))
                == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
        )
    }
}
