/// What a subject says of itself at the start: who it is, what it answers, which conventions it follows.
public struct Declaration: Record {
    /// The protocol's version this suite speaks.
    public static let protocolVersion = 1

    /// The protocol's version; must be 1.
    public var version: Int
    /// Who answers.
    public var implementation: ImplementationName
    /// The operations that are answered, each with its flags; `<scheme>.round` for rounds.
    public var operations: [String: [String]]
    /// The conventions; whatever is absent has its default.
    public var conventions: Conventions?

    /// A declaration.
    public init(
        version: Int = protocolVersion, implementation: ImplementationName, operations: [String: [String]],
        conventions: Conventions? = nil
    ) {
        self.version = version
        self.implementation = implementation
        self.operations = operations
        self.conventions = conventions
    }

    /// True when the operation is declared and has all the flags.
    public func offers(_ operation: String, _ flags: String...) -> Bool {
        operations[operation].map { declared in flags.allSatisfy(declared.contains) } ?? false
    }

    /// The fields.
    public static let shape = Shape(
        Self.init(version:implementation:operations:conventions:),
        Field("version", \.version, "the protocol's version, 1"),
        Field("implementation", \.implementation, "who answers"),
        Field("operations", \.operations, "operation → flags among tape, free, seed, save"),
        Field("conventions", \.conventions, "what the subject chose where the schemes leave a choice"))
}

/// The name of an implementation.
public struct ImplementationName: Record {
    /// Its name.
    public var name: String
    /// Its version.
    public var version: String
    /// The language it is written in.
    public var language: String

    /// A name.
    public init(name: String, version: String, language: String) {
        self.name = name
        self.version = version
        self.language = language
    }

    /// The fields.
    public static let shape = Shape(
        Self.init, Field("name", \.name, "its name"), Field("version", \.version, "its version"),
        Field("language", \.language, "the language it is written in"))
}

/// What a subject chose where the schemes leave a choice (`docs/protocol.md#conventions`).
public struct Conventions: Record {
    /// How a compressor breaks ties.
    public enum Ties: String, Choice {
        /// Any valid set.
        case any
        /// The smaller index.
        case smaller
    }
    /// The sign of zero.
    public enum ZeroSign: String, Choice {
        /// sgn(0) = +1.
        case plus = "+"
        /// sgn(0) = −1.
        case minus = "-"
    }
    /// The unit of the error memory.
    public enum MemoryUnits: String, Choice {
        /// The memory holds step times gradient.
        case step
        /// The memory holds gradients.
        case gradient
    }
    /// What an update is.
    public enum Aggregate: String, Choice {
        /// The sum over the partitions.
        case sum
        /// The sum divided by the number of partitions.
        case mean
    }

    /// Ties; any by default.
    public var ties: Ties?
    /// The sign of zero; + by default.
    public var zeroSign: ZeroSign?
    /// The unit of the error memory; step by default.
    public var memoryUnits: MemoryUnits?
    /// What an update is; the sum by default.
    public var aggregate: Aggregate?
    /// Bits of one random draw, 1…64; 32 by default.
    public var drawBits: Int?
    /// True where numbers in answers are doubles.
    public var binary64: Bool?

    /// Conventions; what is nil has its default.
    public init(
        ties: Ties? = nil, zeroSign: ZeroSign? = nil, memoryUnits: MemoryUnits? = nil, aggregate: Aggregate? = nil,
        drawBits: Int? = nil, binary64: Bool? = nil
    ) {
        self.ties = ties
        self.zeroSign = zeroSign
        self.memoryUnits = memoryUnits
        self.aggregate = aggregate
        self.drawBits = drawBits
        self.binary64 = binary64
    }

    /// The fields.
    public static let shape = Shape(
        Self.init(ties:zeroSign:memoryUnits:aggregate:drawBits:binary64:),
        Field("ties", \.ties, "how a compressor breaks ties; any"),
        Field("zeroSign", \.zeroSign, "the sign of zero; +"),
        Field("memoryUnits", \.memoryUnits, "what the error memory holds; step"),
        Field("aggregate", \.aggregate, "what an update is; sum"),
        Field("drawBits", \.drawBits, "bits of one random draw; 32"),
        Field("binary64", \.binary64, "numbers in answers are doubles; false"))
}
