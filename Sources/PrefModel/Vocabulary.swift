internal import FoundationEssentials

/// The closed vocabulary of preferences: every dimension, and the names that are nobody's to set.
///
/// It is data: `Vocabulary/dimensions.json`, compiled into the program. Adding a dimension is one
/// entry there.
public final class Vocabulary: Sendable {
    /// A group of names that personalization never touches, and why.
    public struct UniversalMatter: Codable, Sendable {
        /// The names users may try.
        public let names: [String]
        /// Why they cannot be set, for the user who tried.
        public let why: String
    }

    private struct File: Codable {
        let dimensions: [Dimension]
        let universal: [UniversalMatter]
    }

    /// The dimensions, in the order in which the composer writes them.
    public let dimensions: [Dimension]
    private let universal: [UniversalMatter]
    private let positions: [DimensionID: Int]

    /// The vocabulary that is compiled in.
    ///
    /// The file is part of the program and checked by its tests: one that does not parse is a
    /// defect of the build, not an input.
    public static let standard: Vocabulary = {
        do {
            return try Vocabulary(json: PackageResources.dimensions_json)
        } catch {
            preconditionFailure("Vocabulary/dimensions.json does not parse: \(error)")
        }
    }()

    /// Reads a vocabulary from its JSON text.
    ///
    /// - Throws: `DecodingError` where the file is not one.
    init(json: [UInt8]) throws {
        let file = try JSONDecoder().decode(File.self, from: Data(json))
        dimensions = file.dimensions
        universal = file.universal
        positions = Dictionary(
            file.dimensions.enumerated().map { ($1.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The dimension of a name, or nil.
    public func dimension(_ id: DimensionID) -> Dimension? {
        positions[id].map { dimensions[$0] }
    }

    /// The composer's place for a dimension; unknown ones come last.
    public func position(of id: DimensionID) -> Int { positions[id] ?? Int.max }

    /// Checks a preference against the vocabulary and returns its value in canonical spelling.
    ///
    /// Free text is checked for length only; whether it tries to be an instruction is the composer's
    /// to say.
    ///
    /// - Throws: ``PreferenceRefusal``.
    public func accept(_ value: String, for key: PreferenceKey) throws(PreferenceRefusal) -> String
    {
        let dimension = try known(key.dimension)
        if dimension.requiresTopic && key.context.topic == nil {
            throw .topicRequired(dimension.id)
        }
        switch dimension.kind {
        case .choice:
            let wanted = value.lowercased()
            guard dimension.allowedValues.contains(wanted) else {
                throw .badValue(dimension.id, allowed: dimension.allowedValues)
            }
            return wanted
        case .languageTag:
            guard let tag = LanguageTag.canonical(value) else {
                throw .badValue(
                    dimension.id,
                    allowed: ["a BCP 47 tag such as en, pt-BR or zh-Hant"]
                )
            }
            return tag
        case .freeText:
            let longest = dimension.maxCharacters ?? 500
            guard Self.says(value), value.count <= longest else {
                throw .badValue(dimension.id, allowed: ["1 to \(longest) characters of text"])
            }
            return value
        }
    }

    /// Whether there is anything to read in a text.
    private static func says(_ text: String) -> Bool {
        text.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format: false
            default: !scalar.properties.isWhitespace
            }
        }
    }

    /// The dimension of a name, or the refusal that says why there is none.
    ///
    /// - Throws: ``PreferenceRefusal/universal(_:why:)`` or ``PreferenceRefusal/unknownDimension(_:nearest:)``.
    public func known(_ id: DimensionID) throws(PreferenceRefusal) -> Dimension {
        if let dimension = dimension(id) { return dimension }
        let name = id.rawValue.lowercased()
        if let why = universalMatter(in: name) { throw .universal(id, why: why) }
        throw .unknownDimension(id, nearest: nearest(to: name))
    }

    /// Why a name is nobody's to set: it is a universal matter's, or one of its words is.
    private func universalMatter(in name: String) -> String? {
        let words = name.split { !$0.isLetter }.map(String.init)
        let tried = [words.joined(separator: "-")] + words
        return universal.first { matter in tried.contains(where: matter.names.contains) }?.why
    }

    private func nearest(to name: String) -> String? {
        let ranked = dimensions.map { ($0.id.rawValue, EditDistance.between(name, $0.id.rawValue)) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= 3 else { return nil }
        return best.0
    }
}
