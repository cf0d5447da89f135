/// Where in a request body an object stands; spelled out only when an error needs it.
enum BodyPath {
    case body
    case member(StaticString)
    case message(Int)
    case part(Int, of: Int)
    case systemPart(Int)
    case inputItem(Int)
    case inputPart(Int, of: Int)

    /// The path of a member, as OpenAI spells it: `messages[2].content`.
    func member(_ name: StaticString) -> String {
        let object = spelling
        return object.isEmpty ? "\(name)" : "\(object).\(name)"
    }

    /// The path of the object itself.
    var spelling: String {
        switch self {
        case .body: ""
        case .member(let name): "\(name)"
        case .message(let index): "messages[\(index)]"
        case .part(let index, let message): "messages[\(message)].content[\(index)]"
        case .systemPart(let index): "system[\(index)]"
        case .inputItem(let index): "input[\(index)]"
        case .inputPart(let index, let item): "input[\(item)].content[\(index)]"
        }
    }
}
