"""Cooperative gradient coding: docs/CooperativeGradientCode.md, in Fractions, each float rounded once."""

from fractions import Fraction

from checks import (
    Refused,
    check_index,
    check_range,
    finite_defects,
    invalid,
    length_defects,
    probability_defects,
    refuse_first,
    size_defects,
)
from cooperative_theory import MOST_CLIENTS, check_size, outage_defects, outcome_law
from decoding import encoding_matrix, least_squares
from linear_algebra import echelon, solve, transposed
from randomness import draws, straggles
from rounding import binary32, is_finite
from rounds import Rounds

MOST_ATTEMPTS = 4096


class Scheme:
    """B with its windows, s, and the number of attempts."""

    def __init__(self, code, stragglers, attempts):
        self.matrix = encoding_matrix(code)
        clients = len(self.matrix)
        check_range(stragglers, 0, clients - 1, "s")
        check_range(attempts, 1, MOST_ATTEMPTS, "the number of attempts")
        refuse_first(size_defects(len(self.matrix[0]), clients, "columns"))
        self.windows = [{k for k, entry in enumerate(row) if entry} for row in self.matrix]
        if any(m not in window for m, window in enumerate(self.windows)):
            raise invalid("an entry on the diagonal is 0")
        self.clients, self.threshold, self.attempts = clients, clients - stragglers, attempts

    def rows(self, links, uplinks):
        """The delivered rows (attempt, client, Up_m) in the stacked order."""
        return [
            (attempt, m, frozenset(k for k in window if k == m or links[attempt][m][k]))
            for attempt in range(self.attempts)
            for m, window in enumerate(self.windows)
            if uplinks[attempt][m]
        ]

    def masked(self, rows):
        """G."""
        return [
            [entry if k in up else Fraction(0) for k, entry in enumerate(self.matrix[m])] for _, m, up in rows
        ]

    def is_complete(self, row):
        return row[2] == self.windows[row[1]]

    def check_outages(self, links, uplinks):
        flat = [link for attempt in links for row in attempt for link in row] + [up for row in uplinks for up in row]
        if any(value not in (0, 1) for value in flat):
            raise invalid("a link or uplink is neither 0 nor 1")
        defects = size_defects(len(links), self.attempts, "attempts of links")
        defects += size_defects(len(uplinks), self.attempts, "attempts of uplinks")
        defects += length_defects(uplinks, self.clients, "uplinks")
        for attempt in links:
            defects += size_defects(len(attempt), self.clients, "rows of links")
            defects += length_defects(attempt, self.clients, "links")
        refuse_first(defects)


def unit(k, size):
    return [Fraction(int(j == k)) for j in range(size)]


def combination_to(target, matrix):
    """a with aᵀG = t, free coefficients 0, or None."""
    if not matrix:
        return None
    return solve(transposed(matrix), target)


def witness_against(target, matrix):
    """x with Gx = 0 and t·x = 1, or None."""
    return solve(matrix + [target], [Fraction(0)] * len(matrix) + [Fraction(1)])


class Decoding:
    """What a decoder makes of delivered rows."""

    def __init__(self, scheme, rows, decoder):
        clients = scheme.clients
        binary = decoder in ("threshold", "span")
        self.used = [i for i, row in enumerate(rows) if not binary or scheme.is_complete(row)]
        self.matrix = scheme.masked([rows[i] for i in self.used])
        reduced, pivots = echelon(self.matrix, clients) if self.matrix else ([], [])
        self.rank = len(pivots)
        self.recovered = [k for row, k in zip(reduced, pivots) if sum(map(bool, row)) == 1]
        ones = [Fraction(1)] * clients
        self.coefficients = combination_to(ones, self.matrix)
        complete = len({row[1] for row in rows if scheme.is_complete(row)})
        standard, everything = complete >= scheme.threshold, self.rank == clients
        full = {
            "threshold": standard,
            "span": self.coefficients is not None,
            "plus": self.coefficients is not None,
            "all": everything,
            "hierarchical": standard or everything,
        }[decoder]
        if full and self.coefficients is None:
            raise invalid("the complete clients do not span the sum: the code does not tolerate s stragglers")
        self.outcome = "full" if full else "partial" if self.recovered and not binary else "none"

    def spread(self, count):
        """The coefficients, one a delivered row."""
        vector = [Fraction(0)] * count
        for i, value in zip(self.used, self.coefficients):
            vector[i] = value
        return vector


def decode(code, stragglers, decoder, links, uplinks):
    scheme = Scheme(code, stragglers, len(uplinks))
    scheme.check_outages(links, uplinks)
    rows = scheme.rows(links, uplinks)
    decoding = Decoding(scheme, rows, decoder)
    answer = {"status": decoding.outcome, "recovered": decoding.recovered}
    if decoding.outcome == "full":
        answer["vector"] = decoding.spread(len(rows))
    return answer


