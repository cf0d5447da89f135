// National identifiers of European countries. Letters are 10 to 35 (see `TailValidator.Reading`).

enum NationalIdentifiers {
    private static let dniLetters = Array("TRWAGMYFPDXBNJZSQVHLCKE".utf8).map { Int($0) - 55 }

    /// Spain, DNI and NIE: eight digits, or X, Y or Z and seven, and a letter, which is the number
    /// modulo 23.
    ///
    /// Source: Real Decreto 1553/2005, article 11; Orden INT/2058/2008 (NIE).
    static func isDNI(_ values: ArraySlice<Int>) -> Bool {
        guard let first = values.first, let last = values.last, last >= 10 else { return false }
        let lead = (33...35).contains(first) ? first - 33 : first
        let body = values.dropFirst().dropLast()
        guard lead < 10, body.allSatisfy({ $0 < 10 }) else { return false }
        return last == dniLetters[CheckDigits.number([lead] + body) % 23]
    }

    /// France, NIR: thirteen digits (2A and 2B for Corsica) and 97 minus the number modulo 97.
    ///
    /// Source: INSEE, Répertoire national d'identification des personnes physiques.
    static func isNIR(_ values: ArraySlice<Int>) -> Bool {
        var digits = Array(values)
        guard digits.count == 15 else { return false }
        // 2A counts as 19, 2B as 18.
        if digits[5] == 2, let digit = [10: 9, 11: 8][digits[6]] {
            digits[5] = 1
            digits[6] = digit
        }
        guard digits.allSatisfy({ $0 < 10 }), digits[0] == 1 || digits[0] == 2 else {
            return false
        }
        let key = CheckDigits.number(digits.suffix(2))
        return key == 97 - CheckDigits.number(digits.prefix(13)) % 97
    }

    /// Germany, Steuer-Identifikationsnummer: of the first ten digits one comes twice or three
    /// times and no other twice; the last is the check digit.
    ///
    /// Source: Bundeszentralamt für Steuern, § 139b AO; ISO/IEC 7064, MOD 11,10.
    static func isSteuerID(_ digits: ArraySlice<Int>) -> Bool {
        guard digits.first != 0 else { return false }
        var counts = [Int](repeating: 0, count: 10)
        for digit in digits.dropLast() { counts[digit] += 1 }
        let repeated = counts.filter { $0 > 1 }
        guard repeated.count == 1, repeated[0] <= 3 else { return false }
        return CheckDigits.isMod11And10(digits)
    }

    /// Germany, Personalausweis: nine characters and a check digit by the weights 7, 3, 1.
    ///
    /// Source: ICAO Doc 9303, part 3, section 4.9; § 5 PAuswG.
    static func isPersonalausweis(_ values: ArraySlice<Int>) -> Bool {
        let weights = [7, 3, 1, 7, 3, 1, 7, 3, 1]
        return CheckDigits.weightedSum(values, weights) % 10 == values.last
    }

