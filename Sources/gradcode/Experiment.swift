import ArgumentParser
import Foundation
import GradientCodeExperiments

struct Experiment: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures the claim of a scheme; writes a page and its data.",
        discussion: """
            The same bytes on every platform. oneBit and cooperative take about a minute, heterogeneous half of that, compressed
            some minutes.
            """)

    /// The experiments there are.
    enum Name: String, CaseIterable, ExpressibleByArgument {
        case oneBit
        case heterogeneous
        case cooperative
        case compressed
    }

    @Argument(help: "The scheme.") var name: Name
    @Option(help: "The folder for the page and its data.") var report: String = "docs/experiments"

    @Option(help: "The handwritten digits that compressed is measured on.")
    var digits: String = "docs/experiments/data/digits.csv"

    func run() async throws {
        let files =
            switch name {
            case .oneBit:
                try await OneBitExperiment.standard.run(threads: 1) { Console.progress("\($0) of \($1)") }.files
            case .heterogeneous:
                try HeterogeneousExperiment.standard.run { Console.progress("\($0) of \($1)") }.files
            case .cooperative: try CooperativeExperiment.standard.run()
            case .compressed:
                try CompressedExperiment.standard.run(digits: String(contentsOfFile: digits, encoding: .utf8)) {
                    Console.progress("\($0) of \($1)")
                }.files
            }
        Console.progress("")
        let folder = URL(fileURLWithPath: report)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for file in files {
            try Data(file.contents.utf8).write(to: folder.appendingPathComponent(file.name), options: .atomic)
            print("\(report)/\(file.name)")
        }
    }
}
