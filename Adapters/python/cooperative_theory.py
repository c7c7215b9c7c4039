"""The outage and the law of docs/CooperativeGradientCode.md, in Fractions."""

import itertools
from fractions import Fraction

from checks import TooMuchWork, check_range, length_defects, probability_defects, refuse_first, size_defects
from linear_algebra import echelon


MOST_CLIENTS = 1024


def check_size(patterns):
    if patterns > 1 << 15:
        raise TooMuchWork("more than 2^15 patterns")


def outage_defects(uplinks, links, clients):
    defects = size_defects(len(uplinks), clients, "uplinks") + size_defects(len(links), clients, "rows of links")
    defects += length_defects(links, clients, "links")
    flat = uplinks + [p for row in links for p in row]
    return defects + probability_defects(flat, len(flat))


def outage(clients, stragglers, uplinks, links):
    """Success and causes: the joint law of complete clients, uplinks that are up, and clients with both."""
    check_range(clients, 1, MOST_CLIENTS, "M")
    check_range(stragglers, 0, clients - 1, "s")
    refuse_first(outage_defects(uplinks, links, clients))
    check_size(clients**3)
    threshold = clients - stragglers
    law = {(0, 0, 0): Fraction(1)}
    for m in range(clients):
        complete = Fraction(1)
        for offset in range(1, stragglers + 1):
            complete *= 1 - links[m][(m + offset) % clients]
        up = 1 - uplinks[m]
        following = {}
        for (c, u, b), chance in law.items():
            for is_complete, is_up in itertools.product((0, 1), (0, 1)):
                factor = (complete if is_complete else 1 - complete) * (up if is_up else 1 - up)
                if factor:
                    state = (c + is_complete, u + is_up, b + is_complete * is_up)
                    following[state] = following.get(state, Fraction(0)) + chance * factor
        law = following
    answer = dict.fromkeys(("success", "links", "uplinks", "both", "misaligned"), Fraction(0))
    for (c, u, b), chance in law.items():
        if b >= threshold:
            cause = "success"
        elif c < threshold:
            cause = "both" if u < threshold else "links"
        else:
            cause = "uplinks" if u < threshold else "misaligned"
        answer[cause] += chance
    return answer


def outcome_law(scheme, decoder, uplinks, links):
    """P(full), and P(partial, K) for each K: clients one by one, their attempts one by one, by the row space so far."""
    binary = decoder in ("threshold", "span")
    states = {((), 0): Fraction(1)}
    clients = scheme.clients
    patterns = 1
    for window in scheme.windows:
        patterns *= (1 << len(window) - 1) + 1
    check_size(patterns * scheme.attempts)
    for m in range(clients):
        neighbours = sorted(scheme.windows[m] - {m})
        options = []
        for ups in itertools.product((True, False), repeat=len(neighbours)):
            chance = 1 - uplinks[m]
            for k, up in zip(neighbours, ups):
                chance *= 1 - links[m][k] if up else links[m][k]
            available = {m, *(k for k, up in zip(neighbours, ups) if up)}
            row = tuple(entry if k in available else Fraction(0) for k, entry in enumerate(scheme.matrix[m]))
            if chance:
                options.append((row, all(ups), chance))
        states = {(space, 2 * count): chance for (space, count), chance in states.items()}
        for _ in range(scheme.attempts):
            following = {}
            for (space, count), chance in states.items():
                outcomes = [(space, count, uplinks[m])] if uplinks[m] else []
                for row, complete, factor in options:
                    known = space if binary and not complete else spanned(space, row, clients)
                    outcomes.append((known, count | complete, factor))
                for known, counted, factor in outcomes:
                    key = (known, counted)
                    following[key] = following.get(key, Fraction(0)) + chance * factor
            states = following
        merged = {}
        for (space, count), chance in states.items():
            key = (space, count // 2 + count % 2)
            merged[key] = merged.get(key, Fraction(0)) + chance
        states = merged
    full, partial = Fraction(0), {}
    for (space, count), chance in states.items():
        known = frozenset(next(k for k, x in enumerate(row) if x) for row in space if sum(map(bool, row)) == 1)
        standard, everything = count >= scheme.threshold, len(space) == clients
        spans = all(sum(row[k] for row in space) == 1 for k in range(clients))
        event = {
            "threshold": standard,
            "span": spans,
            "plus": spans,
            "all": everything,
            "hierarchical": standard or everything,
        }[decoder]
        if event:
            full += chance
        elif known and not binary:
            partial[known] = partial.get(known, Fraction(0)) + chance
    return full, partial


MEMORY = {}


def spanned(space, row, clients):
    """The reduced rows of a row space and one more row."""
    key = (space, row)
    if key not in MEMORY:
        if len(MEMORY) > 1 << 16:
            MEMORY.clear()
        reduced, pivots = echelon([*space, row], clients)
        MEMORY[key] = tuple(tuple(reduced[i]) for i in range(len(pivots)))
    return MEMORY[key]
