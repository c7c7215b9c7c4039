import GradientCodeLaws
public import GradientCodeOperations
import GradientCodeVectors

extension Verification {
    /// Why a counterexample cannot be tried again.
    public struct UnknownCounterexample: Error, CustomStringConvertible {
        /// What is unknown.
        public let description: String
    }

    /// Tries one counterexample again on a subject.
    public func replay(
        _ counterexample: Counterexample, on subject: any Subject
    ) async throws(UnknownCounterexample) -> Report {
        var report = Report(
            subject.declaration.implementation, command: command, seed: counterexample.seed, profiles: profiles)
        switch (counterexample.tcId, counterexample.choices) {
        case (let tcId?, nil):
            guard let file = files.first(where: { $0.algorithm == counterexample.id }),
                let group = file.groups.first(where: { $0.tests.contains { $0.tcId == tcId } })
            else {
                throw UnknownCounterexample(description: "there is no vector \(counterexample.id)#\(tcId)")
            }
            report.add(await examine(group.only(tcId), of: file, subject))
        case (nil, let choices?):
            guard let law = Laws.named(counterexample.id) else {
                throw UnknownCounterexample(description: "there is no law \(counterexample.id)")
            }
            let examination = await law.replay(choices, on: subject, seed: counterexample.seed.value)
            report.add(entry(law, subject, examination))
        default:
            throw UnknownCounterexample(description: "expected either tcId or choices")
        }
        return report
    }
}
