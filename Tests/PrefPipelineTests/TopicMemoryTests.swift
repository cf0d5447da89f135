import PrefModel
import PrefTopics
import Testing

@testable import PrefPipeline

@Suite("What a connection remembers of the topics of its messages")
struct TopicMemoryTests {
    private func topics(_ word: String) throws -> TopicSet {
        let text = """
            topic: test
            tier: safeguarded
            meaning: A test.
            words:
              en:
                strong: \(word)
            """
        return try TopicSet(files: [TopicSource(name: "test.yaml", text: text)])
    }

    @Test("A message is read once, until others have been read or the topics are others")
    func once() throws {
        let memory = TopicMemory()
        let (some, others) = (try topics("bridge"), try topics("river"))
        var read = 0
        func found(_ hash: Int, by topics: TopicSet) -> [String] {
            let reading = memory.reading(hash: hash, by: topics) {
                read += 1
                return topics.reading(of: "under the bridge")
            }
            return TopicSet.findings(latest: reading, earlier: []).map(\.topic)
        }
        #expect(found(1, by: some) == ["test"])
        #expect(found(1, by: some) == ["test"])
        #expect(read == 1)
        #expect(found(1, by: others).isEmpty)
        #expect(read == 2)
        for hash in 1...20 { _ = found(hash, by: some) }
        #expect(read == 22)
        #expect(found(20, by: some) == ["test"] && read == 22)
        #expect(found(1, by: some) == ["test"] && read == 23)
    }
}
