import GradientCodeConformance
import GradientCodeOperations
import Testing

extension ChildLimits {
    /// Limits under which a child that hangs is found out soon.
    static let short = ChildLimits(question: .milliseconds(500), stop: .milliseconds(500))
}

/// Asks one question and checks that it fails in the expected way.
func expectFailure(
    _ kind: SubjectFailure.Kind, _ reason: String, _ script: String, limits: ChildLimits = ChildLimits(),
    within time: Duration = .seconds(45), at location: SourceLocation = #_sourceLocation
) async throws {
    let child = try await Child.run("declare()\n" + script, limits: limits, questions: 1)
    let failure = try #require(child.replies.first?.failure, sourceLocation: location)
    #expect(failure.kind == kind, sourceLocation: location)
    #expect(failure.reason.contains(reason), "\(failure.reason)", sourceLocation: location)
    #expect(child.restarts == 0 && child.end == nil, sourceLocation: location)
    #expect(child.time < time, sourceLocation: location)
    #expect(child.survivors.isEmpty, sourceLocation: location)
}
