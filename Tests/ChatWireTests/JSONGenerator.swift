import TestSupport

/// Random JSON texts in every spelling the grammar allows.
enum JSONGenerator {
    static func document(_ random: inout SeededGenerator) -> [UInt8] {
        Array((space(&random) + value(&random, depth: 0) + space(&random)).utf8)
    }

    static func value(_ random: inout SeededGenerator, depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 4 ? 4 : 6), using: &random) {
        case 0: return ["true", "false", "null"][Int.random(in: 0..<3, using: &random)]
        case 1: return number(&random)
        case 2, 3: return "\"" + string(&random).raw + "\""
        case 4:
            let elements = (0..<Int.random(in: 0..<5, using: &random)).map { _ in
                space(&random) + value(&random, depth: depth + 1) + space(&random)
            }
            return "[" + (elements.isEmpty ? space(&random) : elements.joined(separator: ",")) + "]"
        default:
            let members = (0..<Int.random(in: 0..<5, using: &random)).map { _ in
                space(&random) + "\"" + string(&random).raw + "\"" + space(&random) + ":"
                    + space(&random) + value(&random, depth: depth + 1) + space(&random)
            }
            return "{" + (members.isEmpty ? space(&random) : members.joined(separator: ",")) + "}"
        }
    }

    /// The contents of a string, each character spelled in one of the ways it can be, and decoded.
    static func string(_ random: inout SeededGenerator) -> (raw: String, decoded: String) {
        let units = units(&random, count: Int.random(in: 0..<20, using: &random))
        return (units.map(\.raw).joined(), units.map(\.decoded).joined())
    }

    static func units(
        _ random: inout SeededGenerator,
        count: Int
    ) -> [(raw: String, decoded: String)] {
        let characters: [Unicode.Scalar] = [
            "a", "z", " ", "7", "\"", "\\", "/", "\n", "\t", "\u{1}", "é", "ß", "中", "€",
            "\u{200B}",
            "😀", "𝐀", "\u{10FFFF}", "\u{7F}", "\u{2028}", "{", "]", ",",
        ]
        return (0..<count).map { _ in
            let scalar = characters[Int.random(in: 0..<characters.count, using: &random)]
            let mustEscape = scalar == "\"" || scalar == "\\" || scalar.value < 0x20
            guard mustEscape || Int.random(in: 0..<4, using: &random) == 0 else {
                return (String(scalar), String(scalar))
            }
            if Int.random(in: 0..<20, using: &random) == 0 {
                return (#"\ud83d"# + "x", "\u{FFFD}x")
            }
            let escaped = String(scalar).utf16.map { unit in
                let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
                return #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
            }
            return (escaped.joined(), String(scalar))
        }
    }

    private static func number(_ random: inout SeededGenerator) -> String {
        let numbers = [
            "0", "-0", "1", "-12", "1.50", "0.1e5", "1E+9", "2e-3", "123456789012345678901",
        ]
        return numbers[Int.random(in: 0..<numbers.count, using: &random)]
    }

    private static func space(_ random: inout SeededGenerator) -> String {
        ["", "", "", " ", "\n", "\t", "\r\n", "  "][Int.random(in: 0..<8, using: &random)]
    }
}
