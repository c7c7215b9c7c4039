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
    /// How many questions were answered or refused.
    public let checks: Int
}

extension Law {
    /// Tries all cases, simplest first, and shrinks the first that does not hold.
    ///
    /// - Parameter seed: of the generated cases and of the order of the questions.
    public func examine(_ subject: any Subject, seed: UInt64) async -> Examination {
        if let missing = missing(in: subject.declaration) {
            return Examination(outcome: .skipped("\(missing) is not declared"), checks: 0)
        }
        let examiner = Examiner(subject, seed: seed)
        var tried = 0
        var unsupported: String?
        for number in 0..<cases.count {
            let first: Choices =
                switch cases {
                case .all: Choices(replaying: [UInt64(number)])
                case .generated: Choices(seed: seed &+ UInt64(number))
                }
            switch await self.try(first, examiner) {
            case .held: tried += 1
            case .interrupted(.unsupported(let reason)): unsupported = unsupported ?? reason
            case .interrupted(.misbehaved(let failure)):
                return Examination(
                    outcome: .misbehaved(failure, choices: await choices(of: first)), checks: examiner.asked)
            case .violated(let violation, let made):
                let simplest = await Shrinker(law: self, examiner: examiner).simplest(violation, made)
                return Examination(
                    outcome: .failed(simplest.violation, choices: simplest.choices), checks: examiner.asked)
            }
        }
        let outcome: Examination.Outcome = tried > 0 ? .passed : .skipped(unsupported ?? "no case could be tried")
        return Examination(outcome: outcome, checks: examiner.asked)
    }

    /// Tries one case again.
    public func replay(_ choices: [UInt64], on subject: any Subject, seed: UInt64) async -> Examination {
        if let missing = missing(in: subject.declaration) {
            return Examination(outcome: .skipped("\(missing) is not declared"), checks: 0)
        }
        let examiner = Examiner(subject, seed: seed)
        let outcome: Examination.Outcome =
            switch await self.try(Choices(replaying: choices), examiner) {
            case .held: .passed
            case .violated(let violation, let made): .failed(violation, choices: made)
            case .interrupted(.unsupported(let reason)): .skipped(reason)
            case .interrupted(.misbehaved(let failure)): .misbehaved(failure, choices: choices)
            }
        return Examination(outcome: outcome, checks: examiner.asked)
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
