import GradientCodeLaws
public import GradientCodeOperations
public import GradientCodeVectors
import GradientCodes

/// An examination of a subject by vectors and laws.
public struct Verification: Sendable {
    /// Schemes whose operations are examined; empty for all. Shared operations always are.
    public var schemes: Set<String> = []
    /// Identifiers of laws, or operations whose vectors are to run; empty for all.
    public var laws: Set<String> = []
    /// Profiles to examine.
    public var profiles: [Profile] = Profile.allCases
    /// The seed of generated cases and of the order of questions.
    public var seed: Seed = 0
    /// The vectors; by default those the reference makes.
    public var files: [VectorFile]
    /// The command of the subject, for replay.
    public var command: [String] = []
    /// The mutant of the built-in subject, for replay.
    public var mutant: String?
    /// The most cases tried to find a simpler one than the first that fails a law.
    public var shrinking = 2000
    /// The most failures of a group that are reported in detail.
    public var detailed = 3

    /// An examination by everything, with the vectors that the reference makes or others.
    public init(files: [VectorFile] = VectorSuite.files) { self.files = files }

    /// Examines a subject.
    ///
    /// - Parameter progress: told what is examined next.
    public func examine(
        _ subject: any Subject, progress: @Sendable (String) -> Void = { _ in }
    ) async -> Report {
        var report = Report(
            subject.declaration.implementation, command: command, seed: seed, profiles: profiles)
        for file in files where includes(file.algorithm) {
            for group in file.groups where profiles.contains(group.profile) {
                progress("\(file.algorithm) \(group.type)")
                report.add(await examine(group, of: file, subject))
            }
        }
        for law in Laws.all where includes(law.id) && profiles.contains(law.profile) {
            progress(law.id)
            report.add(await examine(law, subject))
        }
        return report
    }

    private func includes(_ id: String) -> Bool {
        let prefix = Operations.prefix(of: id)
        let isChosen = schemes.isEmpty || schemes.contains(prefix) || Operations.sharedPrefixes.contains(prefix)
        return isChosen && (laws.isEmpty || laws.contains(id))
    }

    /// Asks all questions of a group, in an order the subject cannot foresee.
    func examine(_ group: VectorGroup, of file: VectorFile, _ subject: any Subject) async -> Report.Entry {
        guard subject.declaration.offers(file.algorithm) else {
            return entry(group, file, subject, passed: 0, skipped: group.tests.count, "not declared", [], failed: 0)
        }
        var generator = SplitMix64(seed: seed.value ^ UInt64(group.tgId))
        func isOffered(_ test: VectorTest) -> Bool {
            test.question.flags.allSatisfy { subject.declaration.offers(file.algorithm, $0) }
        }
        let tests = group.tests.filter(isOffered).shuffled(using: &generator)
        let replies = await subject.replies(to: tests.map { .run($0.question) })
        var (passed, skipped) = (0, group.tests.count - tests.count)
        var reason = skipped > 0 ? "a flag is not declared" : nil
        var failures: [(tcId: Int, failure: Report.Failure)] = []
        for (test, reply) in zip(tests, replies) {
            switch outcome(of: reply, test, group.profile) {
            case .passed: passed += 1
            case .skipped(let why): (skipped, reason) = (skipped + 1, reason ?? why)
            case .failed(let mismatch, let misbehaved):
                failures.append((test.tcId, failure(test, file, mismatch, misbehaved: misbehaved)))
            }
        }
        let first = failures.sorted { $0.tcId < $1.tcId }.map(\.failure)
        return entry(group, file, subject, passed: passed, skipped: skipped, reason, first, failed: failures.count)
    }

    /// Tries a law.
    func examine(_ law: Law, _ subject: any Subject) async -> Report.Entry {
        let examination = await law.examine(subject, seed: seed.value, shrinking: shrinking)
        return entry(law, subject, examination)
    }
}

