internal import Glibc

/// Makes backups, verifies them and gets restores ready, while the store is in use.
///
/// Files go in and out piece by piece: whoever asks need not be able to read what the service may read, nor
/// the service what they may. One backup at a time is on its way out, and one on its way in.
public actor BackupDesk {
    /// The longest piece that ``read(_:of:at:)`` gives, in bytes.
    public static let pieceBytes = 8 << 20
    private static let outgoingName = "backup.out"
    private static let incomingName = "backup.in"

    private struct Transfer {
        let id: String
        let folder: BackupFolder
        let isOutgoing: Bool
    }

    private let store: Store
    private var transfers: [Transfer] = []
    private var isWorking = false

    /// Makes a desk for the store in use.
    public init(store: Store) {
        self.store = store
        // What an earlier life left; where it cannot be removed now, the next transfer does.
        for name in [Self.outgoingName, Self.incomingName] {
            do { try BackupFolder(store.directory.path + "/" + name).remove() } catch {}
        }
    }

    // MARK: Files in and out

    /// Makes a backup, to be read file by file.
    public func create() async throws(BackupError) -> (id: String, manifest: BackupManifest) {
        try begin()
        defer { isWorking = false }
        let transfer = start(isOutgoing: true)
        let manifest: BackupManifest
        do throws(BackupError) {
            manifest = try await store.backUp(into: transfer.folder)
        } catch {
            try discard(transfer.id)
            throw error
        }
        return (transfer.id, manifest)
    }

    /// Begins to receive a backup.
    public func receive() throws(BackupError) -> String {
        // What is being verified lies where the next one goes.
        guard !isWorking else { throw .busy }
        guard store.kind == .sqlite else { throw .onServer }
        let transfer = start(isOutgoing: false)
        try transfer.folder.make()
        return transfer.id
    }

    /// A piece of one of a backup's files: shorter than asked for only at its end.
    public func read(
        _ part: BackupPart,
        of id: String,
        at offset: Int
    ) throws(BackupError) -> [UInt8] {
        guard let file = try transfer(id).folder.open(part), offset >= 0 else { throw .notAPart }
        return try BackupFolder.call { () throws(SystemCall) in
            try file.read(count: Self.pieceBytes, at: offset)
        }
    }

    /// Keeps a piece of one of a backup's files.
    public func write(
        _ bytes: [UInt8],
        to part: BackupPart,
        of id: String,
        at offset: Int
    ) throws(BackupError) {
        let transfer = try transfer(id)
        guard !transfer.isOutgoing, offset >= 0, offset < Int.max - bytes.count,
            let file = try transfer.folder.open(part, flags: O_WRONLY | O_CREAT)
        else { throw .notAPart }
        try BackupFolder.call { () throws(SystemCall) in try file.write(bytes, at: offset) }
    }

    /// Ends a transfer, and removes what it left in the state directory.
    public func discard(_ id: String) throws(BackupError) {
        let transfer = try transfer(id)
        transfers.removeAll { $0.id == id }
        try transfer.folder.remove()
    }

    // MARK: What was received

    /// Verifies a received backup; the transfer then is over.
    public func verify(_ id: String) async throws(BackupError) -> BackupSummary {
        try await checked(id) { _, _ in }
    }

    /// Verifies a received backup and has it take the store's place at the next start.
    public func stage(_ id: String) async throws(BackupError) -> BackupSummary {
        let directory = store.directory
        return try await checked(id) { received, summary throws(BackupError) in
            try received.markVerified(summary.createdAt)
            try BackupFolder(directory.path + "/" + Restoration.stagedName).remove()
            try BackupFolder.call { () throws(SystemCall) in
                try directory.folder.rename(Self.incomingName, to: Restoration.stagedName)
                try directory.folder.sync()
            }
        }
    }

    /// Takes back what would be restored at the next start; says whether there was something.
    public func cancelRestore() throws(BackupError) -> Bool {
        let staged = BackupFolder(store.directory.path + "/" + Restoration.stagedName)
        guard staged.exists else { return false }
        try staged.remove()
        return true
    }

    private func checked(
        _ id: String,
        _ then: (BackupFolder, BackupSummary) throws(BackupError) -> Void
    ) async throws(BackupError) -> BackupSummary {
        try begin()
        defer { isWorking = false }
        let transfer = try transfer(id)
        guard !transfer.isOutgoing else { throw .unknownTransfer }
        // From here on nobody writes to it.
        transfers.removeAll { $0.id == id }
        do throws(BackupError) {
            let key = try masterKey()
            let summary = try await BackupVerification(folder: transfer.folder, key: key).verify()
            try then(transfer.folder, summary)
            try transfer.folder.remove()
            return summary
        } catch {
            // The first failure is the one to report; what is left goes with the next transfer.
            do { try transfer.folder.remove() } catch {}
            throw error
        }
    }

    /// Reads the master key again, so that it is in memory for the time of a verification only.
    private func masterKey() throws(BackupError) -> MasterKey {
        guard let source = store.source else { throw .store(.closed) }
        do throws(StoreError) { return try source.load() } catch { throw .store(error) }
    }

    // MARK: Transfers

    private func begin() throws(BackupError) {
        guard store.kind == .sqlite else { throw .onServer }
        guard !isWorking else { throw .busy }
        isWorking = true
    }

    private func start(isOutgoing: Bool) -> Transfer {
        transfers.removeAll { $0.isOutgoing == isOutgoing }
        let name = isOutgoing ? Self.outgoingName : Self.incomingName
        let transfer = Transfer(
            id: Base32.encode(.random(count: 10)),
            folder: BackupFolder(store.directory.path + "/" + name),
            isOutgoing: isOutgoing
        )
        transfers.append(transfer)
        return transfer
    }

    private func transfer(_ id: String) throws(BackupError) -> Transfer {
        guard let transfer = transfers.first(where: { $0.id == id }) else { throw .unknownTransfer }
        return transfer
    }
}
