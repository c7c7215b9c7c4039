public import GradientCodeOperations

/// What trying a law on a subject gave.
public struct Examination: Hashable, Sendable {
    /// The outcome.
    public enum Outcome: Hashable, Sendable {
        /// Every case was tried and held.
        case passed
        /// A case did not hold; the simplest one found, with the choices that make it again.
        case failed(Violation, choices: [UInt64])
        /// The subject misbehaved.
        case misbehaved(SubjectFailure, choices: [UInt64])
        /// The subject does not do what the law needs.
        case skipped(String)
    }

    /// The outcome.
    public let outcome: Outcome
    /// How many questions were answered or refused, up to the first failure.
    public let checks: Int
    /// How many questions or whole cases were unsupported.
    public let unsupported: Int
    /// The reason of the first of them.
    public let reason: String?

    init(_ outcome: Outcome, checks: Int = 0, unsupported: Int = 0, reason: String? = nil) {
        self.outcome = outcome
        self.checks = checks
        self.unsupported = unsupported
        self.reason = reason
    }
}

extension Law {
    /// Tries all cases, simplest first, and shrinks the first that does not hold.
    ///
    /// - Parameters:
    ///   - seed: of the generated cases and of the order of the questions.
    ///   - budget: the most cases tried to find a simpler one.
    public func examine(_ subject: any Subject, seed: UInt64, shrinking budget: Int = 2000) async -> Examination {
        if let missing = missing(in: subject.declaration) { return Examination(.skipped("\(missing) is not declared")) }
        let examiner = Examiner(subject, seed: seed)
        var (tried, interrupted) = (0, 0)
        var reason: String?
        for number in 0..<cases.count {
            let first: Choices =
                switch cases {
                case .all: Choices(replaying: [UInt64(number)])
                case .generated: Choices(seed: caseSeed(seed, number))
                }
            switch await self.try(first, examiner) {
            case .held: tried += 1
            case .interrupted(.unsupported(let why)): (interrupted, reason) = (interrupted + 1, reason ?? why)
            case .interrupted(.misbehaved(let failure)):
                return Examination(.misbehaved(failure, choices: await choices(of: first)), checks: examiner.asked)
            case .violated(let violation, let made):
                let checks = examiner.asked
                let simplest = await Shrinker(law: self, examiner: examiner, budget: budget).simplest(violation, made)
                return Examination(.failed(simplest.violation, choices: simplest.choices), checks: checks)
            }
        }
        let unsupported = examiner.unsupported + interrupted
        guard tried > 0 else {
            return Examination(.skipped(reason ?? "no case could be tried"), unsupported: max(1, unsupported))
        }
        return Examination(
            .passed, checks: examiner.asked, unsupported: unsupported, reason: reason ?? "some questions")
    }

    /// A seed of its own for each case of each law of each run.
    private func caseSeed(_ seed: UInt64, _ number: Int) -> UInt64 {
        let name = id.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        var run = SplitMix64(seed: seed ^ name)
        var own = SplitMix64(seed: run.next() &+ UInt64(number))
        return own.next()
    }

    /// Tries one case again.
    public func replay(_ choices: [UInt64], on subject: any Subject, seed: UInt64) async -> Examination {
        if let missing = missing(in: subject.declaration) { return Examination(.skipped("\(missing) is not declared")) }
        let examiner = Examiner(subject, seed: seed)
        let outcome: Examination.Outcome =
            switch await self.try(Choices(replaying: choices), examiner) {
            case .held: .passed
            case .violated(let violation, let made): .failed(violation, choices: made)
            case .interrupted(.unsupported(let reason)): .skipped(reason)
            case .interrupted(.misbehaved(let failure)): .misbehaved(failure, choices: choices)
            }
        return Examination(outcome, checks: examiner.asked)
    }

    enum Trial {
        case held
        case violated(Violation, choices: [UInt64])
        case interrupted(Interruption)
    }

    func `try`(_ choices: Choices, _ examiner: Examiner) async -> Trial {
        var choices = choices
        do {
            try await trial(&choices, examiner)
            return .held
        } catch let violation as Violation {
            return .violated(violation, choices: choices.made)
        } catch let interruption as Interruption {
            return .interrupted(interruption)
        } catch {
            preconditionFailure("\(id) threw \(error)")
        }
    }

    private func missing(in declaration: Declaration) -> String? {
        needs.first { need in
            let parts = need.split(separator: "+").map(String.init)
            return !parts.dropFirst().allSatisfy { declaration.offers(parts[0], $0) } || !declaration.offers(parts[0])
        }
    }

    /// The choices a case makes, without asking anybody: those of a fresh run against a subject that refuses all.
    private func choices(of first: Choices) async -> [UInt64] {
        var choices = first
        let mute = Examiner(Implementation("mute") { _ in }, seed: 0)
        try? await trial(&choices, mute)
        return choices.made
    }
}