def delivered(scheme, rows):
    """Rows of a question as (attempt, client, Up_m), checked."""
    for row in rows:
        check_range(row["attempt"], 0, scheme.attempts - 1, "attempt")
        m, available = row["client"], row["available"]
        if 0 <= m < scheme.clients:
            if m not in available:
                raise invalid(f"Up_{m} lacks {m}")
            if any(0 <= k < scheme.clients and k not in scheme.windows[m] for k in available):
                raise invalid(f"Up_{m} is not contained in the window")
    for row in rows:
        if any(not 0 <= k < scheme.clients for k in [row["client"], *row["available"]]):
            raise Refused("indexOutOfRange", "a client that does not exist")
    places = [(row["attempt"], row["client"]) for row in rows]
    if len(set(places)) < len(places) or any(len(set(row["available"])) < len(row["available"]) for row in rows):
        raise Refused("duplicateWorker", "a client is listed twice")
    return [(row["attempt"], row["client"], frozenset(row["available"])) for row in rows]


def certificate(target, matrix):
    found = combination_to(target, matrix)
    return {"witness": witness_against(target, matrix)} if found is None else {"coefficients": found}


def decode_plus(code, attempts, rows):
    scheme = Scheme(code, 0, attempts)
    rows = delivered(scheme, rows)
    decoding = Decoding(scheme, rows, "plus")
    matrix, clients = decoding.matrix, scheme.clients
    return {
        "outcome": decoding.outcome,
        "rank": decoding.rank,
        "recovered": decoding.recovered,
        "sum": certificate([Fraction(1)] * clients, matrix),
        "gradients": [certificate(unit(k, clients), matrix) for k in range(clients)],
        "projection": projection(matrix, clients),
    }


def projection(matrix, clients):
    """α, the projection of 1 on the row space."""
    return least_squares(matrix, range(len(matrix)))[1] if matrix else [Fraction(0)] * clients


def rounded(vector):
    """Each coordinate rounded once."""
    values = [binary32(value) for value in vector]
    if not is_finite(values):
        raise Refused("outOfRange", "the update is beyond binary32")
    return values


def weighted(weights, vectors, divisor):
    """Σ w_i v_i / divisor."""
    used = [(w, v) for w, v in zip(weights, vectors) if w]
    dimension = len(vectors[0])
    return rounded([sum((w * Fraction(v[j]) for w, v in used), Fraction(0)) / divisor for j in range(dimension)])


def aggregate(rule, outcome, clients, recovered, vectors, sum=None, full=None, recovery=None, coefficients=None):
    check_range(clients, 1, MOST_CLIENTS, "M")
    given = [vector for vector in [*vectors, sum] if vector is not None]
    if any(not vector for vector in given):
        raise invalid("a vector of dimension 0")
    if outcome == "full" and sum is None:
        raise invalid("full recovery without the sum")
    defects = size_defects(len({len(vector) for vector in given}), min(1, len(given)), "dimensions")
    if outcome == "partial":
        defects += partial_defects(rule, clients, recovered, vectors, full, recovery, coefficients)
    defects += [defect for vector in given for defect in finite_defects(vector, "a vector")][:1]
    defects += [("indexOutOfRange", "a client that does not exist")] if not set(recovered) <= set(range(clients)) else []
    refuse_first(defects)
    if len(set(recovered)) < len(recovered):
        raise Refused("duplicateWorker", "a client is recovered twice")
    if outcome == "none":
        return {"update": None}
    if outcome == "full":
        return {"update": weighted([Fraction(1)], [sum], clients)}
    if rule == "leastSquares":
        return {"update": weighted(coefficients, vectors, clients)}
    members = sorted(recovered)
    chosen = [vectors[k] for k in members]
    if rule == "mean":
        return {"update": weighted([Fraction(1)] * len(members), chosen, len(members))}
    weights = [Fraction(0) if full == 1 else (1 - full) / recovery[k] for k in members]
    return {"update": weighted(weights, chosen, clients)}


def partial_defects(rule, clients, recovered, vectors, full, recovery, coefficients):
    """What partial recovery asks for; parameters are refused at once."""
    if not recovered:
        raise invalid("partial recovery of nobody")
    if rule == "leastSquares":
        if coefficients is None or not vectors or None in vectors:
            raise invalid("leastSquares needs coefficients and rows")
        return size_defects(len(coefficients), len(vectors), "coefficients")
    if any(0 <= k < len(vectors) and vectors[k] is None for k in recovered):
        raise invalid("the gradient of a recovered client is missing")
    defects = size_defects(len(vectors), clients, "vectors")
    if rule == "inverseProbability":
        if full is None or recovery is None:
            raise invalid("inverseProbability needs full and recovery")
        defects += probability_defects(recovery, clients) + probability_defects([full], 1)
        if full != 1 and 0 in recovery:
            defects.append(("invalidProbability", "a client that is never recovered"))
    return defects


