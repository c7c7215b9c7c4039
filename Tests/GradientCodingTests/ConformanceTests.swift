import Foundation
import GradientCodeBuiltIn
import GradientCodeConformance
import GradientCodeLaws
import GradientCodeOperations
import GradientCodeVectors
import Testing

/// The door for implementations in any language: `GRADCODE_IMPLEMENTATION='CMD ARG…' swift test --filter Conformance`.
///
/// Without the variable the package's own implementation is examined. A core failure fails the test; what our wire and
/// tape conventions say is shown as a warning, for only core decides.
@Suite(.serialized) struct ConformanceTests {
    static let subject = Task { () async throws -> any Subject in
        guard let line = ProcessInfo.processInfo.environment["GRADCODE_IMPLEMENTATION"] else { return BuiltIn.subject }
        return try await ChildSubject.start(try CommandWords.split(line), nonce: "swift-test")
    }

    @Test func `the implementation starts and offers something of core`() async throws {
        let subject = try await Self.subject.value
        let core = VectorSuite.files.filter { file in file.groups.contains { $0.profile == .core } }.map(\.algorithm)
        let rounds = Laws.all.filter { $0.profile == .core }.flatMap(\.needs)
        #expect((core + rounds).contains { subject.declaration.offers($0) })
    }

    @Test(arguments: Laws.all.map(\.id)) func `it obeys the law`(_ id: String) async throws {
        try await examine {
            $0.laws = [id]; $0.files = []
        }
    }

    @Test(arguments: VectorSuite.files.map(\.algorithm)) func `it gives the answers of the vectors`(_ operation: String)
        async throws
    {
        try await examine {
            $0.files = $0.files.filter { $0.algorithm == operation }; $0.laws = [operation]
        }
    }

    private func examine(_ choose: (inout Verification) -> Void) async throws {
        let subject = try await Self.subject.value
        var verification = Verification()
        choose(&verification)
        let report = await verification.examine(subject)
        for entry in report.entries {
            for failure in entry.failures {
                let text =
                    "\(entry.id): \(failure.reason); asked \(failure.question); expected \(failure.expected); received \(failure.received)"
                let isCore = entry.profile == .core || failure.misbehaved
                Issue.record("\(entry.profile.rawValue) \(text)", severity: isCore ? .error : .warning)
            }
        }
        if report.entries.allSatisfy({ $0.status == "skipped" }) {
            try Test.cancel("\(report.entries.first?.skipReason ?? "nothing to examine")")
        }
    }
}
