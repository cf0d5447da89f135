/// What the bodies of all dialects have in common.
enum RequestBody {
    private static let streamKeys = RequestKeys<Void>(["include_usage": ()])
    private static let metadataKeys = RequestKeys<Void>(["user_id": ()])

    /// Checks that a body is a JSON object, and returns the offset of its `{`.
    ///
    /// - Throws: ``WireError``.
    static func object(_ body: Span<UInt8>) throws(WireError) -> Int {
        do throws(JSONError) { try JSON.validate(body) } catch { throw WireError(error) }
        let root = JSON.root(body)
        guard JSON.kind(body, at: root) == .object else {
            throw WireError("The request body must be a JSON object.")
        }
        return root
    }

    /// The `model`, which may be left out but not be null.
    ///
    /// - Throws: ``WireError``.
    static func model(_ body: Span<UInt8>, at offset: Int) throws(WireError) -> String? {
        guard JSON.kind(body, at: offset) == .string else {
            throw WireError("'model' must be a string.", param: "model")
        }
        return try RequestValue.string(body, at: offset, param: "model")
    }

    /// Whether `stream_options` asks for usage.
    ///
    /// - Throws: ``WireError``.
    static func includesUsage(_ body: Span<UInt8>, at offset: Int) throws(WireError) -> Bool {
        let path = "stream_options"
        guard try RequestValue.isObject(body, at: offset, param: path) else { return false }
        var includes = false
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: body) {
            guard
                try streamKeys.key(
                    of: member.key,
                    in: body,
                    seen: &seen,
                    at: .member("stream_options")
                ) != nil
            else { continue }
            includes =
                try RequestValue.bool(body, at: member.value, param: "\(path).include_usage")
                ?? false
        }
        return includes
    }

    /// The `user_id` of `metadata`.
    ///
    /// - Throws: ``WireError``.
    static func metadataUserID(_ body: Span<UInt8>, at offset: Int) throws(WireError) -> String? {
        guard try RequestValue.isObject(body, at: offset, param: "metadata") else { return nil }
        var id: String?
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: body) {
            guard
                try metadataKeys.key(of: member.key, in: body, seen: &seen, at: .member("metadata"))
                    != nil
            else { continue }
            id = try RequestValue.string(body, at: member.value, param: "metadata.user_id")
        }
        return id
    }
}
