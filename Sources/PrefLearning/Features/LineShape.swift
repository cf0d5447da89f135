/// What a line is in Markdown's sense, found from its scalars as they come.
///
/// Source: CommonMark 0.31, sections 4.2, 4.5 and 5.2; GitHub Flavored Markdown, section 4.10.
struct LineShape {
    enum Kind { case blank, plain, bullet, numbered, heading, tableRow, tableDelimiter }

    /// A run of fence marks that begins a line.
    struct Fence {
        let character: Character
        let length: Int
        /// Whether something other than white space follows, which a closing fence has not.
        let hasInfo: Bool
    }

    private enum Start {
        case undecided, marks(Unicode.Scalar, Int), digits(Int), closedNumber, plain
        case bullet, numbered, heading, table
    }

    private var start = Start.undecided
    /// Digits that may yet turn out to be a number in the text and no item's; at most four scalars.
    private var held: [Unicode.Scalar] = []
    private var hasContent = false
    private var hasInfo = false
    private var onlyTableMarks = true
    private var last: Unicode.Scalar = " "
    private(set) var isEmpty = true

    /// Whether the scalar that was fed last belongs to the line's marker and not to its text.
    private(set) var isLayout = true

    /// Whether nothing that may still come in the line changes what it is: all of that is text.
    var isSettled: Bool {
        switch start {
        case .plain, .bullet, .numbered, .heading: !isLayout && held.isEmpty
        case .undecided, .marks, .digits, .closedNumber, .table: false
        }
    }

    private static func isBullet(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "-", "*", "+", "•", "◦", "‣", "–": true
        default: false
        }
    }

    private static func isTableMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "|", "-", ":", " ", "\t": true
        default: false
        }
    }

    /// Takes the line's next scalar.
    mutating func feed(_ scalar: Unicode.Scalar) {
        isEmpty = false
        let isSpace = scalar == " " || scalar == "\t" || scalar == "\r"
        if !isSpace {
            hasContent = true
            last = scalar
        }
        if !Self.isTableMark(scalar) && !isSpace { onlyTableMarks = false }
        advance(scalar, isSpace: isSpace)
        switch start {
        case .digits, .closedNumber:
            isLayout = true
            held.append(scalar)
        case .undecided, .marks: isLayout = true
        case .numbered:
            isLayout = (isSpace || scalar == "、") && isLayout
            held = []
        case .bullet, .heading: isLayout = isSpace && isLayout
        case .table: isLayout = scalar == "|"
        case .plain: isLayout = false
        }
    }

    /// Gives out what was held back and is text after all.
    mutating func takeHeld() -> [Unicode.Scalar] {
        defer { held = [] }
        return held
    }

    private mutating func advance(_ scalar: Unicode.Scalar, isSpace: Bool) {
        switch start {
        case .undecided: begin(scalar, isSpace: isSpace)
        case .marks(let mark, let length): continueMarks(scalar, mark, length, isSpace: isSpace)
        case .digits(let length):
            switch scalar {
            case "0"..."9" where length < 3: start = .digits(length + 1)
            case ".", ")": start = .closedNumber
            case "、": start = .numbered
            default: start = .plain
            }
        case .closedNumber: start = isSpace ? .numbered : .plain
        case .plain, .bullet, .numbered, .heading, .table: break
        }
    }

    private mutating func begin(_ scalar: Unicode.Scalar, isSpace: Bool) {
        switch scalar {
        case _ where isSpace: break
        case "`", "~", "#": start = .marks(scalar, 1)
        case "0"..."9": start = .digits(1)
        case "|": start = .table
        case _ where Self.isBullet(scalar): start = .marks(scalar, 1)
        default: start = .plain
        }
    }

    private mutating func continueMarks(
        _ scalar: Unicode.Scalar,
        _ mark: Unicode.Scalar,
        _ length: Int,
        isSpace: Bool
    ) {
        let isFence = (mark == "`" || mark == "~") && length >= 3
        if isFence && scalar != mark {
            hasInfo = hasInfo || !isSpace
            return
        }
        if scalar == mark && !Self.isBullet(mark) {
            start = .marks(mark, length + 1)
        } else if isSpace && mark == "#" && length <= 6 {
            start = .heading
        } else if isSpace && Self.isBullet(mark) {
            start = .bullet
        } else {
            start = .plain
        }
    }

    /// The fence that the line is, or nil.
    var fence: Fence? {
        guard case .marks(let mark, let length) = start, length >= 3, mark == "`" || mark == "~"
        else {
            return nil
        }
        return Fence(character: Character(mark), length: length, hasInfo: hasInfo)
    }

    /// What the line is, once it has ended.
    var kind: Kind {
        guard hasContent else { return .blank }
        switch start {
        case .bullet: return .bullet
        case .numbered: return .numbered
        case .heading: return .heading
        case .table where last == "|" && onlyTableMarks: return .tableDelimiter
        case .table where last == "|": return .tableRow
        default: return .plain
        }
    }
}
