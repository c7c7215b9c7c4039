public import Foundation
import GradientCodeOperations

/// A folder with one report: `report.json`, `junit.xml`, and one file a failure to replay.
public struct ReportFolder: Sendable {
    /// Where it is.
    public let location: URL

    /// The folder at a place; made when something is written.
    public init(_ location: URL) { self.location = location }

    /// The file that replays the failure of a number, counted from 1.
    public func counterexample(_ number: Int) -> URL {
        location.appendingPathComponent("counterexample-\(number).json")
    }

    /// Writes the report, each file whole under a temporary name and then renamed; `report.json` last. Counterexamples
    /// of an earlier run are removed.
    public func write(_ report: Report) throws {
        try FileManager.default.createDirectory(at: location, withIntermediateDirectories: true)
        for old in try FileManager.default.contentsOfDirectory(atPath: location.path)
        where old.hasPrefix("counterexample-") {
            try FileManager.default.removeItem(at: location.appendingPathComponent(old))
        }
        for (index, failure) in report.entries.flatMap(\.failures).enumerated() {
            try write(JSONText.pretty(failure.counterexample), to: counterexample(index + 1))
        }
        try write(report.junit, to: location.appendingPathComponent("junit.xml"))
        try write(JSONText.pretty(report), to: location.appendingPathComponent("report.json"))
    }

    private func write(_ text: String, to url: URL) throws {
        try Data((text + "\n").utf8).write(to: url, options: .atomic)
    }
}
