internal import Glibc
internal import Synchronization

/// Whether someone asked the program to end while it has the whole terminal.
private let isAskedToEnd = Atomic(false)

/// The whole terminal, given back as it was.
final class Screen {
    private var before = termios()

    /// Takes the terminal: another screen, no cursor, keys at once and unseen.
    init() {
        // tcgetattr(3) and tcsetattr(3) read or fill in the one structure that they are given.
        _ = unsafe tcgetattr(STDIN_FILENO, &before)
        var raw = before
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        for number in [SIGTERM, SIGHUP] {
            // The handler only sets a flag, which is all that a signal handler may do.
            _ = signal(number) { _ in isAskedToEnd.store(true, ordering: .relaxed) }
        }
        Console.printToTerminal("\u{1B}[?1049h\u{1B}[?25l")
    }

    /// Shows a screen of text.
    func show(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .prefix(Console.rows)
        // Line by line over what was there: clearing first would flicker.
        let body = lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n")
        Console.printToTerminal("\u{1B}[H\(body)\u{1B}[J")
    }

    /// Waits; false where the person wants to leave (q, Ctrl-C, Escape or a signal).
    func wait(seconds: Double) -> Bool {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        // poll(2) reads and fills in the one structure that it is given.
        let ready = unsafe poll(&descriptor, 1, CInt(seconds * 1_000))
        if isAskedToEnd.load(ordering: .relaxed) { return false }
        guard ready > 0 else { return true }
        var key: UInt8 = 0
        // read(2) writes at most the one byte that it is given room for.
        guard unsafe read(STDIN_FILENO, &key, 1) == 1 else { return false }
        return ![UInt8(ascii: "q"), UInt8(ascii: "Q"), 3, 4, 27].contains(key)
    }

    /// Gives the terminal back.
    func close() {
        Console.printToTerminal("\u{1B}[?25h\u{1B}[?1049l")
        // As above.
        _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &before)
    }
}