    private static let codiceFiscaleOdd = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ]

    /// Italy, codice fiscale: fifteen characters and a letter, the sum of their values modulo 26.
    ///
    /// Source: Decreto del Ministero delle Finanze 23/12/1976, article 8.
    static func isCodiceFiscale(_ values: ArraySlice<Int>) -> Bool {
        guard let last = values.last, last >= 10 else { return false }
        var sum = 0
        for (place, value) in values.dropLast().enumerated() {
            let order = value < 10 ? value : value - 10
            sum += place & 1 == 0 ? codiceFiscaleOdd[order] : order
        }
        return sum % 26 == last - 10
    }

    /// Netherlands, BSN: the eleven-test, the last digit counting −1.
    ///
    /// Source: Besluit burgerservicenummer, article 2 and its explanation.
    static func isBSN(_ digits: ArraySlice<Int>) -> Bool {
        let sum = CheckDigits.weightedSum(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1])
        return sum % 11 == 0 && digits.contains { $0 != 0 }
    }

    /// Belgium, national number: a date, a counter and 97 minus the number modulo 97, with a 2
    /// before it for those born from 2000 on.
    ///
    /// Source: Arrêté royal du 3 avril 1984 relatif au numéro d'identification, article 1.
    static func isBelgianNumber(_ digits: ArraySlice<Int>) -> Bool {
        let month = CheckDigits.number(digits.dropFirst(2).prefix(2))
        let day = CheckDigits.number(digits.dropFirst(4).prefix(2))
        // Months are raised by 20 or 40 in numbers for people without residence.
        guard month % 20 <= 12, month < 60, day <= 31 else { return false }
        let number = CheckDigits.number(digits.prefix(9))
        let check = CheckDigits.number(digits.suffix(2))
        return check == 97 - number % 97 || check == 97 - (2_000_000_000 + number) % 97
    }

    /// Portugal, NIF: eight digits by the weights 9 to 2, and a check digit modulo 11.
    ///
    /// Source: Autoridade Tributária, Decreto-Lei 14/2013; OECD, TIN of Portugal.
    static func isNIF(_ digits: ArraySlice<Int>) -> Bool {
        let rest = CheckDigits.weightedSum(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11
        return digits.first != 0 && digits.last == (rest < 2 ? 0 : 11 - rest)
    }

    /// Poland, PESEL: a date, whose month tells the century, a counter and a check digit.
    ///
    /// Source: Ustawa o ewidencji ludności (24 September 2010), article 15.
    static func isPESEL(_ digits: ArraySlice<Int>) -> Bool {
        let month = CheckDigits.number(digits.dropFirst(2).prefix(2))
        let isDate = CheckDigits.isDate(
            year: CheckDigits.number(digits.prefix(2)),
            month: month % 20,
            day: CheckDigits.number(digits.dropFirst(4).prefix(2))
        )
        return isDate
            && CheckDigits.weightedSum(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0
    }

    /// Sweden, personnummer and samordningsnummer (day raised by 60): a date and the Luhn formula.
    ///
    /// Source: Folkbokföringslag (1991:481), § 18; Skatteverket, SKV 704.
    static func isPersonnummer(_ digits: ArraySlice<Int>) -> Bool {
        let day = CheckDigits.number(digits.dropFirst(4).prefix(2))
        let isDate = CheckDigits.isDate(
            year: CheckDigits.number(digits.prefix(2)),
            month: CheckDigits.number(digits.dropFirst(2).prefix(2)),
            day: day > 60 ? day - 60 : day
        )
        return isDate && CheckDigits.isLuhn(digits)
    }

    /// Norway, fødselsnummer and D-nummer (day raised by 40): a date and two check digits.
    ///
    /// Source: Skatteetaten, folkeregisterforskriften § 2-2-1.
    static func isFodselsnummer(_ digits: ArraySlice<Int>) -> Bool {
        let day = CheckDigits.number(digits.prefix(2))
        let isDate = CheckDigits.isDate(
            year: CheckDigits.number(digits.dropFirst(4).prefix(2)),
            month: CheckDigits.number(digits.dropFirst(2).prefix(2)),
            day: day > 40 ? day - 40 : day
        )
        return isDate
            && CheckDigits.weightedSum(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 == 0
            && CheckDigits.weightedSum(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0
    }

    /// Denmark, CPR: a date; the old check digit has not been given to all since 2007.
    ///
    /// Source: CPR-kontoret, "Personnummeret i CPR-systemet".
    static func isCPR(_ digits: ArraySlice<Int>) -> Bool { CheckDigits.isDayMonthYear(digits) }

    private static let hetuCharacters = Array("0123456789ABCDEFHJKLMNPRSTUVWXY".utf8)

    /// Finland, henkilötunnus: a date, a sign for the century (which may be a letter), a counter
    /// and the number modulo 31.
    ///
    /// Source: Digi- ja väestötietovirasto, "Henkilötunnus"; Act 661/2009, section 11.
    static func isHETU(_ values: ArraySlice<Int>) -> Bool {
        // The sign is no digit: with a letter for it there are eleven characters.
        let digits = values.dropLast().filter { $0 < 10 }.suffix(9)
        guard digits.count == 9, let last = values.last,
            CheckDigits.isDayMonthYear(digits[...])
        else { return false }
        let character = hetuCharacters[CheckDigits.number(digits) % 31]
        return last == Int(character) - (character < 0x41 ? 0x30 : 55)
    }

    /// Switzerland, AHV number: thirteen digits from 756 on with the check digit of an EAN-13.
    ///
    /// Source: Zentrale Ausgleichsstelle, "Die AHV-Nummer"; GS1 General Specifications, 7.9.
    static func isAHV(_ digits: ArraySlice<Int>) -> Bool {
        CheckDigits.weightedSum(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 == 0
    }

    /// Austria, Sozialversicherungsnummer: three digits, a check digit modulo 11, a date.
    ///
    /// Source: Dachverband der Sozialversicherungsträger, § 31 ASVG.
    static func isSVNR(_ digits: ArraySlice<Int>) -> Bool {
        let sum = CheckDigits.weightedSum(digits, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6])
        return sum % 11 == digits.dropFirst(3).first
            && CheckDigits.isDayMonthYear(digits.dropFirst(4))
    }

    /// Ireland, PPS number: seven digits, a check letter modulo 23, and maybe a second letter, A to
    /// I or W.
    ///
    /// Source: Department of Social Protection, Social Welfare Consolidation Act 2005, section 262.
    static func isPPSN(_ values: ArraySlice<Int>) -> Bool {
        guard let last = values.last, last >= 10 else { return false }
        // With the second letter, A is 1 and counts nine times.
        let hasSecond = (values.dropLast().last ?? 0) >= 10
        let digits = values.filter { $0 < 10 }.suffix(7)
        guard digits.count == 7, !hasSecond || (10...18).contains(last) || last == 32 else {
            return false
        }
        let letter = hasSecond ? values.dropLast().last ?? 0 : last
        let extra = hasSecond ? (last == 32 ? 0 : last - 9) * 9 : 0
        let sum = CheckDigits.weightedSum(digits[...], [8, 7, 6, 5, 4, 3, 2]) + extra
        return letter == (sum % 23 == 0 ? 32 : sum % 23 + 9)
    }

    /// Czechia and Slovakia, rodné číslo of ten digits: a date and divisibility by 11.
    ///
    /// Source: Zákon č. 133/2000 Sb., § 13.
    static func isRodneCislo(_ digits: ArraySlice<Int>) -> Bool {
        let month = CheckDigits.number(digits.dropFirst(2).prefix(2)) % 50
        let isDate = CheckDigits.isDate(
            year: CheckDigits.number(digits.prefix(2)),
            month: month > 20 ? month - 20 : month,
            day: CheckDigits.number(digits.dropFirst(4).prefix(2))
        )
        return isDate && CheckDigits.number(digits) % 11 == 0
    }

    /// Romania, CNP: sex and century, a date, a county, a counter and a check digit.
    ///
    /// Source: Legea 105/1996; OUG 97/2005, article 6.
    static func isCNP(_ digits: ArraySlice<Int>) -> Bool {
        let weights = [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]
        let rest = CheckDigits.weightedSum(digits, weights) % 11
        return digits.first != 0 && CheckDigits.isYearMonthDay(digits.dropFirst().prefix(6))
            && digits.last == (rest == 10 ? 1 : rest)
    }

    /// Croatia, OIB: ten digits and a check digit by ISO/IEC 7064, MOD 11,10.
    ///
    /// Source: Zakon o osobnom identifikacijskom broju (NN 60/08), article 3.
    static func isOIB(_ digits: ArraySlice<Int>) -> Bool { CheckDigits.isMod11And10(digits) }

    /// Estonia and Lithuania, isikukood and asmens kodas: century, date, counter, check digit.
    ///
    /// Source: EVS 585:2007; Lietuvos Respublikos gyventojų registro įstatymas.
    static func isBalticCode(_ digits: ArraySlice<Int>) -> Bool {
        guard CheckDigits.isYearMonthDay(digits.dropFirst().prefix(6)) else { return false }
        var rest = CheckDigits.weightedSum(digits, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11
        if rest == 10 {
            rest = CheckDigits.weightedSum(digits, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11
        }
        return digits.last == (rest == 10 ? 0 : rest)
    }

    /// United Kingdom, NHS number: nine digits by the weights 10 to 2, and a check digit.
    ///
    /// Source: NHS Data Dictionary, "NHS NUMBER".
    static func isNHSNumber(_ digits: ArraySlice<Int>) -> Bool {
        let sum = CheckDigits.weightedSum(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
        return sum % 11 == 0 && digits.contains { $0 != 0 }
    }
}