extension Verification {
    enum Outcome {
        case passed
        case skipped(String)
        case failed(Mismatch, misbehaved: Bool)
    }

    func outcome(of reply: Reply, _ test: VectorTest, _ profile: Profile) -> Outcome {
        func judged(_ mismatch: Mismatch?) -> Outcome { mismatch.map { .failed($0, misbehaved: false) } ?? .passed }
        switch reply {
        case .answer(let answer): return judged(test.mismatch(of: .success(answer), profile: profile))
        case .refused(let refusal): return judged(test.mismatch(of: .failure(refusal), profile: profile))
        case .unsupported(let reason): return .skipped(reason)
        case .failed(let failure): return .failed(Self.mismatch(failure), misbehaved: true)
        }
    }

    static func mismatch(_ failure: SubjectFailure) -> Mismatch {
        Mismatch(failure.reason, expected: "a reply", received: failure.kind)
    }

    private func failure(
        _ test: VectorTest, _ file: VectorFile, _ mismatch: Mismatch, misbehaved: Bool
    ) -> Report.Failure {
        Report.Failure(
            reason: "\(test.comment): \(mismatch.reason)",
            question: Wire.abridged(.command(seq: 1, .run(test.question))),
            expected: mismatch.expected, received: mismatch.received, misbehaved: misbehaved,
            counterexample: Counterexample(
                id: file.algorithm, tcId: test.tcId, choices: nil, seed: seed, command: command, mutant: mutant))
    }

    private func entry(
        _ group: VectorGroup, _ file: VectorFile, _ subject: any Subject, passed: Int, skipped: Int, _ reason: String?,
        _ failures: [Report.Failure], failed: Int
    ) -> Report.Entry {
        Report.Entry(
            kind: .vectors, id: "\(file.algorithm)#\(group.tgId)", title: group.type, profile: group.profile,
            basis: group.basis, section: group.spec, isRegression: subject.regressions.contains(file.algorithm),
            expected: group.tests.count, passed: passed, failed: failed, skipped: skipped, skipReason: reason,
            failures: Array(failures.prefix(detailed)))
    }

    func entry(_ law: Law, _ subject: any Subject, _ examination: Examination) -> Report.Entry {
        func entry(passed: Int, _ failure: Report.Failure?, skipped: Int = 0, _ skipReason: String? = nil)
            -> Report.Entry
        {
            let failed = failure == nil ? 0 : 1
            return Report.Entry(
                kind: .law, id: law.id, title: law.sentence, profile: law.profile, basis: law.basis,
                section: law.section, isRegression: law.needs.allSatisfy(subject.regressions.contains),
                expected: passed + failed + skipped, passed: passed, failed: failed, skipped: skipped,
                skipReason: skipped > 0 ? skipReason : nil, failures: failure.map { [$0] } ?? [])
        }
        func failure(_ question: String, _ mismatch: Mismatch, _ choices: [UInt64], misbehaved: Bool) -> Report.Failure
        {
            Report.Failure(
                reason: mismatch.reason, question: question, expected: mismatch.expected, received: mismatch.received,
                misbehaved: misbehaved,
                counterexample: Counterexample(
                    id: law.id, tcId: nil, choices: choices, seed: seed, command: command, mutant: mutant))
        }
        switch examination.outcome {
        case .passed:
            return entry(passed: examination.checks, nil, skipped: examination.unsupported, examination.reason)
        case .skipped(let reason):
            return entry(passed: 0, nil, skipped: max(1, examination.unsupported), reason)
        case .failed(let violation, let choices):
            let failure = failure(violation.question, violation.mismatch, choices, misbehaved: false)
            return entry(passed: max(0, examination.checks - 1), failure)
        case .misbehaved(let misbehaviour, let choices):
            let mismatch = Self.mismatch(misbehaviour)
            return entry(passed: examination.checks, failure("", mismatch, choices, misbehaved: true))
        }
    }
}
