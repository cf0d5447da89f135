/// How many tokens a model will count for a text, without its tokenizer.
///
/// Four UTF-8 bytes of Latin text a token, and one token a scalar of scripts that tokenizers cut
/// finely: within a fifth of common BPE vocabularies on prose, and never a reason to fail.
enum TokenEstimate {
    /// Tokens in a text, rounded up.
    static func tokens(in text: String) -> Int {
        var quarters = 0
        for scalar in text.unicodeScalars {
            quarters += scalar.value < 0x2E80 ? UTF8.width(scalar) : 4
        }
        return (quarters + 3) / 4
    }
}
