"""Exact numbers rounded once to binary32: docs/numerics.md#binary32-rounding."""

import struct
from fractions import Fraction
from math import inf, isfinite, lcm, ldexp

import mutants
from checks import Refused


def binary32(value):
    """The binary32 number nearest to a Fraction, ties to even, as IEEE 754 rounds; found with integers alone."""
    if mutants.chosen == "double-rounding":
        return rounded_twice(value)
    if value == 0:
        return 0.0
    sign = 1 if value > 0 else -1
    numerator, denominator = abs(value.numerator), value.denominator
    exponent = numerator.bit_length() - denominator.bit_length()
    if numerator << max(0, -exponent) < denominator << max(0, exponent):
        exponent -= 1  # now 2^exponent <= |value| < 2^(exponent + 1)
    if exponent > 127:
        return sign * inf
    unit = max(exponent, -126) - 23  # the last place, which no longer shrinks below the normal numbers
    units, rest = divmod(numerator << max(0, -unit), denominator << max(0, unit))
    if (2 * rest, units % 2) > (denominator << max(0, unit), 0):  # above the middle, or on it and odd
        units += 1
    return sign * (ldexp(units, unit) if units << max(0, unit) < 1 << 128 else inf)


def rounded_twice(value):
    try:
        return struct.unpack(">f", struct.pack(">f", float(value)))[0]
    except OverflowError:
        return inf if value > 0 else -inf


def rounded_combination(coefficients, vectors):
    """Σ_i c_i v_i of finite vectors, each coordinate computed exactly and rounded once, to an infinity if need be.

    Every binary32 number is a multiple of 2^-149, so the sums are integers over one denominator.
    """
    coefficients = [Fraction(c) for c in coefficients]
    denominator = lcm(*(c.denominator for c in coefficients))
    weights = [c.numerator * (denominator // c.denominator) for c in coefficients]
    multiples = [[int(x * 2.0**149) for x in vector] for vector in vectors]
    totals = [sum(map(int.__mul__, weights, column)) for column in zip(*multiples)]
    rounded = {total: binary32(Fraction(total, denominator << 149)) for total in set(totals)}
    return [rounded[total] for total in totals]


def combination(coefficients, vectors):
    """The same, refused where it is beyond binary32."""
    result = rounded_combination(coefficients, vectors)
    if not is_finite(result):
        raise Refused("outOfRange", "a coordinate of the combination is beyond binary32")
    return result


def check_coefficients(coefficients):
    """Float software could not use a coefficient whose binary32 image is infinite, or zero without being zero."""
    for c in coefficients:
        if not isfinite(binary32(c)) or (binary32(c) == 0) != (c == 0):
            raise Refused("outOfRange", "a coefficient is beyond binary32")


def is_finite(vector):
    return all(isfinite(x) for x in vector)
