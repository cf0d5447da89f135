internal import Glibc

/// At least three bits of Shannon entropy a character, over the characters of the candidate.
///
/// Random keys of 16 characters and more have it; placeholders such as `XXXXXXXX` and
/// `aaaa…` do not. Upper and lower case are different characters here.
///
/// Source: C. E. Shannon, "A Mathematical Theory of Communication", 1948.
struct EntropyValidator: Validator {
    private static let leastBits = 3.0

    func narrow(_ lengths: inout LengthSet, of symbols: ArraySlice<ShadowSymbol>) {
        var counts: [ShadowSymbol: Int] = [:]
        // The sum of n·log2(n) over the counts, kept as symbols come: H = log2(N) − sum / N.
        var sum = 0.0
        for (index, symbol) in symbols.enumerated() {
            let count = counts[symbol, default: 0]
            counts[symbol] = count + 1
            sum += Self.weight(count + 1) - Self.weight(count)
            let total = Double(index + 1)
            if log2(total) - sum / total < Self.leastBits - 1e-9 {
                lengths.remove(length: index + 1)
            }
        }
    }

    private static func weight(_ count: Int) -> Double {
        count < 2 ? 0 : Double(count) * log2(Double(count))
    }
}

/// At least one character of certain ranges: tells tokens from words or numbers.
struct PresenceValidator: Validator {
    let ranges: [ClosedRange<ShadowSymbol>]

    func narrow(_ lengths: inout LengthSet, of symbols: ArraySlice<ShadowSymbol>) {
        for (index, symbol) in symbols.enumerated() {
            let ascii = SymbolReading.ascii(symbol).map(ShadowSymbol.init)
            if ranges.contains(where: { range in ascii.map(range.contains) ?? false }) { return }
            lengths.remove(length: index + 1)
        }
    }
}
