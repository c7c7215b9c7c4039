public import ExactArithmetic
public import GradientCodes

extension GradientCode {
    /// The encoding matrix B, one row a worker and one column a partition, exact (`docs/GradientCode.md#constructions`).
    ///
    /// - Throws: what the construction finds only when the matrix is formed: `nodesNotSorted`, or `invalidParameters`
    ///   where a code that has to be verified is none.
    public var encodingMatrix: RationalMatrix {
        get throws(Refusal) {
            switch self {
            case .fractionalRepetition(let code): code.encodingMatrix
            case .cyclicRepetition(let code): try code.encodingMatrix
            case .nullSpace(let code): try code.encodingMatrix
            case .bernoulli(let code): code.encodingMatrix
            case .graph(let code): code.encodingMatrix
            case .stochastic(let code): code.encodingMatrix
            }
        }
    }

    /// The decoding vector that the construction itself suggests, without elimination.
    ///
    /// One number a worker; nil where the construction has no rule for these responders, which does not mean that they
    /// cannot decode (`docs/GradientCode.md#decoders`, D2).
    public func structuredDecodingVector(responders: WorkerSet) -> [Rational]? {
        switch self {
        case .fractionalRepetition(let code): code.structuredDecodingVector(responders: responders)
        case .cyclicRepetition(let code): code.structuredDecodingVector(responders: responders)
        case .nullSpace, .bernoulli, .graph, .stochastic: nil
        }
    }
}
