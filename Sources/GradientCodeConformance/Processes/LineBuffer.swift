import Foundation

/// Bytes cut into lines at line feeds; no byte is looked at twice.
struct LineBuffer: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0
    private var scanned = 0

    /// What follows the last line taken, with or without line feeds in it.
    var rest: ArraySlice<UInt8> { bytes[start...] }

    /// Adds bytes at the end.
    mutating func append(_ more: some Sequence<UInt8>) {
        bytes.removeSubrange(..<start)
        scanned -= start
        start = 0
        bytes.append(contentsOf: more)
    }

    /// Takes the next complete line, without its line feed; nil when there is none.
    mutating func next() -> Data? {
        guard let end = bytes[scanned...].firstIndex(of: UInt8(ascii: "\n")) else {
            scanned = bytes.count
            return nil
        }
        defer {
            start = end + 1
            scanned = start
        }
        return Data(bytes[start..<end])
    }
}

/// The start of a line, between quotes and with control characters escaped, for a message.
func quoted(_ bytes: some Collection<UInt8>) -> String {
    let text = String(decoding: bytes.prefix(80), as: UTF8.self)
    return String(reflecting: text) + (bytes.count > 80 ? "…" : "")
}
