/// Cooperative gradient coding: M clients send each other their gradients over unreliable links and pass partial sums on
/// to a server, so that the mean of all gradients can be recovered although some uplinks fail. No data are replicated.
///
/// The type holds what is discrete: windows, s and the number of attempts. The coefficients are those of the encoding
/// matrix of a gradient code whose row m has the support W_m.
///
/// See docs/CooperativeGradientCode.md#conventions.
public struct CooperativeGradientCode: Hashable, Sendable {
    /// What counts as full recovery (`docs/CooperativeGradientCode.md#decoders`).
    public enum Decoder: String, CaseIterable, Sendable {
        /// V1, standard decoding: at least M − s clients are complete and delivered.
        case threshold
        /// V2: the complete delivered rows span 1.
        case span
        /// V3: all delivered rows together span 1.
        case plus
        /// V4: the delivered rows have rank M.
        case all
        /// V1, else V4.
        case hierarchical

        /// Whether rows that are not complete are looked at.
        public var usesIncompleteRows: Bool { self != .threshold && self != .span }
    }

    /// What the server makes of single gradients (`docs/CooperativeGradientCode.md#aggregate`).
    public enum PartialRule: String, CaseIterable, Sendable {
        /// The mean of the recovered gradients.
        case mean
        /// Each recovered gradient with the weight (1 − P_full)/ρ_k, which makes the update unbiased.
        case inverseProbability
        /// The combination of rows that is nearest to the sum.
        case leastSquares
    }

    /// What a round came to (`docs/CooperativeGradientCode.md#outcome`).
    public enum Outcome: String, CaseIterable, Sendable {
        /// The mean of all gradients is known.
        case full
        /// Some single gradients are.
        case partial
        /// Nothing is; the model stays as it is.
        case none
    }

    /// W_m, one a client: those whose gradients client m combines, itself among them.
    public let windows: [WorkerSet]
    /// s: the threshold of standard decoding is M − s.
    public let stragglers: Int
    /// t_r, the number of attempts that are stacked.
    public let attempts: Int

    /// The most attempts of a round, 4096.
    public static let maximumAttempts = 4096

    /// The scheme with the cyclic windows W_m = {m, m + 1, …, m + s} mod M.
    ///
    /// - Throws: `invalidParameters` unless 1 ≤ M ≤ ``GradientCode/maximumWorkers``, 0 ≤ s < M and
    ///   1 ≤ t_r ≤ ``maximumAttempts``.
    public init(clients: Int, stragglers: Int, attempts: Int = 1) throws(Refusal) {
        try GradientCode.validate(workers: clients, stragglers: stragglers)
        var windows: [WorkerSet] = []
        for m in 0..<clients {
            windows.append(try WorkerSet((m...m + stragglers).map { $0 % clients }, of: clients))
        }
        try self.init(windows: windows, stragglers: stragglers, attempts: attempts)
    }

    /// The scheme of a matrix whose row m has the support `windows[m]`.
    ///
    /// - Throws: as ``init(clients:stragglers:attempts:)``, and `invalidParameters` where m ∉ W_m; else
    ///   `dimensionMismatch` unless every window is one of M clients.
    public init(windows: [WorkerSet], stragglers: Int, attempts: Int = 1) throws(Refusal) {
        try GradientCode.validate(workers: windows.count, stragglers: stragglers)
        guard 1...Self.maximumAttempts ~= attempts else {
            throw Refusal(.invalidParameters, "\(attempts) attempts; expected 1...\(Self.maximumAttempts)")
        }
        if let m = windows.indices.first(where: { !windows[$0].contains($0) }) {
            throw Refusal(.invalidParameters, "the window of client \(m) lacks the client itself: b_mm is 0")
        }
        if let m = windows.indices.first(where: { windows[$0].workers != windows.count }) {
            throw Refusal(.dimensionMismatch, "the window of client \(m) is one of \(windows[m].workers) clients")
        }
        self.windows = windows
        self.stragglers = stragglers
        self.attempts = attempts
    }

    /// M, the number of clients.
    public var clients: Int { windows.count }

    /// M − s, how many complete clients standard decoding asks for.
    public var threshold: Int { clients - stragglers }

    /// W_m∖{m}, ascending: from whom client m listens.
    public func neighbours(of m: Int) -> [Int] { windows[m].members.filter { $0 != m } }
}
