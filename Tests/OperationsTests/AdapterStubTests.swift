import Foundation
import GradientCodeOperations
import GradientCodes
import Testing

@Suite struct AdapterStubTests {
    /// Files that contain a generated part. `GRADCODE_REFRESH=1 swift test --filter AdapterStubTests` renews them.
    static let files = [
        ("python", "Adapters/python/gradient_codes.py"), ("python", "Adapters/python/gradient_codes_numpy.py"),
        ("python", "Adapters/python/one_bit_torch_style.py"),
        ("python", "Adapters/python/compressed_torch_style.py"),
        ("markdown", "docs/protocol.md"),
    ]

    static func location(_ path: String) -> URL {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return tests.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(path)
    }

    @Test(arguments: files)
    func `a committed file contains what is generated today`(language: String, path: String) throws {
        let file = Self.location(path)
        let text = try String(contentsOf: file, encoding: .utf8)
        let fresh = try #require(AdapterStub.refreshing(text, language: language), "\(path) has lost its marker lines")
        if ProcessInfo.processInfo.environment["GRADCODE_REFRESH"] != nil {
            try Data(fresh.utf8).write(to: file, options: .atomic)
        } else {
            #expect(text == fresh, "\(path) is out of date: GRADCODE_REFRESH=1 swift test --filter AdapterStubTests")
        }
    }

    @Test func `refreshing renews the generated part and nothing else`() throws {
        for language in AdapterStub.languages {
            let stub = try #require(AdapterStub.text(language: language))
            #expect(AdapterStub.refreshing(stub, language: language) == stub)
            let lines = stub.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let begin = try #require(lines.firstIndex { $0.contains("begin: made by") })
            let end = try #require(lines.firstIndex { $0.contains("end: made by") })
            let damaged = ["mine"] + lines[...begin] + ["damage"] + lines[(begin + 5)..<end] + lines[end...] + ["mine"]
            let renewed = try #require(AdapterStub.refreshing(damaged.joined(separator: "\n"), language: language))
            #expect(renewed == "mine\n" + stub + "\nmine")
            #expect(AdapterStub.refreshing("no marker lines", language: language) == nil)
        }
        #expect(AdapterStub.refreshing("", language: "cobol") == nil)
        #expect(AdapterStub.text(language: "cobol") == nil)
    }

    @Test func `the Python stub has a documented function for every operation`() throws {
        let stub = try #require(AdapterStub.text(language: "python"))
        for operation in Operations.all {
            let start = try #require(stub.firstRange(of: "@answers(\"\(operation.name)\")\n"))
            let function = stub[start.upperBound...].prefix { $0 != "@" }
            #expect(function.contains("    raise Unsupported\n"))
            #expect(function.contains(operation.section))
            for rule in operation.refusals {
                #expect(function.contains("\(rule.kind.rawValue): "), "\(operation.name)")
            }
            for field in operation.shape.fields {
                #expect(function.contains("        \(field.name): "), "\(operation.name)")
            }
        }
        for session in Operations.sessions { #expect(stub.contains("@opens(\"\(session.scheme)\")\nclass ")) }
    }

    @Test func `the reference has a section for every operation`() throws {
        let reference = try #require(AdapterStub.text(language: "markdown"))
        for operation in Operations.all {
            let start = try #require(reference.firstRange(of: "\n### `\(operation.name)`\n"))
            let section = reference[start.upperBound...].split(separator: "\n### ", maxSplits: 1)[0]
            #expect(section.contains("](\(operation.section))"))
            for (index, rule) in operation.refusals.enumerated() {
                #expect(section.contains("\n\(index + 1). `\(rule.kind.rawValue)`: "), "\(operation.name)")
            }
            for field in operation.shape.fields {
                #expect(section.contains("| `\(field.name)` | "), "\(operation.name)")
            }
        }
        let headings = reference.matches(of: /\n### `(.+)`\n/).map { String($0.1) }
        #expect(Set(headings).count == headings.count)
        for link in reference.matches(of: /\]\(#(.+?)\)/) { #expect(reference.contains("<a id=\"\(link.1)\"></a>")) }
    }

    @Test func `lines are short, and none looks like what it is not`() throws {
        for language in AdapterStub.languages {
            let stub = try #require(AdapterStub.text(language: language))
            for line in stub.split(separator: "\n") where !line.hasPrefix("|") {
                #expect(line.count <= 120, "\(line)")
                #expect(language == "python" || line.firstMatch(of: /^\s*[>+*-]/) == nil, "\(line)")
            }
            #expect(stub.hasSuffix("\n") && !stub.contains("\t") && !stub.contains(" \n"))
        }
    }
}
