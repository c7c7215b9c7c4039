import ArgumentParser
import Foundation
import GradientCodeConformance
import GradientCodeLaws
import GradientCodeOperations

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Examines an implementation by vectors and laws.",
        discussion: """
            Exit status 0: conforming - at least one core check was made, and everything claimed passed in core (with
            --profile, the chosen profiles decide). 1: not conforming, or nothing could be examined. 2: the run failed.
            """)

    @OptionGroup var subject: SubjectOptions
    @OptionGroup var vectors: VectorOptions

    @Option(help: "A scheme to examine; all by default. May be given several times.")
    var scheme: [String] = []
    @Option(help: "A law, or an operation whose vectors are to run. May be given several times.")
    var law: [String] = []
    @Option(help: "A profile to examine: core, wire or tape. May be given several times.")
    var profile: [Profile] = []
    @Option(help: "The folder for report.json, junit.xml and counterexamples.")
    var report: String = "reports/verify"
    @Option(help: "The seed of generated cases and of the order of questions.")
    var seed: UInt64 = 0

    func run() async throws {
        var verification = Verification(files: try vectors.files())
        verification.schemes = Set(try scheme.map { try known($0, among: Operations.schemes, "scheme") })
        let names = Laws.all.map(\.id) + Operations.all.map { $0.name }
        verification.laws = Set(try law.map { try known($0, among: names, "law or operation") })
        if !profile.isEmpty { verification.profiles = Profile.allCases.filter(profile.contains) }
        verification.seed = Seed(seed)
        verification.mutant = subject.mutant

        let nonce = String(seed, radix: 16)
        let (found, misbehaviour) = try await subject.withSubject(nonce: nonce) { subject, command in
            var verification = verification
            verification.command = command
            return await verification.examine(subject, progress: Console.progress)
        }
        Console.progress("")
        var result = found
        if let misbehaviour { result.record(misbehaviour) }
        let folder = ReportFolder(URL(fileURLWithPath: report))
        try folder.write(result)
        print(result.text { "gradcode replay \(report)/\(folder.counterexample($0).lastPathComponent)" })
        throw ExitCode(result.verdict.exitCode)
    }

    private func known(_ name: String, among names: [String], _ what: String) throws -> String {
        guard names.contains(name) else {
            throw Unusable("there is no \(what) \"\(name)\"; expected one of \(names.joined(separator: ", "))")
        }
        return name
    }
}
