import ArgumentParser
import Foundation
import GradientCodeOperations
import GradientCodeVectors

struct Vectors: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes, checks and shows golden vectors.", subcommands: [Generate.self, Check.self, Show.self])

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Writes all vectors, schemas and the manifest.")

        @Option(help: "The folder.") var output = "Vectors"

        func run() throws {
            try VectorFolder(URL(fileURLWithPath: output)).generate()
            let tests = VectorSuite.files.map(\.numberOfTests).reduce(0, +)
            print("\(tests) tests in \(VectorSuite.files.count) files written to \(output)")
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes all vectors again and compares every byte; resolves every pointer into docs/.",
            discussion: "Exit status 0: all the same. 1: a file differs. 2: the folder cannot be read.")

        @Option(help: "The folder.") var output = "Vectors"
        @Option(help: "The folder of the documentation; ./docs where it is there.") var documents: String?

        func run() throws {
            let place = URL(fileURLWithPath: documents ?? "docs")
            let isThere = FileManager.default.fileExists(atPath: place.path)
            guard documents == nil || isThere else { throw Unusable("\(place.path) is not there") }
            let problems = try VectorFolder(URL(fileURLWithPath: output)).problems(documents: isThere ? place : nil)
            for problem in problems { Console.complain(problem.description) }
            guard problems.isEmpty else { throw ExitCode(1) }
            let tests = VectorSuite.files.map(\.numberOfTests).reduce(0, +)
            print("\(tests) tests in \(VectorSuite.files.count) files are as the reference makes them")
            if !isThere { print("docs/ is not there: pointers were not resolved") }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one test, floats also in decimal.")

        @Argument(help: "FILE#tcId, such as v1/gradientCode/check_test.json#81, or OPERATION#tcId.")
        var test: String
        @OptionGroup var vectors: VectorOptions

        func run() throws {
            let parts = test.split(separator: "#").map(String.init)
            guard parts.count == 2, let tcId = Int(parts[1]) else { throw Unusable("expected FILE#tcId") }
            guard
                let file = try vectors.files().first(where: { parts[0].hasSuffix($0.path) || parts[0] == $0.algorithm })
            else { throw Unusable("there is no vector file \(parts[0])") }
            for group in file.groups {
                for test in group.tests where test.tcId == tcId {
                    print(test.description(in: group))
                    return
                }
            }
            throw Unusable("\(file.path) has no test \(tcId)")
        }
    }
}
