public import GradientCodes

// What the server does with messages: add them up and step.
//
// Order: coordinates are independent; for each, the decoded values are added by ascending message to +0 (`aggregate`)
// or to the sum given (`accumulate`), and the step rounds its product before it subtracts (Swift never contracts the
// two). So results have the same bits on every platform and at every vector width. Error:
// docs/numerics.md#linear-combination, with coefficients 1. Traffic: a bit read a coordinate and message; besides,
// `accumulate` reads and writes a sum a coordinate, `aggregate` writes one.
extension OneBitGradientCode {
    /// Adds a decoded message to sums. The message is not changed and can be decoded again.
    ///
    /// A message of mode S with the range 0 adds +0. A sum beyond binary32 becomes infinite: the caller tests the sums
    /// when all messages are in.
    ///
    /// See docs/OneBitGradientCode.md#wire-format.
    ///
    /// - Parameters:
    ///   - message: the bytes of one message.
    ///   - ranges: B in mode G, one number or one a coordinate, finite and positive; nil in mode S.
    ///   - sums: one value a coordinate.
    /// - Throws: `malformedMessage`; the sums are unchanged then.
    public static func accumulate(
        _ message: [UInt8], ranges: [Float]?, into sums: inout [Float]
    ) throws(Refusal) {
        let dimension = sums.count
        if let ranges { requireRanges(ranges, dimension: dimension) }
        if let fault = fault(in: message, hasRange: ranges == nil, dimension: dimension) {
            throw Refusal(.malformedMessage, fault)
        }
        if ranges == nil, range(of: message) == 0 {
            for j in sums.indices { sums[j] += 0 }
        } else {
            let signs = Signs([message], ranges: ranges, dimension: dimension)
            sums.withUnsafeMutableBufferPointer { signs.add(to: $0, startingFromZero: false) }
        }
    }

    /// Y, the sum of the decoded messages in the order given, beginning with +0: no messages give +0 everywhere.
    ///
    /// It has the bits of ``accumulate(_:ranges:into:)`` over the messages one by one, but the sums stay in registers.
    ///
    /// See docs/OneBitGradientCode.md#server.
    ///
    /// - Parameters:
    ///   - messages: the messages of the responders, workers ascending.
    ///   - ranges: B in mode G, one number or one a coordinate, finite and positive; nil in mode S.
    ///   - dimension: D.
    /// - Returns: one value a coordinate.
    /// - Throws: `malformedMessage`; else `outOfRange` when a sum is beyond binary32.
    public static func aggregate(
        _ messages: [[UInt8]], ranges: [Float]?, dimension: Int
    ) throws(Refusal) -> [Float] {
        if let ranges { requireRanges(ranges, dimension: dimension) }
        for (index, message) in messages.enumerated() {
            if let fault = fault(in: message, hasRange: ranges == nil, dimension: dimension) {
                throw Refusal(.malformedMessage, "message \(index): \(fault)")
            }
        }
        let signs = Signs(messages, ranges: ranges, dimension: dimension)
        let sums = [Float](unsafeUninitializedCapacity: dimension) { buffer, count in
            signs.add(to: UnsafeMutableBufferPointer(rebasing: buffer[..<dimension]), startingFromZero: true)
            count = dimension
        }
        guard sums.isFinite else { throw Refusal(.outOfRange, "a coordinate of the sum is beyond binary32") }
        return sums
    }

    /// The model after a step: fl(θ − fl(γ Y)) for each coordinate, then projected on the box, if there is one.
    ///
    /// The projection is min(max(x, lower), upper); a coordinate within its ends keeps its bits.
    ///
    /// See docs/OneBitGradientCode.md#server.
    ///
    /// - Parameters:
    ///   - model: θ, finite.
    ///   - step: γ, finite.
    ///   - update: Y, finite, of the dimension of the model.
    ///   - box: a lower and an upper end a coordinate, lower ≤ upper; either may be infinite.
    /// - Throws: `outOfRange` when a coordinate is beyond binary32 before the projection.
    public static func step(
        _ model: [Float], step: Float, update: [Float], box: (lower: [Float], upper: [Float])?
    ) throws(Refusal) -> [Float] {
        precondition(update.count == model.count, "\(update.count) coordinates for a model of \(model.count)")
        var moved = model
        for j in moved.indices { moved[j] = moved[j] - step * update[j] }
        guard moved.isFinite else { throw Refusal(.outOfRange, "a coordinate of the model is beyond binary32") }
        if let box {
            precondition(box.lower.count == model.count && box.upper.count == model.count, "one end a coordinate")
            for j in moved.indices {
                let (lower, upper) = (box.lower[j], box.upper[j])
                precondition(lower <= upper, "the box is empty at coordinate \(j)")
                moved[j] = moved[j] < lower ? lower : moved[j] > upper ? upper : moved[j]
            }
        }
        return moved
    }
}
