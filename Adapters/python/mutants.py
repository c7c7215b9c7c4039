"""The known defects of gradient_codes.py, one of which can be chosen on its command line."""

MUTANTS = {
    "biased": "signs that are drawn freely are + with a probability 1/100 too large",
    "carry": "a run of draws that starts inside a block never reaches the next one",
    "clip": "a coordinate beyond the range is clipped",
    "compact": "decoding vectors list the responders only, not all workers",
    "double-rounding": "exact numbers are rounded to binary64 first, then to binary32",
    "first-responders": "decodes from the first rank(B) responders only, and fails on decodable sets",
    "isolated": "least squares recovers a partition that no responder holds",
    "least-squares": "answers the least-squares vector of an undecodable set as if it were exact",
    "memory": "messages of earlier rounds stay in the buffer and stand in for stragglers",
    "msb-first": "bits of a 1-bit message begin at the most significant one",
    "nan-zero": "a message that is not finite is multiplied by its coefficient, which may be zero",
    "one-step": "one-step decoding forgets the number of responders",
    "one-word": "one word decides all signs of a 1-bit message",
    "survivor-average": "the decoding vector is the mean of the responders",
    "unsorted": "takes distinct nodes of CRC-Q in any order",
    "weight-exponent": "CRC-Q has the weight exponent ⌈d/2⌉ instead of ⌊d/2⌋",
    "window": "a cyclic worker holds s partitions instead of s + 1",
    "wrap": "cyclic windows end at the last partition",
}
chosen = None
