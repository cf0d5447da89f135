/// How the text of single values is read.
enum Values {
    static func flag(_ text: String) throws(BadValue) -> Bool {
        switch text {
        case "true": return true
        case "false": return false
        default: throw BadValue("is \"\(Section.shown(text))\"", hint: "write true or false")
        }
    }

    static func number(_ text: String, in range: ClosedRange<Int>) throws(BadValue) -> Int {
        // YAML 1.1 reads 010 as 8 and 1:30 as 90: neither is meant here.
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text == "0" || !text.hasPrefix("0"),
            let number = Int(text), range.contains(number)
        else {
            throw BadValue("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A number with or without a decimal point: `0.5`.
    static func decimal(_ text: String, in range: ClosedRange<Double>) throws(BadValue) -> Double {
        let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
        guard isPlain, let number = Double(text), range.contains(number) else {
            throw BadValue("must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A share in percent, with its sign: `90%`.
    static func percent(_ text: String, in range: ClosedRange<Int>) throws(BadValue) -> Int {
        let example = "write it with its sign, as in \(range.upperBound)%"
        guard text.hasSuffix("%") else { throw BadValue("has no percent sign", hint: example) }
        do {
            return try number(String(text.dropLast()), in: range)
        } catch {
            throw BadValue("must be from \(range.lowerBound)% to \(range.upperBound)%")
        }
    }

    static func choice<Choice: RawRepresentable & CaseIterable>(
        _ text: String,
        _ type: Choice.Type
    ) throws(BadValue) -> Choice where Choice.RawValue == String {
        if let choice = Choice(rawValue: text) { return choice }
        let spellings = Choice.allCases.map(\.rawValue)
        let near = Schema.nearest(to: text, among: spellings).map { "did you mean \($0)? " } ?? ""
        throw BadValue(
            "cannot be \"\(Section.shown(text))\"",
            hint: "\(near)it is one of \(spellings.joined(separator: ", "))"
        )
    }

    /// A name that is safe in logs, metrics and principals: no slash, no space.
    static func name(_ text: String) throws(BadValue) -> String {
        guard !text.isEmpty, text.utf8.count <= 64, text.utf8.allSatisfy(isNameByte) else {
            throw BadValue("must be 1 to 64 letters, digits, or any of - _ . @")
        }
        return text
    }

    /// A file name: a credential's.
    static func credentialName(_ text: String) throws(BadValue) -> String {
        guard !text.isEmpty, text.utf8.count <= 255, text != ".", text != "..",
            text.utf8.allSatisfy(isNameByte)
        else {
            throw BadValue(
                "must be a credential's name, which is a file name without slashes",
                hint: "as in LoadCredential=NAME:PATH in the unit"
            )
        }
        return text
    }

    static func absolutePath(_ text: String) throws(BadValue) -> String {
        guard text.hasPrefix("/"), text.count > 1 else {
            throw BadValue("must be an absolute path", hint: pathHint(text) ?? "begin it with /")
        }
        return try checked(text)
    }

    static func socketPath(_ text: String) throws(BadValue) -> String {
        let path = try absolutePath(text)
        if let problem = SocketPath.problem(with: path) { throw problem }
        return path
    }

    /// A path that, where it is relative, starts at the configuration file's folder.
    static func path(_ text: String, below folder: String) throws(BadValue) -> String {
        if let hint = pathHint(text) { throw BadValue("must be a path", hint: hint) }
        let path = try checked(text)
        if path.hasPrefix("/") { return path }
        return folder == "/" ? "/" + path : folder + "/" + path
    }

    static func unit(_ text: String) throws(BadValue) -> String {
        guard text.utf8.count <= 255, text.hasSuffix(".service") || text.hasSuffix(".scope"),
            text.utf8.allSatisfy({ isNameByte($0) || $0 == 0x3A || $0 == 0x5C })
        else {
            throw BadValue(
                "must be a system unit's name",
                hint: "with its suffix, as in webchat.service"
            )
        }
        return text
    }

    static func uid(_ text: String) throws(BadValue) -> UInt32 {
        // The largest uid means "no uid" to the kernel.
        UInt32(try number(text, in: 0...4_294_967_294))
    }

    private static func checked(_ path: String) throws(BadValue) -> String {
        guard !path.isEmpty,
            !path.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else {
            throw BadValue("must be a path without control characters")
        }
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    private static func pathHint(_ text: String) -> String? {
        if text.hasPrefix("~") { return "~ is not expanded: write the absolute path" }
        if text.contains("$") { return "variables are not expanded: write the path itself" }
        return nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x40, 0x5F: true
        default: false
        }
    }
}
