import Foundation
import GradientCodeExperiments
import Testing

/// The experiment is a function of its numbers, and says what its tables say.
@Suite struct CompressedExperimentTests {
    /// Ten digits of each of ten classes, made up.
    static let digits: String = (0..<100).map { line($0) }.joined(separator: "\n")

    private static func line(_ n: Int) -> String {
        var numbers: [String] = (0..<64).map { pixel in String((pixel * (n % 10 + 1) + n) % 17) }
        numbers.append(String(n % 10))
        return numbers.joined(separator: ",")
    }

    @Test func `the small experiment is repeated to the byte, and its page names every method`() throws {
        let first = try CompressedExperiment.small.run(digits: Self.digits)
        let second = try CompressedExperiment.small.run(digits: Self.digits)
        #expect(
            first.files == second.files
                && first.files.map({ $0.name }) == ["CompressedGradientCode.md", "CompressedGradientCode.csv"])
        for method in ["EF sign", "EF top-K", "rand-K", "uncompressed"] { #expect(first.markdown.contains(method)) }
        #expect(first.csv.split(separator: "\n").count == 1 + 2 * 9 * 2)
    }

    @Test func `lines that are no digits are refused`() {
        for text in ["", "1,2,3", Self.digits + "\n" + String(repeating: "17,", count: 64) + "0"] {
            #expect(throws: (any Error).self) { try CompressedExperiment.small.run(digits: text) }
        }
    }

    @Test func `the committed digits are those of the data set`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appendingPathComponent("docs/experiments/data/digits.csv"), encoding: .utf8)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 1797 && lines.allSatisfy { $0.split(separator: ",").count == 65 })
    }
}
