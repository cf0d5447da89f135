/// None of the words and signs that stand for a secret in manuals, such as `password` or `${…}`,
/// behind the name, which is what stands before the first colon, equals sign or space.
struct PlaceholderValidator: Validator {
    private static let placeholders = [
        "password", "passwd", "passw0rd", ":pass@", ":pwd@", "secret", "example", "changeme",
        "your",
        "xxx", "***", "...", "${", "{{", "%s", "$(", ":$", "redacted", "removed", "placeholder",
        "token",
        ":user@", ":guest@", ":admin@", ":root@", ":test@", ":postgres@",
    ].map { Array($0.utf8) }

    func narrow(_ lengths: inout LengthSet, of symbols: ArraySlice<ShadowSymbol>) {
        let text = symbols.map { symbol in
            let byte = SymbolReading.ascii(symbol) ?? 0
            return (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
        }
        guard let name = text.firstIndex(where: { [0x3a, 0x3d, 0x20].contains($0) }) else { return }
        var found = Int.max
        for placeholder in Self.placeholders where placeholder.count <= text.count - name {
            for start in name...(text.count - placeholder.count)
            where text[start..<(start + placeholder.count)].elementsEqual(placeholder) {
                found = min(found, start + placeholder.count)
                break
            }
        }
        guard found <= text.count else { return }
        for length in found...text.count { lengths.remove(length: length) }
    }
}
