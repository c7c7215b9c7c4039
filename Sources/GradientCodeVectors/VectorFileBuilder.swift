package import GradientCodeOperations
package import GradientCodes

/// Builds the vector file of one operation; the questions' and expectations' types are checked by the compiler.
package struct VectorFileBuilder<Asked: Question> {
    private let header: [String]
    private var groups: [VectorGroup] = []

    /// A file without groups.
    package init(_: Asked.Type, _ header: String...) { self.header = header }

    /// Adds a group; test numbers are those the caller writes.
    package mutating func group(
        _ tgId: Int, _ type: String, profile: Profile, basis: Basis, section: String = Asked.section,
        _ fill: (inout Tests) -> Void
    ) {
        var tests = Tests()
        fill(&tests)
        groups.append(
            VectorGroup(tgId: tgId, type: type, spec: section, profile: profile, basis: basis, tests: tests.tests))
    }

    /// The finished file.
    ///
    /// - Precondition: group and test numbers are unique, and no group is empty.
    package var file: VectorFile {
        let identifiers = groups.flatMap { $0.tests.map(\.tcId) }
        precondition(Set(identifiers).count == identifiers.count, "\(Asked.name): a tcId is used twice")
        precondition(Set(groups.map(\.tgId)).count == groups.count, "\(Asked.name): a tgId is used twice")
        precondition(groups.allSatisfy { !$0.tests.isEmpty }, "\(Asked.name): a group is empty")
        return VectorFile(operation: Asked.self, header: header, groups: groups)
    }

    /// The tests of a group.
    package struct Tests {
        fileprivate var tests: [VectorTest] = []

        /// A question with an answer.
        package mutating func valid(
            _ tcId: Int, _ comment: String, _ flags: [VectorFlag], _ question: Asked, _ expected: Asked.Expected
        ) {
            tests.append(
                VectorTest(
                    tcId: tcId, comment: comment, flags: flags, question: question, expectation: .answer(expected)))
        }

        /// A question that is refused.
        package mutating func invalid(
            _ tcId: Int, _ comment: String, _ flags: [VectorFlag], _ question: Asked, _ kind: Refusal.Kind
        ) {
            tests.append(
                VectorTest(
                    tcId: tcId, comment: comment, flags: flags, question: question, expectation: .refusal(kind)))
        }
    }
}
