internal import FoundationEssentials
internal import Glibc

/// The file that keeps the last time that was believed, over restarts: seconds since 1970, as text.
struct TimeRecord {
    static let fileName = "clock"
    private static let digits = 20

    private let directory: StateDirectory

    init(in directory: StateDirectory) { self.directory = directory }

    /// The time that was kept; nil where none was, or what is there is none.
    func read() throws(StoreError) -> Date? {
        guard let file = try directory.openIfPresent(Self.fileName) else { return nil }
        let bytes: [UInt8]
        do throws(SystemCall) {
            bytes = try file.read(count: Self.digits + 1, at: 0)
        } catch {
            throw .directoryUnusable(
                path: directory.path + "/" + Self.fileName,
                reason: error.reason
            )
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return UInt64(text.filter { $0 != "\n" })
            .map { Date(timeIntervalSince1970: Double($0)) }
    }

    /// Keeps a time; not synced, since one that is lost only makes for doubt.
    func write(_ time: Date) throws(SystemCall) {
        let text = String(UInt64(max(0, time.timeIntervalSince1970)))
        let padded = String(repeating: "0", count: max(0, Self.digits - text.count)) + text + "\n"
        try File(Self.fileName, in: directory.folder, flags: O_WRONLY | O_CREAT)
            .write(Array(padded.utf8), at: 0)
    }
}
