/// Counts emoji as people see them.
///
/// Source: Unicode Technical Standard #51, section 1.4 (emoji sequences).
struct EmojiCounter {
    private(set) var count = 0

    private var joined = false
    private var previousIsEmoji = false
    private var pendingText = false
    private var openFlag = false

    /// Takes the next scalar.
    mutating func feed(_ scalar: Unicode.Scalar) {
        // Nothing below U+00A9 but keycap bases is an emoji, and those are left out here.
        if scalar.value < 0xA9 {
            endRun()
            return
        }
        switch scalar.value {
        case 0x200D: joined = previousIsEmoji
        case 0xFE0F: takeEmojiSelector()
        case 0xFE0E: pendingText = false
        case 0x1F3FB...0x1F3FF where previousIsEmoji: break
        case 0x1F1E6...0x1F1FF: takeRegionalIndicator()
        default: take(scalar)
        }
    }

    /// Takes the end of what may be joined.
    mutating func endRun() {
        joined = false
        previousIsEmoji = false
        pendingText = false
        openFlag = false
    }

    private mutating func take(_ scalar: Unicode.Scalar) {
        openFlag = false
        let properties = scalar.properties
        pendingText = properties.isEmoji && !properties.isEmojiPresentation && !joined
        if properties.isEmojiPresentation && !joined { count += 1 }
        previousIsEmoji = properties.isEmojiPresentation || (joined && properties.isEmoji)
        joined = false
    }

    /// U+FE0F makes an emoji of what would be a plain sign, such as `❤`.
    private mutating func takeEmojiSelector() {
        guard pendingText else { return }
        pendingText = false
        previousIsEmoji = true
        count += 1
    }

    /// Two regional indicators are one flag.
    private mutating func takeRegionalIndicator() {
        if !openFlag { count += 1 }
        openFlag.toggle()
        previousIsEmoji = true
        pendingText = false
        joined = false
    }
}
