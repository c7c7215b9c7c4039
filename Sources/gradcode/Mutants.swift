import ArgumentParser
import GradientCodeBuiltIn
import GradientCodeConformance
import GradientCodeOperations

struct Mutants: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tries the suite on known-wrong implementations: each must be caught by the check named for it.",
        discussion: "Exit status 0: all caught. 1: one survived, or was not caught by its check.")

    @Flag(help: "Only list them.") var list = false
    @Option(help: "A scheme or shared prefix; all by default. May be given several times.") var scheme: [String] = []

    func run() async throws {
        let prefixes = Set(Mutant.all.map(\.scheme))
        for name in scheme where !prefixes.contains(name) {
            throw Unusable(
                "there are no mutants of \"\(name)\"; expected one of \(prefixes.sorted().joined(separator: ", "))")
        }
        let chosen = Mutant.all.filter { scheme.isEmpty || scheme.contains($0.scheme) }
        var survivors = 0
        var caught: [Profile: Int] = [:]
        for mutant in chosen {
            let label = "\(mutant.scheme) \(mutant.name): \(mutant.defect)"
            if list {
                print("\(label) [\(mutant.killer)]")
                continue
            }
            var verification = Verification()
            verification.laws = [mutant.killer]
            verification.shrinking = 0
            let report = await verification.examine(BuiltIn.subject(mutant: mutant))
            let profiles = Profile.allCases.filter { report.total($0).failed > 0 }
            for profile in profiles { caught[profile, default: 0] += 1 }
            if profiles.isEmpty { survivors += 1 }
            let by = profiles.map(\.rawValue).joined(separator: ", ")
            print(
                (profiles.isEmpty ? "SURVIVED " : "caught   ") + label
                    + " [\(mutant.killer)\(by.isEmpty ? "" : ": " + by)]")
        }
        guard !list else { return }
        let counts = Profile.allCases.map { "\($0.rawValue) \(caught[$0] ?? 0)" }.joined(separator: ", ")
        print("\(chosen.count - survivors) of \(chosen.count) caught by the check named for them (\(counts))")
        if survivors > 0 { throw ExitCode(1) }
    }
}
