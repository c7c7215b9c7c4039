import ExactArithmetic

/// Numbers as the command line writes them: `n/d`, rows separated by commas, matrices by semicolons.
enum Numbers {
    static func rational(_ text: some StringProtocol) throws -> Rational {
        do { return try Rational(parsing: text) } catch { throw Unusable("\"\(text)\" is not a number n/d: \(error)") }
    }

    static func integer(_ text: some StringProtocol) throws -> Int {
        guard let value = Int(text) else { throw Unusable("\"\(text)\" is not an integer") }
        return value
    }

    static func row(_ text: some StringProtocol) throws -> [Rational] {
        try text.split(separator: ",").map { try rational($0) }
    }

    static func matrix(_ text: String) throws -> [[Rational]] { try text.split(separator: ";").map { try row($0) } }

    static func allocation(_ text: String) throws -> [[Int]] {
        try text.split(separator: ";").map { try $0.split(separator: ",").map { try integer($0) } }
    }

    /// An exact number with its decimal value.
    static func text(_ value: Rational) -> String {
        value.isInteger ? "\(value.numerator)" : "\(value) ≈ \(value.decimal(digits: 12))"
    }
}
