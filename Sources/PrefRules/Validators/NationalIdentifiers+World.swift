// National identifiers of the Americas, Asia, Africa and Oceania.

extension NationalIdentifiers {
    /// Brazil, CPF: nine digits and two check digits modulo 11; not one digit eleven times.
    ///
    /// Source: Receita Federal, Instrução Normativa RFB 2172/2024, annex I.
    static func isCPF(_ digits: ArraySlice<Int>) -> Bool {
        guard Set(digits).count > 1 else { return false }
        return (9...10).allSatisfy { count in
            let weights = Array((2...(count + 1)).reversed())
            let rest = CheckDigits.weightedSum(digits, weights) % 11
            return digits.dropFirst(count).first == (rest < 2 ? 0 : 11 - rest)
        }
    }

    /// Brazil, CNPJ: twelve characters, since 2026 letters too (as their ASCII code less 48), and
    /// two check digits modulo 11.
    ///
    /// Source: Receita Federal, Instrução Normativa RFB 2229/2024.
    static func isCNPJ(_ values: ArraySlice<Int>) -> Bool {
        let values = values.map { $0 < 10 ? $0 : $0 + 7 }[...]
        guard Set(values).count > 1 else { return false }
        let weights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]
        return (12...13).allSatisfy { count in
            let rest = CheckDigits.weightedSum(values, weights.suffix(count)) % 11
            return values.dropFirst(count).first == (rest < 2 ? 0 : 11 - rest)
        }
    }

    /// Mexico, CURP: seventeen characters and a check digit by the weights 18 to 2 over an
    /// alphabet with Ñ.
    ///
    /// Source: RENAPO, Instructivo normativo para la asignación de la CURP (DOF 18/10/2021).
    static func isCURP(_ values: ArraySlice<Int>) -> Bool {
        // From O on, letters stand one place further, behind Ñ.
        let places = values.map { $0 < 24 ? $0 : $0 + 1 }[...]
        let sum = CheckDigits.weightedSum(places, Array((2...18).reversed()))
        return values.last == (10 - sum % 10) % 10
            && CheckDigits.isYearMonthDay(values.dropFirst(4).prefix(6))
    }

    /// Chile, RUT: a number and a check character modulo 11, K for ten.
    ///
    /// Source: Servicio de Registro Civil e Identificación, DFL 3/1969.
    static func isRUT(_ values: ArraySlice<Int>) -> Bool {
        var sum = 0
        for (place, value) in values.dropLast().reversed().enumerated() {
            guard value < 10 else { break }
            sum += value * (2 + place % 6)
        }
        let check = 11 - sum % 11
        return values.last == (check == 11 ? 0 : check == 10 ? 20 : check)
    }

    /// Argentina, CUIT and CUIL: ten digits and a check digit modulo 11.
    ///
    /// Source: AFIP (ARCA), Resolución General 2811; ANSES, CUIL.
    static func isCUIT(_ digits: ArraySlice<Int>) -> Bool {
        CheckDigits.weightedSum(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0
            && digits.contains { $0 != 0 }
    }

    /// Canada, SIN: nine digits, not from 0 or 8 on, with the Luhn formula.
    ///
    /// Source: Service Canada, Social Insurance Number code of practice.
    static func isSIN(_ digits: ArraySlice<Int>) -> Bool {
        digits.first != 0 && digits.first != 8 && CheckDigits.isLuhn(digits)
    }

    /// India, Aadhaar: twelve digits, not from 0 or 1 on, with Verhoeff's check digit.
    ///
    /// Source: UIDAI, "A UID Numbering Scheme", 2010.
    static func isAadhaar(_ digits: ArraySlice<Int>) -> Bool {
        (digits.first ?? 0) > 1 && CheckDigits.isVerhoeff(digits)
    }

    private static let chineseProvinces: Set = [
        11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51,
        52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, 91,
    ]

    /// China, resident identity number: a region, a date of the 19th to 21st century, a counter
    /// and a check character, X for ten.
    ///
    /// Source: GB 11643-1999; ISO/IEC 7064, MOD 11-2.
    static func isChineseResident(_ values: ArraySlice<Int>) -> Bool {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let check = (12 - CheckDigits.weightedSum(values, weights) % 11) % 11
        return chineseProvinces.contains(CheckDigits.number(values.prefix(2)))
            && (18...20).contains(CheckDigits.number(values.dropFirst(6).prefix(2)))
            && CheckDigits.isYearMonthDay(values.dropFirst(8).prefix(6))
            && values.last == (check == 10 ? 33 : check)
    }

    /// Korea, RRN: a date, a digit for sex and century, and a check digit, which numbers given
    /// since October 2020 do not have.
    ///
    /// Source: Resident Registration Act, enforcement rule, article 2 (amended 2020).
    static func isRRN(_ digits: ArraySlice<Int>) -> Bool {
        guard CheckDigits.isYearMonthDay(digits), let sex = digits.dropFirst(6).first,
            (1...8).contains(sex)
        else { return false }
        let weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]
        let check = (11 - CheckDigits.weightedSum(digits, weights) % 11) % 10
        let isRecent =
            [3, 4, 7, 8].contains(sex) && CheckDigits.number(digits.prefix(4)) >= 2010
        return digits.last == check || isRecent
    }

    /// Japan, My Number: eleven digits and a check digit modulo 11.
    ///
    /// Source: 総務省令第85号 (2014), article 5.
    static func isMyNumber(_ digits: ArraySlice<Int>) -> Bool {
        let rest = CheckDigits.weightedSum(digits, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
        return digits.last == (rest < 2 ? 0 : 11 - rest)
    }

    /// Australia, TFN: nine digits whose weighted sum is divisible by 11.
    ///
    /// Source: Australian Taxation Office, tax file number algorithm.
    static func isTFN(_ digits: ArraySlice<Int>) -> Bool {
        CheckDigits.weightedSum(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 == 0
            && digits.contains { $0 != 0 }
    }

    /// Australia, Medicare card: eight digits from 2 to 6 on, a check digit, an issue number.
    ///
    /// Source: Services Australia; METeOR 270101, Medicare card number.
    static func isMedicare(_ digits: ArraySlice<Int>) -> Bool {
        (2...6).contains(digits.first ?? 0)
            && CheckDigits.weightedSum(digits, [1, 3, 7, 9, 1, 3, 7, 9]) % 10
                == digits.dropFirst(8).first
    }

    /// New Zealand, IRD number of nine digits: a check digit modulo 11, with second weights.
    ///
    /// Source: Inland Revenue, Resident Withholding Tax file upload specification, section on
    /// IRD number validation.
    static func isIRD(_ digits: ArraySlice<Int>) -> Bool {
        func check(_ weights: [Int]) -> Int {
            let rest = CheckDigits.weightedSum(digits, weights) % 11
            return rest == 0 ? 0 : 11 - rest
        }
        guard (10_000_000...150_000_000).contains(CheckDigits.number(digits)) else { return false }
        let first = check([3, 2, 7, 6, 5, 4, 3, 2])
        return digits.last == (first == 10 ? check([7, 4, 3, 2, 5, 2, 7, 6]) : first)
    }

    /// South Africa, identity number: a date, a counter, citizenship (0 or 1), and the Luhn formula.
    ///
    /// Source: Department of Home Affairs, Identification Act 68 of 1997.
    static func isSouthAfrican(_ digits: ArraySlice<Int>) -> Bool {
        (digits.dropFirst(10).first ?? 9) < 2 && CheckDigits.isYearMonthDay(digits)
            && CheckDigits.isLuhn(digits)
    }

    /// Turkey, TCKN: nine digits and two check digits.
    ///
    /// Source: Nüfus ve Vatandaşlık İşleri Genel Müdürlüğü, T.C. kimlik numarası.
    static func isTCKN(_ digits: ArraySlice<Int>) -> Bool {
        let odd = CheckDigits.weightedSum(digits, [1, 0, 1, 0, 1, 0, 1, 0, 1])
        let even = CheckDigits.weightedSum(digits, [0, 1, 0, 1, 0, 1, 0, 1])
        return digits.first != 0 && (odd * 7 - even + 100) % 10 == digits.dropFirst(9).first
            && digits.dropLast().reduce(0, +) % 10 == digits.last
    }

    /// Israel, identity number: nine digits with the Luhn formula.
    ///
    /// Source: Population and Immigration Authority; OECD, TIN of Israel.
    static func isIsraeli(_ digits: ArraySlice<Int>) -> Bool {
        CheckDigits.isLuhn(digits) && digits.contains { $0 != 0 }
    }

    private static let nricWeights = [2, 7, 6, 5, 4, 3, 2]

    /// Singapore, NRIC and FIN: a letter for the century, seven digits, a check letter modulo 11.
    ///
    /// Source: Immigration and Checkpoints Authority; National Registration Act.
    static func isNRIC(_ values: ArraySlice<Int>) -> Bool {
        guard let first = values.first, let last = values.last, last >= 10 else { return false }
        let series: (offset: Int, letters: StaticString)
        switch first {
        case 28: series = (0, "JZIHGFEDCBA")
        case 29: series = (4, "JZIHGFEDCBA")
        case 15: series = (0, "XWUTRQPNMLK")
        case 16: series = (4, "XWUTRQPNMLK")
        case 22: series = (3, "KLJNPQRTUWX")
        default: return false
        }
        let sum = CheckDigits.weightedSum(values.dropFirst(), nricWeights) + series.offset
        let letters = Array(series.letters.description.utf8)
        return last == Int(letters[sum % 11]) - 55
    }

    /// Hong Kong, identity card: one letter, six digits, a check character modulo 11, A for ten.
    ///
    /// Source: Immigration Department, Registration of Persons Regulations.
    static func isHKID(_ values: ArraySlice<Int>) -> Bool {
        // A missing second letter counts as 36, at weight 9.
        let sum = 36 * 9 + CheckDigits.weightedSum(values, [8, 7, 6, 5, 4, 3, 2, 1])
        return (values.first ?? 0) >= 10 && sum % 11 == 0
    }

    /// Taiwan, identity number: a letter, nine digits, a weighted sum divisible by ten.
    ///
    /// Source: 內政部戶政司, 國民身分證統一編號.
    static func isTaiwanese(_ values: ArraySlice<Int>) -> Bool {
        let regions = Array("ABCDEFGHJKLMNPQRSTUVXYWZIO".utf8).map { Int($0) - 55 }
        guard let letter = values.first, let region = regions.firstIndex(of: letter) else {
            return false
        }
        let sum =
            (region + 10) / 10 + (region + 10) % 10 * 9
            + CheckDigits.weightedSum(values.dropFirst(), [8, 7, 6, 5, 4, 3, 2, 1, 1])
        return sum % 10 == 0
    }

    /// Thailand, identity number: twelve digits by the weights 13 to 2, and a check digit.
    ///
    /// Source: กรมการปกครอง, เลขประจำตัวประชาชน; OECD, TIN of Thailand.
    static func isThai(_ digits: ArraySlice<Int>) -> Bool {
        let sum = CheckDigits.weightedSum(digits, Array((2...13).reversed()))
        return digits.first != 0 && digits.last == (11 - sum % 11) % 10
    }
}
