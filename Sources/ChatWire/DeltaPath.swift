/// The objects and arrays around a delta's text.
struct DeltaPath {
    private enum Step { case key([UInt8]), index(Int?) }

    private let steps: [Step]

    init(_ path: ChannelPath) {
        steps = Self.parse(Array(path.description.utf8))
    }

    /// The delta object that holds `value` at this path.
    func wrap(_ value: [UInt8]) -> [UInt8] {
        var wrapped = value
        for (position, step) in steps.enumerated().reversed() {
            var bytes: [UInt8] = []
            switch step {
            case .key(let key):
                bytes.append("{")
                // An element of an array that is joined by index says which one it is.
                if position > 0, case .index(let index?) = steps[position - 1] {
                    bytes.append("\"index\":")
                    bytes.append(contentsOf: String(index).utf8)
                    bytes.append(",")
                }
                bytes.append("\"")
                JSONString.encode(key.span, into: &bytes)
                bytes.append("\":")
                bytes.append(contentsOf: wrapped)
                bytes.append("}")
            case .index:
                bytes.append("[")
                bytes.append(contentsOf: wrapped)
                bytes.append("]")
            }
            wrapped = bytes
        }
        return wrapped
    }

    private static func parse(_ path: [UInt8]) -> [Step] {
        var steps: [Step] = []
        var key: [UInt8] = []
        var offset = 0
        func close() {
            if !key.isEmpty { steps.append(.key(key)) }
            key.removeAll()
        }
        while offset < path.count {
            let byte = path[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\\") where offset < path.count:
                key.append(path[offset])
                offset += 1
            case UInt8(ascii: "."): close()
            case UInt8(ascii: "#"):
                // Which of two members of one name it was cannot be said in a new object.
                while offset < path.count, path[offset] &- 0x30 < 10 { offset += 1 }
            case UInt8(ascii: "["):
                close()
                let digits = path[offset...].prefix { $0 != UInt8(ascii: "]") }
                steps.append(.index(Int(String(decoding: digits, as: UTF8.self))))
                offset = digits.endIndex + 1
            default: key.append(byte)
            }
        }
        close()
        guard case .key = steps.first else { return [.key(Array("content".utf8))] }
        return steps
    }
}
