/// Check-digit formulas that several numbers share.
enum CheckDigits {
    /// Whether the last digit makes the Luhn sum a multiple of ten.
    ///
    /// Source: ISO/IEC 7812-1, annex B.
    static func isLuhn(_ digits: ArraySlice<Int>) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let doubled = digit > 4 ? digit * 2 - 9 : digit * 2
            sum += place & 1 == 1 ? doubled : digit
        }
        return sum % 10 == 0
    }

    /// Whether the last digit is right by Verhoeff's formula over the dihedral group D5.
    ///
    /// Source: J. Verhoeff, "Error Detecting Decimal Codes", Mathematical Centre Tract 29, 1969.
    static func isVerhoeff(_ digits: ArraySlice<Int>) -> Bool {
        var check = 0
        for (place, digit) in digits.reversed().enumerated() {
            var moved = digit
            for _ in 0..<(place % 8) { moved = permutation[moved] }
            check = dihedralProduct(check, moved)
        }
        return check == 0
    }

    private static let permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]

    // 0 to 4 turn a pentagon, 5 to 9 turn it and flip it.
    private static func dihedralProduct(_ left: Int, _ right: Int) -> Int {
        switch (left < 5, right < 5) {
        case (true, true): (left + right) % 5
        case (true, false): 5 + (left + right - 5) % 5
        case (false, true): 5 + (left - 5 - right + 5) % 5
        case (false, false): (left - right + 5) % 5
        }
    }

    /// Whether the last digit is right by ISO/IEC 7064, MOD 11,10.
    static func isMod11And10(_ digits: ArraySlice<Int>) -> Bool {
        var product = 10
        for digit in digits.dropLast() {
            let sum = (digit + product) % 10
            product = (sum == 0 ? 10 : sum) * 2 % 11
        }
        return (11 - product) % 10 == digits.last
    }

    /// The sum of the digits, each times its weight; as many as there are weights.
    static func weightedSum(_ digits: ArraySlice<Int>, _ weights: [Int]) -> Int {
        zip(digits, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// Digits as one number.
    static func number(_ digits: some Sequence<Int>) -> Int {
        digits.reduce(0) { $0 * 10 + $1 }
    }

    /// Whether a day is in the calendar; the 29th of February counts where the two last digits of
    /// the year leave it open.
    static func isDate(year: Int, month: Int, day: Int) -> Bool {
        let days = [31, year % 4 == 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...12).contains(month) && day >= 1 && day <= days[month - 1]
    }

    /// Whether six digits are a date of the order year, month, day.
    static func isYearMonthDay(_ digits: ArraySlice<Int>) -> Bool {
        isDate(
            year: number(digits.prefix(2)),
            month: number(digits.dropFirst(2).prefix(2)),
            day: number(digits.dropFirst(4).prefix(2))
        )
    }

    /// Whether six digits are a date of the order day, month, year.
    static func isDayMonthYear(_ digits: ArraySlice<Int>) -> Bool {
        isDate(
            year: number(digits.dropFirst(4).prefix(2)),
            month: number(digits.dropFirst(2).prefix(2)),
            day: number(digits.prefix(2))
        )
    }
}
