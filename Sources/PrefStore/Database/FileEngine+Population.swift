internal import Glibc
internal import Synchronization

extension FileEngine {
    private static let populationName = "population.json"
    private static let populationDraftName = "population.new"

    func population() throws(StoreError) -> [UInt8]? {
        guard let file = try directory.openIfPresent(Self.populationName) else { return nil }
        do throws(SystemCall) {
            return try file.read(count: try file.status().size, at: 0)
        } catch {
            throw .unavailable(reason: error.reason)
        }
    }

    /// Keeps it, in clear; false where what was kept is not `old` any more.
    func keepPopulation(_ bytes: [UInt8], after old: [UInt8]?) throws(StoreError) -> Bool {
        try populating.withLock { _ throws(StoreError) in
            guard try population() == old else { return false }
            do throws(SystemCall) {
                let file = try File(
                    Self.populationDraftName,
                    in: directory.folder,
                    flags: O_RDWR | O_CREAT | O_TRUNC
                )
                try file.write(bytes, at: 0)
                try file.sync()
                try directory.folder.rename(Self.populationDraftName, to: Self.populationName)
                try directory.folder.sync()
                return true
            } catch {
                throw .unavailable(reason: error.reason)
            }
        }
    }
}
