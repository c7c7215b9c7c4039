"""The quantities of `theory.value` for gradient_codes.py: docs/protocol.md#theory. Each takes the question's fields."""

from fractions import Fraction
from math import comb, inf, prod

from checks import (
    certainty_defects,
    check_range,
    check_stragglers,
    density_defects,
    divisor_defects,
    needed,
    probability_defects,
    refuse_first,
    size_defects,
)

LARGEST = 65536  # workers, or partitions of a code


def size_and_stragglers(given):
    n, s = needed(given, "workers", "stragglers")
    check_stragglers(n, s)
    check_range(n, 1, LARGEST, "workers")
    return n, s


def straggling(given):
    """The probabilities, one a worker."""
    n, p = needed(given, "workers", "probabilities")
    check_range(n, 1, LARGEST, "workers")
    refuse_first(probability_defects(p, n))
    return p


def groups_recover(silent, groups):
    """P(a worker of each group responds), from the probabilities that a worker is silent."""
    return prod(1 - prod(silent[i] for i in group) for group in groups)


def fractional_repetition_recovery(given):
    """Π_q (1 − Π_{i in group q} p_i) over the groups that hold a partition; strict without k, else balanced."""
    n, s = size_and_stragglers(given)
    k = n if given["partitions"] is None else given["partitions"]
    check_range(k, 1, LARGEST, "partitions")
    p = straggling(given)
    if given["partitions"] is None:
        refuse_first(divisor_defects(n, s))
    groups = n // (s + 1)
    return groups_recover(p, [range(group, n, groups) for group in {j * groups // k for j in range(k)}])


def crc_ones_recovery(given):
    """1 − Π_c (1 − Π_{i ≡ c mod s + 1} (1 − p_i))."""
    n, s = size_and_stragglers(given)
    p = straggling(given)
    refuse_first(divisor_defects(n, s))
    return 1 - groups_recover([1 - x for x in p], [range(c, n, s + 1) for c in range(s + 1)])


def threshold_recovery(given):
    """P(at most s workers straggle)."""
    _, s = size_and_stragglers(given)
    law = [Fraction(1)]  # of the number of stragglers
    for p in straggling(given):
        law = [(1 - p) * stay + p * up for stay, up in zip(law + [0], [0] + law)]
    return sum(law[: s + 1])


def crc_z_largest_entry(given):
    """C(n − 1, s)."""
    n, s = size_and_stragglers(given)
    return comb(n - 1, s)


def crc_z_worst_amplification(given):
    """2 C(n − 2, ⌊n/2⌋ − 1) ± 1; for one straggler only."""
    n, s = size_and_stragglers(given)
    check_range(s, 1, 1, "stragglers")
    return 2 * comb(n - 2, (n - 2) // 2) + (-1 if n % 4 == 2 else 1)


def forward_error_factor_bound(given):
    """((1 + 2⁻²⁴)^t − 1) κ."""
    kappa, roundings = needed(given, "kappa", "roundings")
    check_range(roundings, 0, 4096, "roundings")
    check_range(kappa, 0, inf, "kappa")
    return ((1 + Fraction(1, 1 << 24)) ** roundings - 1) * kappa


def one_step_residual(given):
    """k(1 − δ)/(rδ), and k for r = 0."""
    k, density, r = needed(given, "partitions", "density", "responders")
    check_range(k, 1, inf, "partitions")
    check_range(r, 0, inf, "responders")
    refuse_first(density_defects(density))
    return k * (1 - density) / (r * density) if r else k


def stochastic_residual(given):
    """Σ_j p/((1 − p) d_j), where all workers have the same p."""
    replications, p = needed(given, "replications", "probabilities")
    check_range(len(replications), 1, inf, "the number of replications")
    for d in replications:
        check_range(d, 1, inf, "a replication")
    refuse_first(probability_defects(p, 1))
    return odds(p) * sum(Fraction(1, d) for d in replications)


def ignoring_stragglers_residual(given):
    """Σ_i p_i."""
    return sum(straggling(given))


def unbiased_weights_residual(given):
    """Σ_i p_i/(1 − p_i)."""
    return odds(straggling(given))


def odds(probabilities):
    """Σ_i p_i/(1 − p_i)."""
    refuse_first(certainty_defects(probabilities))
    return sum(p / (1 - p) for p in probabilities)


def fixed_responders_residual(given):
    """(n − d)(n − r)/(rd(n − 1))."""
    n, replications, r = needed(given, "workers", "replications", "responders")
    check_range(n, 2, inf, "workers")
    check_range(r, 1, n, "responders")
    for d in replications:
        check_range(d, 1, n, "a replication")
    refuse_first(size_defects(len(replications), 1, "replications"))
    return Fraction((n - replications[0]) * (n - r), r * replications[0] * (n - 1))


CLOSED_FORMS = {
    "fractionalRepetitionRecovery": fractional_repetition_recovery,
    "thresholdRecovery": threshold_recovery,
    "crcZLargestEntry": crc_z_largest_entry,
    "crcZWorstAmplification": crc_z_worst_amplification,
    "forwardErrorFactorBound": forward_error_factor_bound,
    "crcOnesRecovery": crc_ones_recovery,
    "oneStepResidual": one_step_residual,
    "stochasticResidual": stochastic_residual,
    "ignoringStragglersResidual": ignoring_stragglers_residual,
    "unbiasedWeightsResidual": unbiased_weights_residual,
    "fixedRespondersResidual": fixed_responders_residual,
}