class CooperativeRounds(Rounds):
    """Partial sums at the clients, decisions and update at the server."""

    def __init__(self, code, stragglers, decoder, partial, attempts, dimension, probabilities=None):
        super().__init__(code, stragglers, decoder, partial, attempts, dimension, probabilities)
        if dimension < 1:
            raise invalid(f"the dimension is {dimension}, expected at least 1")
        if partial == "inverseProbability" and probabilities is None:
            raise invalid("inverseProbability needs the outage probabilities")
        self.scheme = Scheme(code, stragglers, attempts)
        self.decoder, self.partial, self.dimension = decoder, partial, dimension
        self.probabilities = probabilities
        if probabilities is not None:
            refuse_first(outage_defects(probabilities["uplinks"], probabilities["links"], self.scheme.clients))
        self.inverse = None
        if partial == "inverseProbability":
            self.inverse = inverse_weights(self.scheme, decoder, probabilities["uplinks"], probabilities["links"])

    def round(self, gradients, links=None, uplinks=None, seed=None, t=None):
        defects = size_defects(len(gradients), self.scheme.clients, "gradients")
        defects += length_defects(gradients, self.dimension, "gradients")
        given, drawn = (links is not None, uplinks is not None), (seed is not None, t is not None)
        if (given, drawn) == ((True, True), (False, False)):
            try:
                self.scheme.check_outages(links, uplinks)
            except Refused as refused:
                if refused.kind == "invalidParameters":
                    raise
                defects.append((refused.kind, refused.reason))
            refuse_first(defects)
        elif (given, drawn) == ((False, False), (True, True)) and self.probabilities is not None:
            check_index(t, "t")
            refuse_first(defects)
            links, uplinks = self.draw(seed, t)
        else:
            raise invalid("expected either links and uplinks, or seed and t with probabilities")
        rows = self.scheme.rows(links, uplinks)
        spoilt = [any(not is_finite(gradients[k]) for k in up) for _, _, up in rows]
        kept = [row for row, bad in zip(rows, spoilt) if not bad]
        decoding = Decoding(self.scheme, kept, self.decoder)
        self.count += 1
        return {
            "outcome": decoding.outcome,
            "recovered": decoding.recovered,
            "update": self.update(decoding, gradients),
            "excluded": sorted({row[1] for row, bad in zip(rows, spoilt) if bad}),
        }

    def update(self, decoding, gradients):
        clients = self.scheme.clients
        if decoding.outcome == "none":
            return None
        if decoding.outcome == "full":
            weights = [Fraction(1)] * clients
        elif self.partial == "mean":
            share = Fraction(clients, len(decoding.recovered))
            weights = [share if k in decoding.recovered else Fraction(0) for k in range(clients)]
        elif self.partial == "inverseProbability":
            weights = [w if k in decoding.recovered else Fraction(0) for k, w in enumerate(self.inverse)]
        else:
            weights = projection(decoding.matrix, clients)
        return weighted(weights, gradients, clients) if any(weights) else rounded([Fraction(0)] * self.dimension)

    def draw(self, seed, t):
        """Links and uplinks of iteration t: streams 7 and 6."""
        clients, attempts = self.scheme.clients, self.scheme.attempts
        up, between = self.probabilities["uplinks"], self.probabilities["links"]
        uplinks = [
            [int(not straggles(draws(seed, 6, t, m, attempt, 1)[0], up[m])) for m in range(clients)]
            for attempt in range(attempts)
        ]
        links = [
            [
                [
                    int(not straggles(word, between[m][k]))
                    for k, word in enumerate(draws(seed, 7, t, m, clients * attempt, clients))
                ]
                for m in range(clients)
            ]
            for attempt in range(attempts)
        ]
        return links, uplinks


def inverse_weights(scheme, decoder, uplinks, links):
    """(1 − P_full)/ρ_k under the law of the session."""
    full, partial = outcome_law(scheme, decoder, uplinks, links)
    if full == 1:
        return [Fraction(0)] * scheme.clients
    recovery = [sum((p for known, p in partial.items() if k in known), Fraction(0)) for k in range(scheme.clients)]
    if 0 in recovery:
        raise Refused("invalidProbability", "a client is never recovered, and full recovery is not certain")
    return [(1 - full) / rho for rho in recovery]


def law(code, stragglers, decoder, uplink, link, attempts):
    scheme = Scheme(code, stragglers, attempts)
    refuse_first(probability_defects([uplink, link], 2))
    if attempts > 8:
        check_size(1 << 20)
    clients = scheme.clients
    full, partial = outcome_law(scheme, decoder, [uplink] * clients, [[link] * clients] * clients)
    some = sum(partial.values(), Fraction(0))
    return {
        "full": full,
        "partial": some,
        "none": 1 - full - some,
        "recovery": [
            sum((p for known, p in partial.items() if k in known), Fraction(0)) for k in range(clients)
        ],
    }
