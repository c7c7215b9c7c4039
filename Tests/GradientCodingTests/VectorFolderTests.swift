import Foundation
import GradientCodeOperations
import GradientCodeVectors
import Testing

@Suite struct VectorFolderTests {
    @Test func `the committed vectors are those of the reference, and every pointer into docs resolves`() throws {
        let folder = VectorFolder(repository.appendingPathComponent("Vectors"))
        #expect(try folder.problems(documents: repository.appendingPathComponent("docs")) == [])
    }

    @Test func `a folder read back holds the same tests`() throws {
        try withCopy { folder, _ in
            let files = try folder.files()
            #expect(files.map(\.algorithm).sorted() == VectorSuite.files.map(\.algorithm).sorted())
            #expect(files.map(\.numberOfTests).reduce(0, +) == VectorSuite.files.map(\.numberOfTests).reduce(0, +))
        }
    }

    /// What is done to a folder, and the file that must be named.
    static let damage: [(String, @Sendable (URL) throws -> Void)] = [
        ("v1/philox/block_test.json", { try edit($0, "v1/philox/block_test.json") { $0.dropLast(1) } }),
        ("v1/philox/block_test.json", { try edit($0, "v1/philox/block_test.json") { $0.dropLast(200) } }),
        ("v1/philox/block_test.json", { try edit($0, "v1/philox/block_test.json") { _ in Data() } }),
        (
            "v1/gradientCode/check_test.json",
            { try replace($0, "v1/gradientCode/check_test.json", "\"recovers\":true", "\"recovers\":false") }
        ),
        (
            "v1/philox/words_test.json",
            { try FileManager.default.removeItem(at: $0.appending(path: "v1/philox/words_test.json")) }
        ),
        ("manifest.json", { try FileManager.default.removeItem(at: $0.appending(path: "manifest.json")) }),
        ("manifest.json", { try edit($0, "manifest.json") { $0.dropLast(60) } }),
        ("manifest.json", { try replace($0, "manifest.json", "\"numberOfTests\": ", "\"numberOfTests\": 1") }),
    ]

    @Test(arguments: damage.indices) func `a damaged folder is refused by the file's name`(_ index: Int) throws {
        let (path, damage) = Self.damage[index]
        try withCopy { folder, location in
            try damage(location)
            let problem = #expect(throws: VectorFolder.Problem.self) { try folder.files() }
            #expect(problem?.path == path)
            #expect(try folder.problems(documents: nil).contains { $0.path == path })
        }
    }

    @Test func `files that are not part of the suite are noticed and removed by the next generation`() throws {
        try withCopy { folder, location in
            try Data("{}".utf8).write(to: location.appending(path: "v1/philox/extra_test.json"))
            #expect(try folder.problems(documents: nil).map(\.path) == ["v1/philox/extra_test.json"])
            try folder.generate()
            #expect(try folder.problems(documents: nil) == [])
        }
    }

    static let hostile: [(String, @Sendable (String) -> String)] = [
        (
            "a number with a million digits",
            { $0.replacing("\"tcId\":1,", with: "\"tcId\":\(String(repeating: "9", count: 1_000_000)),") }
        ),
        ("an exponent beyond all bounds", { $0.replacing("\"tcId\":1,", with: "\"tcId\":1e999999999,") }),
        ("deep nesting", { _ in String(repeating: "[", count: 1_000_000) }),
        ("deep objects", { _ in String(repeating: "{\"a\":", count: 200_000) }),
        ("duplicate numbers", { $0.replacing("\"tcId\":2,", with: "\"tcId\":1,") }),
        ("a wrong count", { $0.replacing("\"numberOfTests\": 5", with: "\"numberOfTests\": 6") }),
        ("an unknown operation", { $0.replacing("\"philox.block\"", with: "\"philox.blok\"") }),
        ("an unknown field", { $0.replacing("\"tcId\":1,", with: "\"tcId\":1,\"extra\":0,") }),
        ("an unknown flag", { $0.replacing("\"knownAnswer\"]", with: "\"guess\"]") }),
        ("an unknown refusal", { $0.replacing("\"dimensionMismatch\"", with: "\"whatever\"") }),
        ("a verdict that does not fit", { $0.replacing("\"verdict\":\"exact\"", with: "\"verdict\":\"relation\"") }),
        ("words of seven digits", { $0.replacing("\"6627e8d5", with: "\"6627e8d") }),
        ("upper-case digits", { $0.replacing("6627e8d5", with: "6627E8D5") }),
        ("bytes that are no text", { $0 + "\u{0}" }),
        ("nothing", { _ in "" }),
        ("another kind of JSON", { _ in "[1, 2, 3]" }),
    ]

    @Test(arguments: hostile.indices) func `a hostile file is refused with a reason`(_ index: Int) throws {
        let file = try #require(VectorSuite.files.first { $0.algorithm == "philox.block" })
        let text = Self.hostile[index].1(String(decoding: file.data, as: UTF8.self))
        #expect(Data(text.utf8) != file.data)
        let error = #expect(throws: JSONReadingError.self, "\(Self.hostile[index].0)") {
            try VectorFile(reading: Data(text.utf8))
        }
        #expect(error?.description.isEmpty == false)
    }

    @Test func `SHA-256 gives the answers of FIPS 180-4`() {
        #expect(
            SHA256.hexadecimal(Data("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            SHA256.hexadecimal(Data()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            SHA256.hexadecimal(Data("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        #expect(
            SHA256.hexadecimal(Data(repeating: UInt8(ascii: "a"), count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    private func withCopy(_ body: (VectorFolder, URL) throws -> Void) throws {
        let location = FileManager.default.temporaryDirectory.appending(path: "vectors-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: location) }
        try FileManager.default.createDirectory(at: location, withIntermediateDirectories: true)
        let folder = VectorFolder(location)
        try folder.generate()
        try body(folder, location)
    }

    private static func edit(_ folder: URL, _ path: String, _ change: (Data) -> Data) throws {
        let url = folder.appending(path: path)
        try change(try Data(contentsOf: url)).write(to: url)
    }

    private static func replace(_ folder: URL, _ path: String, _ old: String, _ new: String) throws {
        try edit(folder, path) {
            Data(String(decoding: $0, as: UTF8.self).replacing(old, with: new, maxReplacements: 1).utf8)
        }
    }
}
