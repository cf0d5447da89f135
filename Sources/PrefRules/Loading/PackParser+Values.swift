// The values of a rule's keys.

extension PackParser {
    static func text(_ node: PackNode) throws(PackNodeError) -> String {
        try node.text()
    }

    static func texts(_ node: PackNode) throws(PackNodeError) -> [PackNode] {
        try node.texts()
    }

    static func tier(_ node: PackNode) throws(PackNodeError) {
        guard try node.text() == "universal" else {
            throw node.error("can only be universal: rules hold for everyone")
        }
    }

    static func identifier(_ node: PackNode) throws(PackNodeError) -> String {
        let text = try node.text()
        let allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_."
        guard text.utf8.count <= 64, text.allSatisfy(allowed.contains) else {
            throw node.error(
                "must be at most 64 lower-case letters, digits, '-', '_' and '.', such as"
                    + " aws-access-key-id"
            )
        }
        return text
    }

    static func validator(_ node: PackNode) throws(PackNodeError) -> String {
        let text = try node.text()
        guard ValidatorName(rawValue: text) != nil else {
            throw node.error(
                "is '\(text)', which is no validator"
                    + Spelling.hint(for: text, among: ValidatorName.allCases.map(\.rawValue))
            )
        }
        return text
    }

    static func surface(_ node: PackNode) throws(PackNodeError) -> TextSurface {
        let text = try node.text()
        guard let surface = TextSurface(rawValue: text) else {
            throw node.error(
                "is '\(text)', where no rule can look"
                    + Spelling.hint(for: text, among: TextSurface.allCases.map(\.rawValue))
            )
        }
        return surface
    }

    static func seeThrough(_ node: PackNode) throws(PackNodeError) -> SeeThrough {
        let text = try node.text()
        guard let seeThrough = SeeThrough(rawValue: text) else {
            throw node.error(
                "is '\(text)', which no rule can see through"
                    + Spelling.hint(for: text, among: SeeThrough.allCases.map(\.rawValue))
            )
        }
        return seeThrough
    }

    static func truth(_ node: PackNode) throws(PackNodeError) -> Bool {
        switch try node.text() {
        case "true": return true
        case "false": return false
        case let text:
            throw node.error("is '\(text)'" + Spelling.hint(for: text, among: ["true", "false"]))
        }
    }

    static func caseSensitivity(_ node: PackNode) throws(PackNodeError) -> Bool {
        switch try node.text() {
        case "sensitive": return true
        case "insensitive": return false
        case let text:
            throw node.error(
                "is '\(text)'" + Spelling.hint(for: text, among: ["sensitive", "insensitive"])
            )
        }
    }
}
