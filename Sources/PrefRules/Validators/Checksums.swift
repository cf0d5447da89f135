/// The check digit of payment card numbers; everything but digits is skipped.
///
/// A number of one repeated digit is refused: such numbers stand in forms and manuals.
///
/// Source: ISO/IEC 7812-1, annex B (the Luhn formula).
struct LuhnValidator: Validator {
    func narrow(_ lengths: inout LengthSet, of symbols: ArraySlice<ShadowSymbol>) {
        // The sum when the digits at even places are doubled, and when those at odd places are:
        // which of them counts depends on how many digits follow.
        var doublingEven = 0
        var doublingOdd = 0
        var count = 0
        var first: Int?
        var varied = false
        for (index, symbol) in symbols.enumerated() {
            if let digit = SymbolReading.digit(symbol) {
                let doubled = digit > 4 ? digit * 2 - 9 : digit * 2
                doublingEven += count & 1 == 0 ? doubled : digit
                doublingOdd += count & 1 == 1 ? doubled : digit
                if let first { varied = varied || digit != first } else { first = digit }
                count += 1
            }
            // The last digit is never doubled.
            let sum = count & 1 == 0 ? doublingEven : doublingOdd
            if sum % 10 != 0 || !varied || count < 2 { lengths.remove(length: index + 1) }
        }
    }
}

/// The check digits and the length of an International Bank Account Number; everything but ASCII
/// letters and digits is skipped.
///
/// Source: ISO 13616-1 and the SWIFT IBAN registry (lengths); ISO/IEC 7064, MOD 97-10.
struct IBANValidator: Validator {
    func narrow(_ lengths: inout LengthSet, of symbols: ArraySlice<ShadowSymbol>) {
        var head: [Int] = []
        var country = ""
        var body = 0
        var count = 0
        for (index, symbol) in symbols.enumerated() {
            if let value = SymbolReading.alphanumeric(symbol) {
                if count < 4 {
                    head.append(value)
                    if count < 2, value >= 10 {
                        country.unicodeScalars.append(Unicode.Scalar(UInt8(value + 0x41 - 10)))
                    }
                } else {
                    body = Self.appending(value, to: body)
                }
                count += 1
            }
            let whole = head.reduce(body) { Self.appending($1, to: $0) }
            let length = Self.lengths[country]
            if count < 15 || whole != 1 || length != count { lengths.remove(length: index + 1) }
        }
    }

    private static func appending(_ value: Int, to remainder: Int) -> Int {
        (remainder * (value < 10 ? 10 : 100) + value) % 97
    }

    private static let lengths: [String: Int] = [
        "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
        "BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27,
        "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27,
        "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
        "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32,
        "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
        "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24,
        "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31,
        "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23,
        "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
    ]
}
