import GradientCodes

/// What is wrong with a question, collected so that the refusal that comes first in the protocol's order is the one given
/// (`docs/protocol.md#refusals`).
struct Defects {
    private let order: [Refusal.Kind]
    private var found: [Refusal] = []

    /// - Parameter rest: the order of the operation's refusals after sizes and values that are not finite.
    init(_ rest: [Refusal.Kind] = [.infeasiblePartition, .invalidProbability]) {
        order = [.invalidParameters, .dimensionMismatch, .nonFinite] + rest
    }

    /// The value of a body; nil where it refuses, which is noted.
    mutating func attempt<Value>(_ body: () throws(Refusal) -> Value) -> Value? {
        do throws(Refusal) { return try body() } catch {
            found.append(error)
            return nil
        }
    }

    /// Notes a refusal unless a condition holds.
    mutating func require(_ condition: Bool, _ kind: Refusal.Kind, _ reason: @autoclosure () -> String) {
        if !condition { found.append(Refusal(kind, reason())) }
    }

    /// - Throws: the first refusal in the protocol's order; of one kind, the first noted.
    func refuse() throws(Refusal) {
        func place(_ refusal: Refusal) -> Int { order.firstIndex(of: refusal.kind) ?? order.count }
        let first = found.indices.min { (place(found[$0]), $0) < (place(found[$1]), $1) }
        if let first { throw found[first] }
    }
}

extension Optional {
    /// The value that is there once ``Defects/refuse()`` has passed.
    var sound: Wrapped {
        guard let self else { preconditionFailure("a value that was refused is not used") }
        return self
    }
}
