/// A checksum over the last letters or digits of a candidate; separators are skipped.
///
/// Rules that want a word such as "SSN" before a number have that word in the candidate: only what
/// the checksum is about, its end, is looked at.
struct TailValidator: Validator {
    /// Which characters of the candidate count.
    enum Reading: Sendable {
        /// Decimal digits only: 0 to 9.
        case digits
        /// ASCII letters too, whatever their case: A is 10, Z is 35.
        case alphanumerics
    }

    let reading: Reading
    /// How many characters the checksum may look at: the most that there are, and at least the
    /// lower bound.
    let counts: ClosedRange<Int>
    /// The checksum: whether the characters, in their order, are valid.
    let isValid: @Sendable (ArraySlice<Int>) -> Bool

    init(
        _ reading: Reading,
        _ counts: ClosedRange<Int>,
        _ isValid: @escaping @Sendable (ArraySlice<Int>) -> Bool
    ) {
        self.reading = reading
        self.counts = counts
        self.isValid = isValid
    }

    func narrow(_ lengths: inout LengthSet, of symbols: ArraySlice<ShadowSymbol>) {
        var values: [Int] = []
        for (index, symbol) in symbols.enumerated() {
            let value =
                reading == .digits
                ? SymbolReading.digit(symbol) : SymbolReading.alphanumeric(symbol)
            if let value { values.append(value) }
            guard lengths.contains(length: index + 1) else { continue }
            if values.count < counts.lowerBound || !isValid(values.suffix(counts.upperBound)) {
                lengths.remove(length: index + 1)
            }
        }
    }
}

/// A checksum over a whole candidate, whose ASCII characters all count, in their case.
struct WholeValidator: Validator {
    /// Whether the text, as bytes of ASCII, is valid.
    let isValid: @Sendable ([UInt8]) -> Bool

    func narrow(_ lengths: inout LengthSet, of symbols: ArraySlice<ShadowSymbol>) {
        var text: [UInt8] = []
        for (index, symbol) in symbols.enumerated() {
            // A zero byte is in no alphabet.
            text.append(SymbolReading.ascii(symbol) ?? 0)
            guard lengths.contains(length: index + 1) else { continue }
            if !isValid(text) { lengths.remove(length: index + 1) }
        }
    }
}
