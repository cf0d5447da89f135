/// Numbers of banks and accounts that have a checksum over fixed places.
enum BankNumbers {
    /// United States, ABA routing number: nine digits by the weights 3, 7, 1, of an assigned range.
    ///
    /// Source: American Bankers Association, routing number policy; 12 CFR 229 appendix A.
    static func isABARouting(_ digits: ArraySlice<Int>) -> Bool {
        let region = CheckDigits.number(digits.prefix(2))
        let isAssigned = [0...12, 21...32, 61...72, 80...80].contains { $0.contains(region) }
        return isAssigned && digits.contains { $0 != 0 }
            && CheckDigits.weightedSum(digits, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 == 0
    }
}
