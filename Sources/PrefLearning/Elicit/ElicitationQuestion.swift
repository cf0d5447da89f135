internal import FoundationEssentials
public import PrefModel

/// A question of elicitation: which of two short answers to the same prompt is liked better.
///
/// Data: `Data/questions.json`, in English. What the answers differ in is measured by the extractor,
/// as with any answer; `differs` is for people, and a test holds it against the measurement.
public struct ElicitationQuestion: Codable, Hashable, Sendable {
    /// The question's name, stable over versions.
    public let id: String
    /// The dimensions in which the answers are meant to differ.
    public let differs: [DimensionID]
    /// What was asked.
    public let prompt: String
    /// One answer.
    public let first: String
    /// The other.
    public let second: String

    private struct File: Codable {
        let version: Int
        let language: String
        let questions: [ElicitationQuestion]
    }

    /// The questions that are compiled in; a file that does not parse is a defect of the build.
    public static let all: [ElicitationQuestion] = {
        do {
            let file = try JSONDecoder().decode(
                File.self,
                from: Data(PackageResources.questions_json)
            )
            return file.questions
        } catch {
            preconditionFailure("Data/questions.json does not parse: \(error)")
        }
    }()

    /// The features of an answer to it, to keep with the signal that records the choice.
    public func features(ofFirst isFirst: Bool) -> TextFeatures {
        AnswerFeatures.measure(isFirst ? first : second, language: "en")
    }
}
