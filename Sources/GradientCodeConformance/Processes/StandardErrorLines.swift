import Subprocess

/// A child's standard error: shown line by line up to a limit, and never judged.
struct StandardErrorLines: Sendable {
    /// Bytes that are shown.
    let limit: Int
    /// Shows a line, without its line feed; what is not UTF-8 is repaired.
    let show: @Sendable (String) -> Void

    /// Reads to the end; once the task is cancelled, only what the pipe can still hold.
    ///
    /// What exceeds the limit is read all the same, so that the child is not held up.
    func forward(_ output: SubprocessOutputSequence) async {
        var buffer = LineBuffer()
        var remaining = limit
        var chunksAfterCancellation = 0
        var iterator = output.makeAsyncIterator()
        while chunksAfterCancellation < 16, let chunk = try? await iterator.next() {
            if Task.isCancelled { chunksAfterCancellation += 1 }
            guard remaining > 0 else { continue }
            chunk.withUnsafeBytes { buffer.append($0.prefix(remaining)) }
            remaining -= min(remaining, chunk.count)
            while let line = buffer.next() { show(String(decoding: line, as: UTF8.self)) }
            if remaining == 0 {
                flush(&buffer)
                show("(more than \(limit) bytes; the rest is not shown)")
            }
        }
        flush(&buffer)
    }

    private func flush(_ buffer: inout LineBuffer) {
        if !buffer.rest.isEmpty { show(String(decoding: buffer.rest, as: UTF8.self)) }
        buffer = LineBuffer()
    }
}
