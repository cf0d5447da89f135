/// What is wrong with one value: a phrase that follows the key's name, and what to write instead.
struct BadValue: Error, Equatable {
    let phrase: String
    let hint: String?

    init(_ phrase: String, hint: String? = nil) {
        self.phrase = phrase
        self.hint = hint
    }
}
