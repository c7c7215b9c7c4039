import GradientCodeOperations

/// Commands that are asked together, and the replies so far.
struct Batch: Sendable {
    /// The commands, in the order in which they are asked.
    let commands: [Command]
    private var replies: [Reply?]
    private var first = 0
    private let completion: CheckedContinuation<[Reply], Never>

    /// - Parameter completion: resumed once, by ``complete()``.
    init(_ commands: [Command], completion: CheckedContinuation<[Reply], Never>) {
        self.commands = commands
        self.completion = completion
        replies = Array(repeating: nil, count: commands.count)
    }

    /// The first command without a reply.
    var due: Int? { first < commands.count ? first : nil }

    /// Gives a command its reply.
    mutating func reply(_ index: Int, _ reply: Reply) {
        replies[index] = reply
        while first < commands.count, replies[first] != nil { first += 1 }
    }

    /// Gives all commands that have none the same reply.
    mutating func replyToTheRest(_ reply: Reply) {
        while let due { self.reply(due, reply) }
    }

    /// Hands the replies over; every command must have one.
    func complete() { completion.resume(returning: replies.map { $0! }) }
}
