internal import Crypto
internal import Glibc
internal import Synchronization

/// The file that remembers what was erased for good, so that no backup brings it back: the handles of
/// users who were forgotten, and the consents that were withdrawn.
///
/// It stays where keyring and database are replaced, and travels with every backup. An entry is durable
/// before what it stands for is done: where that then fails, a restore does it after all.
///
/// Records of other stores that were in the same directory before are kept as they are.
final class ErasureLedger: Sendable {
    static let fileName = "erasures"

    private struct State {
        var file: File?
        var count: Int
        var names: Set<UInt128>
    }

    private let directory: StateDirectory
    private let database: DatabaseID
    private let codes: Authenticator
    private let state: Mutex<State>

    static func codes(_ audit: SymmetricKey) -> Authenticator {
        Authenticator(from: audit, purpose: "prefd/erasures/v1")
    }

    /// Reads and verifies the ledger of a directory; makes no file where there is none.
    ///
    /// - Throws: ``StoreError/erasuresDamaged(directory:)``, or that it cannot be read.
    init(in directory: StateDirectory, of names: StoreNames) throws(StoreError) {
        self.directory = directory
        database = names.database
        codes = Self.codes(names.audit)
        let records = try Self.records(in: directory, database: database, codes: codes)
        state = Mutex(
            State(file: nil, count: records.count, names: Set(records.map(\.name)))
        )
    }

    /// Keeps that users are erased; durable when it returns.
    func append(users: some Sequence<Handle>) throws(SystemCall) {
        try append(users.map { record(.user, $0.raw) })
    }

    /// Keeps that consents are withdrawn; durable when it returns.
    func append(consents: some Sequence<RowID>) throws(SystemCall) {
        try append(consents.map { record(.consent, $0.raw) })
    }

    /// Keeps records, those that are not there yet; durable when it returns.
    func append(_ records: [ErasureRecord]) throws(SystemCall) {
        try state.withLock { state throws(SystemCall) in
            let new = records.filter { !state.names.contains($0.name) }
            guard !new.isEmpty else { return }
            let isFirst = state.file == nil
            let file: File
            if let open = state.file {
                file = open
            } else {
                file = try File(Self.fileName, in: directory.folder, flags: O_RDWR | O_CREAT)
            }
            // After a failure the next append writes over what this one left.
            try file.write(new.flatMap(\.bytes), at: state.count * ErasureRecord.byteCount)
            try file.sync()
            if isFirst { try directory.folder.sync() }
            state.file = file
            state.count += new.count
            state.names.formUnion(new.map(\.name))
        }
    }

    /// Every record, as bytes.
    ///
    /// - Throws: ``StoreError``.
    func records() throws(StoreError) -> [ErasureRecord] {
        try state.withLock { _ throws(StoreError) in
            try Self.records(in: directory, database: database, codes: codes)
        }
    }

    private func record(_ kind: ErasureRecord.Kind, _ name: UInt128) -> ErasureRecord {
        ErasureRecord(kind, named: name, of: database, codes: codes)
    }

    /// Reads the ledger of a directory, and verifies those records that are of one store.
    ///
    /// - Throws: ``StoreError/erasuresDamaged(directory:)``, or that it cannot be read.
    static func records(
        in directory: StateDirectory,
        database: DatabaseID,
        codes: Authenticator
    ) throws(StoreError) -> [ErasureRecord] {
        guard let file = try directory.openIfPresent(fileName) else { return [] }
        let bytes: [UInt8]
        do throws(SystemCall) {
            bytes = try file.read(count: try file.status().size, at: 0)
        } catch {
            throw .directoryUnusable(path: directory.path + "/" + fileName, reason: error.reason)
        }
        var records: [ErasureRecord] = []
        for start in stride(from: 0, to: bytes.count, by: ErasureRecord.byteCount) {
            let line = Array(bytes[start..<min(start + ErasureRecord.byteCount, bytes.count)])
            // What a crash cut short is the last, and either not all there or zero.
            if line.count < ErasureRecord.byteCount || line.allSatisfy({ $0 == 0 }) { break }
            guard let record = ErasureRecord(line),
                record.database != database || record.verifies(under: codes)
            else { throw .erasuresDamaged(directory: directory.path) }
            records.append(record)
        }
        return records
    }
}
