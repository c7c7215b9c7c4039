import GradientCodeOperations
import Synchronization

/// Keeps a subject going: at most two processes, one after the other, and one request after the other.
struct Supervisor: Sendable {
    /// What may be requested of a subject.
    enum Request: Sendable {
        /// Replies to commands.
        case ask(Batch)
        /// The end of the run.
        case end(CheckedContinuation<SubjectFailure?, Never>)

        /// Answers the request without asking the subject.
        func refuse(_ failure: SubjectFailure) {
            switch self {
            case .ask(var batch):
                batch.replyToTheRest(.failed(failure))
                batch.complete()
            case .end(let completion):
                completion.resume(returning: nil)
            }
        }
    }

    /// How far the run has come.
    private struct Course: Sendable {
        var conversation: Conversation
        var batch: Batch?
        var end: CheckedContinuation<SubjectFailure?, Never>?
        var isOver = false
        var misbehaviour: Misbehaviour?
    }

    /// How long a process whose output has ended may take to exit, so that its status can be told.
    private static let grace = Duration.milliseconds(500)

    let process: ChildProcess
    let requests: AsyncStream<Request>
    let restarted: Restarts

    /// Answers all requests until there are no more.
    ///
    /// - Parameter started: told once whether the first process could be started.
    func run(
        _ conversation: Conversation, started: @Sendable (Result<Declaration, SubjectFailure>) -> Void
    ) async {
        var course = Course(conversation: conversation)
        var unasked = ChildSubject.ended
        var failure = await runProcess(&course) { started(.success($0)) }
        if let first = failure, !course.isOver {
            guard course.conversation.declaration != nil else { return started(.failure(first)) }
            blame(first, &course)
            failure = nil
            if await hasMore(&course) {
                restarted.count.store(1, ordering: .relaxed)
                failure = await runProcess(&course) { _ in }
            }
            if let last = failure, !course.isOver {
                blame(last, &course)
                unasked = SubjectFailure(last.kind, "not asked, for the subject had failed twice: \(last.reason)")
                if let batch = course.batch { Request.ask(batch).refuse(unasked) }
            }
        }
        course.end?.resume(returning: failure)
        for await request in requests { request.refuse(unasked) }
    }

    /// Carries the run on with a new process, to the run's end or to a misbehaviour; what went wrong is returned.
    private func runProcess(
        _ course: inout Course, _ started: @Sendable (Declaration) -> Void
    ) async -> SubjectFailure? {
        do throws(SubjectFailure) {
            let before = course
            let (after, ending) = try await process.run { pipes in
                var course = before
                course.misbehaviour = nil
                do throws(Misbehaviour) {
                    try await carryOn(&course, &pipes, started)
                    return (course, grace: process.limits.stop)
                } catch {
                    course.misbehaviour = error
                    return (course, grace: error.outputEnded ? Self.grace : .zero)
                }
            }
            course = after
            if course.isOver, course.misbehaviour == nil, ending == .killed {
                return SubjectFailure(.timeout, "it was still running \(process.limits.stop) after stop")
            }
            return course.misbehaviour?.failure(ending)
        } catch {
            return error
        }
    }

    private func carryOn(
        _ course: inout Course, _ pipes: inout ChildPipes, _ started: (Declaration) -> Void
    ) async throws(Misbehaviour) {
        started(try await course.conversation.start(&pipes))
        while true {
            if var batch = course.batch {
                defer { course.batch = batch }
                try await course.conversation.ask(&batch, &pipes)
            }
            guard await hasMore(&course) else { return try await course.conversation.stop(&pipes) }
        }
    }

    /// Completes the batch if it is answered and waits for the next one; false when the run is over.
    private func hasMore(_ course: inout Course) async -> Bool {
        if let batch = course.batch {
            if batch.due != nil { return true }
            batch.complete()
            course.batch = nil
        }
        var iterator = requests.makeAsyncIterator()
        switch await iterator.next() {
        case .ask(let batch): course.batch = batch
        case .end(let completion): (course.end, course.isOver) = (completion, true)
        case nil: course.isOver = true
        }
        return !course.isOver
    }

    /// Blames a failure on the first command without a reply.
    private func blame(_ failure: SubjectFailure, _ course: inout Course) {
        let due = course.batch?.due
        course.conversation.sessions.lose(failure, at: due.flatMap { course.batch?.commands[$0] })
        if let due { course.batch?.reply(due, .failed(failure)) }
    }
}
