import GradientCodeBuiltIn
import GradientCodeConformance
import GradientCodeLaws
import GradientCodeOperations
import GradientCodeVectors
import Testing

/// The built-in subject with a known defect.
func damaged(_ name: String) throws -> Implementation {
    let mutant: Mutant = try #require(Mutant.named(name))
    return BuiltIn.subject(mutant: mutant)
}

@Suite struct MutantTests {
    @Test func `the right implementation passes everything, and nothing is skipped`() async {
        let report = await Verification.thorough.examine(BuiltIn.subject)
        #expect(report.verdict == .conforming)
        for entry in report.entries { #expect(entry.status == "passed", "\(entry.id): \(entry.failures)") }
        #expect(report.entries.count > 60)
    }

    /// In debug without those of the scheme `oneBit`, which take minutes there; release runs all.
    static let mutants: [String] = {
        #if DEBUG
            Mutant.all.filter { $0.scheme != "oneBit" }.map(\.name)
        #else
            Mutant.all.map(\.name)
        #endif
    }()

    @Test(arguments: mutants) func `each mutant is caught by the check named for it`(_ name: String)
        async throws
    {
        let mutant = try #require(Mutant.named(name))
        var verification = Verification()
        verification.laws = [mutant.killer]
        verification.shrinking = 0
        let report = await verification.examine(BuiltIn.subject(mutant: mutant))
        #expect(report.entries.contains { $0.failed > 0 && !$0.failures.contains { $0.misbehaved } })
    }

    @Test func `names are unique and killers exist`() {
        #expect(Set(Mutant.all.map(\.name)).count == Mutant.all.count)
        let known = Set(Laws.all.map(\.id) + Operations.all.map { $0.name })
        for mutant in Mutant.all { #expect(known.contains(mutant.killer), "\(mutant.name)") }
    }

    @Test func `every law and every vector file is named by a mutant that it catches`() {
        let killers = Set(Mutant.all.map(\.killer))
        #expect(Laws.all.map(\.id).filter { !killers.contains($0) } == [])
        #expect(VectorSuite.files.map(\.algorithm).filter { !killers.contains($0) } == [])
    }

    @Test func `every refusal of every operation has a vector`() {
        for file in VectorSuite.files {
            let refused = file.groups.flatMap(\.tests).compactMap { test in
                if case .refusal(let kind) = test.expectation { kind } else { nil }
            }
            #expect(Set(refused) == Set(file.operation.refusals.map(\.kind)), "\(file.algorithm)")
        }
        #expect(VectorSuite.files.map(\.algorithm) == Operations.all.map { $0.name })
    }
}
