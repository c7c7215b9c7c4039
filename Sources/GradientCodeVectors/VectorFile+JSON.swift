public import Foundation
public import GradientCodeOperations
import GradientCodes

// A vector file is JSON laid out for people and for diffs: one test a line, keys in ASCII order within a line.

extension VectorFile {
    /// The version of the vectors' meaning; a file never changes within it.
    package static let suiteVersion = "1"

    /// The file's place below the vectors' folder.
    public var path: String {
        let operation = algorithm.drop { $0 != "." }.dropFirst()
        return "v1/\(Operations.prefix(of: algorithm))/\(operation)_test.json"
    }

    /// The bytes of the file.
    public var data: Data {
        var lines = ["{"]
        func add(_ key: String, _ value: some Encodable) { lines.append("\"\(key)\": \(JSONText.compact(value)),") }
        add("algorithm", algorithm)
        add("schema", algorithm + ".schema.json")
        add("suiteVersion", Self.suiteVersion)
        add("license", "CC0-1.0")
        add("numberOfTests", numberOfTests)
        add("header", header)
        add("notes", Dictionary(uniqueKeysWithValues: flags.map { ($0.rawValue, $0.note) }))
        lines.append("\"testGroups\": [")
        for (index, group) in groups.enumerated() {
            lines.append(contentsOf: group.lines)
            lines[lines.count - 1] += index == groups.count - 1 ? "" : ","
        }
        lines.append("]")
        lines.append("}")
        return Data((lines.joined(separator: "\n") + "\n").utf8)
    }

    /// Reads a file.
    ///
    /// - Throws: `JSONReadingError` for anything but a well-formed file of a known operation with the right number of
    ///   tests, unique numbers, explained flags and verdicts that fit.
    public init(reading data: Data) throws(JSONReadingError) {
        let content = try JSONText.read(Content.self, from: data, userInfo: DrawnData.userInfo)
        let file = VectorFile(operation: content.operation, header: content.header, groups: content.groups)
        guard file.numberOfTests == content.numberOfTests else {
            throw JSONReadingError("numberOfTests is \(content.numberOfTests), found \(file.numberOfTests)")
        }
        var seen: Set<Int> = []
        for test in file.groups.flatMap(\.tests) where !seen.insert(test.tcId).inserted {
            throw JSONReadingError("tcId \(test.tcId) is used twice")
        }
        guard file.data == data else {
            throw JSONReadingError("the file is not laid out as this suite writes it, or has fields it does not know")
        }
        self = file
    }
}

extension VectorGroup {
    fileprivate static let source = [
        "name": "swift-gradient-coding", "version": VectorFile.suiteVersion, "command": "gradcode vectors generate",
        "seed": "none",
    ]

    fileprivate var lines: [String] {
        let fields = [
            "\"tgId\": \(tgId)", "\"type\": \(JSONText.compact(type))", "\"source\": \(JSONText.compact(Self.source))",
            "\"spec\": \(JSONText.compact(spec))", "\"profile\": \"\(profile.rawValue)\"",
            "\"basis\": \"\(basis.rawValue)\"", "\"tests\": [",
        ]
        let tests = tests.enumerated().map { index, test in
            JSONText.abridged(EncodedTest(test: test)) + (index == self.tests.count - 1 ? "" : ",")
        }
        return ["{" + fields.joined(separator: ", ")] + tests + ["]}"]
    }
}

private struct EncodedTest: Encodable {
    let test: VectorTest

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: FieldKey.self)
        try container.encode(test.tcId, forKey: "tcId")
        try container.encode(test.comment, forKey: "comment")
        try container.encode(test.flags, forKey: "flags")
        try container.encode(test.verdict, forKey: "verdict")
        try container.encode(test.question, forKey: "input")
        switch test.expectation {
        case .answer(let expected):
            try container.encode("valid", forKey: "result")
            try container.encode(expected, forKey: "expected")
        case .refusal(let kind):
            try container.encode("invalid", forKey: "result")
            try container.encode(["errorClass": kind], forKey: "expected")
        }
    }
}

/// The fields of a file as they are read, before they are checked against each other.
private struct Content: Decodable {
    let operation: any Question.Type
    let header: [String]
    let numberOfTests: Int
    let groups: [VectorGroup]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: FieldKey.self)
        let algorithm = try container.decode(String.self, forKey: "algorithm")
        guard let operation = Operations.named(algorithm) else {
            throw JSONReadingError("\"\(algorithm.prefix(80))\" is not an operation of this suite")
        }
        self.operation = operation
        header = try container.decode([String].self, forKey: "header")
        numberOfTests = try container.decode(Int.self, forKey: "numberOfTests")
        var list = try container.nestedUnkeyedContainer(forKey: "testGroups")
        var groups: [VectorGroup] = []
        while !list.isAtEnd {
            groups.append(try VectorGroup(list.nestedContainer(keyedBy: FieldKey.self), operation))
        }
        self.groups = groups
    }
}

extension VectorGroup {
    fileprivate init(
        _ container: KeyedDecodingContainer<FieldKey>, _ operation: any Question.Type
    ) throws {
        func test<Asked: Question>(
            _: Asked.Type, _ container: KeyedDecodingContainer<FieldKey>
        ) throws -> VectorTest {
            let expectation: VectorTest.Expectation =
                switch try container.decode(String.self, forKey: "result") {
                case "valid": .answer(try container.decode(Asked.Expected.self, forKey: "expected"))
                default:
                    .refusal(
                        try container.nestedContainer(keyedBy: FieldKey.self, forKey: "expected")
                            .decode(Refusal.Kind.self, forKey: "errorClass"))
                }
            return VectorTest(
                tcId: try container.decode(Int.self, forKey: "tcId"),
                comment: try container.decode(String.self, forKey: "comment"),
                flags: try container.decode([VectorFlag].self, forKey: "flags"),
                question: try container.decode(Asked.self, forKey: "input"), expectation: expectation)
        }
        var list = try container.nestedUnkeyedContainer(forKey: "tests")
        var tests: [VectorTest] = []
        while !list.isAtEnd { tests.append(try test(operation, list.nestedContainer(keyedBy: FieldKey.self))) }
        self.init(
            tgId: try container.decode(Int.self, forKey: "tgId"),
            type: try container.decode(String.self, forKey: "type"),
            spec: try container.decode(String.self, forKey: "spec"),
            profile: try container.decode(Profile.self, forKey: "profile"),
            basis: try container.decode(Basis.self, forKey: "basis"), tests: tests)
    }
}
