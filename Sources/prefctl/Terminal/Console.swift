internal import FoundationEssentials
internal import Glibc

/// The terminal, or whatever stands in for it.
enum Console {
    /// How standard output wants its text.
    static let style = liveStyle

    /// The same as it is now: a terminal's width changes.
    static var liveStyle: Style {
        guard isatty(STDOUT_FILENO) == 1 else { return .plain }
        let environment = ProcessInfo.processInfo.environment
        let refused = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        return Style(width: columns, colour: !refused)
    }

    /// How many lines the terminal has.
    static var rows: Int { size.map { Int($0.ws_row) } ?? 24 }

    /// Whether there is a person to ask.
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Prints to standard output.
    static func print(_ text: String) {
        write(text.hasSuffix("\n") ? text : text + "\n", STDOUT_FILENO)
    }

    /// Prints to standard error.
    static func printToStandardError(_ text: String) {
        write(text.hasSuffix("\n") ? text : text + "\n", STDERR_FILENO)
    }

    /// Writes to the terminal as it stands, escape sequences and all.
    static func printToTerminal(_ text: String) { write(text, STDOUT_FILENO) }

    /// Says on standard error what went wrong, then what to do about it.
    static func error(_ message: String, hint: String) {
        printToStandardError("prefctl: \(SafeText.line(message))")
        if !hint.isEmpty { printToStandardError("hint: \(SafeText.line(hint))") }
    }

    /// Asks on standard error for a word on standard input.
    static func ask(_ question: String) -> String {
        write(question, STDERR_FILENO)
        return readLine(strippingNewline: true) ?? ""
    }

    /// All of standard input, as UTF-8.
    static func standardInput() -> String {
        var bytes: [UInt8] = []
        while let line = readLine(strippingNewline: false) { bytes += Array(line.utf8) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static var columns: Int {
        size.flatMap { $0.ws_col >= 20 ? Int($0.ws_col) : nil } ?? 80
    }

    private static var size: winsize? {
        var size = winsize()
        // SAFETY: TIOCGWINSZ writes one winsize, and the pointer is to one that outlives the call.
        let result = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
        return result == 0 && size.ws_row > 0 ? size : nil
    }

    private static func write(_ text: String, _ descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // SAFETY: the pointer and the count are of the same buffer, which outlives the call.
            let written = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
