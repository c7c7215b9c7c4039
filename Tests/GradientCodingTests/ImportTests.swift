import Foundation
import GradientCodeLaws
import Testing

/// The repository's root, from this file's place.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

@Suite struct ImportTests {
    /// Who may import whom among the package's own targets; the build checks declared dependencies, this the house rules.
    static let permitted: [String: Set<String>] = [
        "ExactArithmetic": ["CGMP", "CKernels"],
        "GradientCodes": [],
        "GradientCodeReference": ["GradientCodes", "ExactArithmetic"],
        "GradientCodeKernels": ["GradientCodes", "CKernels"],
        "GradientCodeTheory": ["GradientCodes", "ExactArithmetic"],
        "GradientCodeOperations": ["GradientCodes", "ExactArithmetic"],
        "GradientCodeVectors": [
            "GradientCodes", "ExactArithmetic", "GradientCodeOperations", "GradientCodeReference", "GradientCodeTheory",
        ],
        "GradientCodeLaws": [
            "GradientCodes", "ExactArithmetic", "GradientCodeOperations", "GradientCodeReference", "GradientCodeTheory",
            "GradientCodeVectors",
        ],
        "GradientCodeBuiltIn": [
            "GradientCodes", "ExactArithmetic", "GradientCodeOperations", "GradientCodeReference", "GradientCodeTheory",
            "GradientCodeKernels",
        ],
        "GradientCodeConformance": [
            "GradientCodes", "ExactArithmetic", "GradientCodeOperations", "GradientCodeVectors", "GradientCodeLaws",
        ],
        "GradientCodeExperiments": [
            "GradientCodes", "ExactArithmetic", "GradientCodeKernels", "GradientCodeReference", "GradientCodeTheory",
        ],
        "gradcode": [
            "GradientCodes", "ExactArithmetic", "GradientCodeOperations", "GradientCodeVectors", "GradientCodeLaws",
            "GradientCodeTheory", "GradientCodeBuiltIn", "GradientCodeConformance", "GradientCodeExperiments",
        ],
    ]

    @Test func `every import keeps the layers apart`() throws {
        let sources = repository.appendingPathComponent("Sources")
        let ours = Set(Self.permitted.keys).union(["CGMP", "CKernels"])
        var seen = 0
        for target in try FileManager.default.contentsOfDirectory(atPath: sources.path)
        where target != "CGMP" && target != "CKernels" {
            let permitted = try #require(Self.permitted[target], "\(target) has no rule")
            let folder = sources.appendingPathComponent(target)
            let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
            for file in files where file.hasSuffix(".swift") {
                let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
                for line in text.split(separator: "\n") {
                    let words = line.split(separator: " ").map(String.init)
                    guard let index = words.firstIndex(of: "import"), index <= 1, index + 1 < words.count else {
                        continue
                    }
                    let module = words[index + 1]
                    guard ours.contains(module) else { continue }
                    seen += 1
                    #expect(permitted.contains(module), "\(target)/\(file) imports \(module)")
                }
            }
        }
        #expect(seen > 50)
    }

    @Test func `every pointer into docs, of laws and of comments, resolves`() throws {
        var anchors: [String: String] = [:]
        let pages = [
            "GradientCode", "OneBitGradientCode", "HeterogeneousGradientCode", "CooperativeGradientCode",
            "CompressedGradientCode", "notation", "numerics", "protocol", "architecture",
        ]
        for file in pages {
            let url = repository.appendingPathComponent("docs/\(file).md")
            anchors[file + ".md"] = try String(contentsOf: url, encoding: .utf8)
        }
        func resolves(_ pointer: some StringProtocol) -> Bool {
            let pointer = String(pointer)
            let parts = pointer.split(separator: Character("#"), maxSplits: 1).map(String.init)
            guard let text = parts.first.flatMap({ anchors[$0] }) else { return false }
            return parts.count == 1 || text.contains("<a id=\"\(parts[1])\"></a>")
        }
        for law in Laws.all { #expect(resolves(law.section), "\(law.id): \(law.section)") }
        let sources = repository.appendingPathComponent("Sources")
        var seen = 0
        for file in FileManager.default.enumerator(atPath: sources.path)?.compactMap({ $0 as? String }) ?? []
        where file.hasSuffix(".swift") {
            let text = try String(contentsOf: sources.appendingPathComponent(file), encoding: .utf8)
            for match in text.matches(of: /docs\/([A-Za-z]+\.md(?:#[a-z0-9-]+)?)/) {
                seen += 1
                #expect(resolves(match.output.1), "\(file): \(match.output.1)")
            }
        }
        #expect(seen > 40)
    }
}
