public import GradientCodeOperations
public import GradientCodes

/// All vectors of one operation, in groups (`docs/architecture.md#vectors`).
public struct VectorFile: Sendable {
    /// The operation.
    public let operation: any Question.Type
    /// What the file tests, in a few lines.
    public let header: [String]
    /// The groups.
    public let groups: [VectorGroup]

    /// The operation's name.
    public var algorithm: String { operation.name }
    /// How many tests the groups hold together.
    public var numberOfTests: Int { groups.map(\.tests.count).reduce(0, +) }
    /// The flags its tests carry, sorted.
    public var flags: [VectorFlag] { Set(groups.flatMap { $0.tests.flatMap(\.flags) }).sorted() }
}

/// Tests that share a profile, a basis and a section.
public struct VectorGroup: Sendable {
    /// Its number within the file.
    public let tgId: Int
    /// What the tests have in common.
    public let type: String
    /// The section of `docs/` they rest on.
    public let spec: String
    /// Whom they concern.
    public let profile: Profile
    /// What they rest on.
    public let basis: Basis
    /// The tests.
    public let tests: [VectorTest]

    /// The group with one of its tests only.
    package func only(_ tcId: Int) -> VectorGroup {
        VectorGroup(
            tgId: tgId, type: type, spec: spec, profile: profile, basis: basis, tests: tests.filter { $0.tcId == tcId })
    }
}

/// One question with what a right reply is.
public struct VectorTest: Sendable {
    /// What a right reply is.
    public enum Expectation: Sendable {
        /// An answer that satisfies this value of the operation's `Expected`.
        case answer(any FieldValue)
        /// A refusal of this kind.
        case refusal(Refusal.Kind)
    }

    /// Its number within the file, for ever.
    public let tcId: Int
    /// What is special about it.
    public let comment: String
    /// What kinds of mistakes it is there for.
    public let flags: [VectorFlag]
    /// The question.
    public let question: any Question
    /// What a right reply is.
    public let expectation: Expectation

    /// How replies are judged.
    public var verdict: Verdict {
        func verdict<Asked: Question>(_: Asked) -> Verdict {
            switch expectation {
            case .answer(let expected): Asked.verdict(of: Self.cast(expected))
            case .refusal: .reject
            }
        }
        return verdict(question)
    }

    /// What is wrong with an answer or a refusal; nil when it is right.
    public func mismatch(of answer: Result<any Record, Refusal>, profile: Profile) -> Mismatch? {
        func mismatch<Asked: Question>(_ question: Asked) -> Mismatch? {
            switch (expectation, answer) {
            case (_, .success(let answer)) where !(answer is Asked.Answer):
                return Mismatch(
                    "the answer is of another type, \(type(of: answer))", expected: "\(Asked.Answer.self)", received: ""
                )
            case (.answer(let expected), .success(let answer)):
                return Asked.mismatch(
                    of: Self.cast(answer), with: Self.cast(expected), to: question, profile: profile)
            case (.refusal(let kind), .failure(let refusal)):
                guard refusal.kind != kind else { return nil }
                return Mismatch("another refusal was expected", expected: kind, received: refusal.kind)
            case (.answer(let expected), .failure(let refusal)):
                let reason = "a valid question was refused (\(refusal))"
                return Mismatch(reason, expected: JSONText.compact(expected), received: refusal.kind)
            case (.refusal(let kind), .success(let answer)):
                return Mismatch(
                    "an invalid question was answered", expected: "refused as \(kind.rawValue)",
                    received: Self.cast(answer) as Asked.Answer)
            }
        }
        return mismatch(question)
    }

    private static func cast<Value>(_ value: Any) -> Value {
        guard let value = value as? Value else {
            preconditionFailure("\(type(of: value)) where the operation has \(Value.self)")
        }
        return value
    }
}

extension VectorTest {
    /// The test for people: question and expectation as indented JSON, floats also in decimal.
    public func description(in group: VectorGroup) -> String {
        let flags = flags.map(\.rawValue).joined(separator: ", ")
        var lines = [
            "\(type(of: question).name) #\(tcId): \(comment)",
            "profile \(group.profile.rawValue), basis \(group.basis.rawValue), docs/\(group.spec), \(flags)",
            "input " + JSONText.pretty(question),
        ]
        switch expectation {
        case .answer(let expected): lines.append("expected (\(verdict.rawValue)) " + JSONText.pretty(expected))
        case .refusal(let kind): lines.append("refused as \(kind.rawValue)")
        }
        return (lines + decimals).joined(separator: "\n")
    }

    /// The float vectors of question and expectation, in decimal.
    private var decimals: [String] {
        var found: [(String, Binary32Vector)] = []
        func collect(_ value: Any, _ path: String) {
            if let vector = value as? Binary32Vector { return found.append((path, vector)) }
            for (index, child) in Mirror(reflecting: value).children.enumerated() {
                collect(
                    child.value,
                    child.label.map { path.isEmpty ? $0 : path + ($0 == "some" ? "" : "." + $0) } ?? "\(path)[\(index)]"
                )
            }
        }
        collect(question, "input")
        if case .answer(let expected) = expectation { collect(expected, "expected") }
        return found.map { path, vector in
            let values = vector.values.prefix(20).map { "\($0)" }.joined(separator: " ")
            return "\(path): \(values)\(vector.count > 20 ? " …" : "")"
        }
    }
}
