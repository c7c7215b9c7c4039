"""The random words of docs/numerics.md#randomness."""

import mutants
from checks import Refused, TooMuchWork, check_index, invalid, probability_defects, refuse_first


def philox(counter, key):
    """One block of Philox4x32-10: four words from a counter of four words and a key of two."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        product0, product1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (
            (product1 >> 32) ^ c1 ^ k0,
            product1 & 0xFFFFFFFF,
            (product0 >> 32) ^ c3 ^ k1,
            product0 & 0xFFFFFFFF,
        )
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return [c0, c1, c2, c3]


def draws(seed, stream, t, i, first, count):
    """The words j = first, first + 1, …: lane j mod 4 of the block with counter (j div 4, i, t, stream)."""
    key = (seed & 0xFFFFFFFF, seed >> 32)
    words, blocks = [], {}
    for offset in range(count):
        j = first + offset
        block = first // 4 + offset // 4 if mutants.chosen == "carry" else j // 4
        if block not in blocks:
            blocks = {block: philox((block, i, t, stream), key)}
        words.append(blocks[block][j % 4])
    return words


def straggles(word, probability):
    """A worker straggles if and only if word / 2^32 < p."""
    return word * probability.denominator < probability.numerator << 32


def smallest(count, words):
    """The indices of the smallest words, equal words in the order of their indices."""
    return [index for _, index in sorted((word, index) for index, word in enumerate(words))[:count]]


def respond(seed, t, probabilities):
    """Who responds in iteration t when worker i straggles with probability p_i: stream 0, one word a worker."""
    return [i for i, p in enumerate(probabilities) if not straggles(draws(seed, 0, t, i, 0, 1)[0], p)]


def block(counter, key):
    if len(counter) != 4 or len(key) != 2:
        raise Refused("dimensionMismatch", f"expected 4 and 2 words, found {len(counter)} and {len(key)}")
    return {"words": philox(counter, key)}


def words(seed, stream, t, i, first, count):
    for value, name in ((stream, "stream"), (t, "t"), (i, "i")):
        check_index(value, name)
    if first < 0 or count < 0 or first + count > 1 << 34:
        raise invalid(f"draws {first} and {count} more are not below 2^34")
    if count > 1 << 20:
        raise TooMuchWork("more than 2^20 words")
    return {"words": draws(seed, stream, t, i, first, count)}


def stragglers_draw(seed, t, probabilities=None, stragglers=None, workers=None):
    check_index(t, "t")
    independent = probabilities is not None and stragglers is None and workers is None
    exactly = probabilities is None and stragglers is not None and workers is not None
    if not independent and not exactly:
        raise invalid("expected either probabilities, or stragglers and workers")
    n = len(probabilities) if independent else workers
    if not 1 <= n <= 65536 or (exactly and not 0 <= stragglers <= n):
        raise invalid(f"{n} workers, {stragglers} stragglers")
    if independent:
        refuse_first(probability_defects(probabilities, n))
        return {"responders": respond(seed, t, probabilities)}
    silent = set(smallest(stragglers, [draws(seed, 0, t, i, 0, 1)[0] for i in range(n)]))
    return {"responders": [i for i in range(n) if i not in silent]}
