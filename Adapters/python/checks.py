"""What the modules of gradient_codes.py refuse with, and the checks that they share; it knows the protocol's words."""

from math import isfinite


class Refused(Exception):
    """A question that has no answer: one of the protocol's kinds, and a reason for people."""

    def __init__(self, kind, reason):
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class TooMuchWork(Exception):
    """A question that would take this program too long."""


# The order of refusals after invalidParameters; those of the responders come later.
ORDER = (
    "dimensionMismatch",
    "nonFinite",
    "nonDivisible",
    "nodesNotSorted",
    "infeasiblePartition",
    "indexOutOfRange",
    "invalidProbability",
    "malformedMessage",
    "outOfRange",
)


def invalid(reason):
    return Refused("invalidParameters", reason)


def refuse_first(defects, order=ORDER):
    """Refuses for the defect, a kind and a reason, that comes first in the order."""
    if defects:
        raise Refused(*min(defects, key=lambda defect: order.index(defect[0])))


def needed(record, *names):
    """Parameters that a record of its kind must have."""
    for name in names:
        if record[name] is None:
            raise invalid(f"{record['kind']} needs {name}")
    return [record[name] for name in names]


def check_range(value, low, high, name):
    if not low <= value <= high:
        raise invalid(f"{name} is {value}, expected {low} to {high}")


def check_stragglers(n, s):
    if n < 1 or not 0 <= s < n:
        raise invalid(f"{n} workers, {s} stragglers; expected 0 <= s < n")


def check_index(value, name):
    if not 0 <= value < 1 << 32:
        raise invalid(f"{name} is {value}, expected 0 ..< 2^32")


def responder_set(responders, n):
    """F, ascending."""
    for worker in responders:
        if not 0 <= worker < n:
            raise Refused("indexOutOfRange", f"responder {worker} is not in 0 ..< {n}")
    if len(set(responders)) < len(responders):
        raise Refused("duplicateWorker", "a responder is listed twice")
    return sorted(responders)


# Defects are listed, not raised: the sizes of a question may have to be refused first.


def size_defects(found, expected, name):
    return [] if found == expected else [("dimensionMismatch", f"{found} {name}, expected {expected}")]


def length_defects(rows, length, name):
    """The defect of rows that are not all so long."""
    return [defect for row in rows for defect in size_defects(len(row), length, f"entries in a row of {name}")][:1]


def finite_defects(values, name):
    return [] if all(map(isfinite, values)) else [("nonFinite", f"{name} is not finite")]


def divisor_defects(n, s):
    return [("nonDivisible", f"s + 1 = {s + 1} does not divide n = {n}")] if n % (s + 1) else []


def probability_defects(probabilities, n):
    """The defects of n probabilities: in [0, 1], with terms of at most 64 bits."""
    wrong = [p for p in probabilities if not 0 <= p <= 1 or p.denominator >= 1 << 64]
    defects = [("invalidProbability", f"{p} is not in [0, 1] with terms of at most 64 bits") for p in wrong[:1]]
    return size_defects(len(probabilities), n, "probabilities") + defects


def density_defects(density):
    """δ, which is divided by: in (0, 1]."""
    return [] if 0 < density <= 1 else [("invalidProbability", f"δ is {density}, expected 0 < δ <= 1")]


def certainty_defects(probabilities):
    """Nothing can be divided by 1 − p for p = 1."""
    return [("invalidProbability", "a probability is 1")] if 1 in probabilities else []
