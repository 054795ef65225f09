"""Two-by-two tables: Fisher's exact test, the odds ratio with its interval, and Benjamini and Hochberg's q.

             failed   went well
with           a          b
without        c          d
"""

from collections.abc import Sequence
from math import exp, lgamma, log, sqrt

Z_95 = 1.959963984540054
"""Standard normal quantile of a two-sided interval of 95 %."""
HALDANE = 0.5
"""Added to each cell, so that an empty one gives a ratio too (Haldane 1940, Anscombe 1956)."""


def fisher_greater(a: int, b: int, c: int, d: int) -> float:
    """Chance of at least `a` failures with, were the two rows alike (one-sided Fisher exact, by log-gamma).

    >>> round(fisher_greater(3, 1, 1, 3), 4)
    0.2429
    """
    row, column, total = a + b, a + c, a + b + c + d
    most = min(row, column)
    base = _log_choose(total, column)
    terms = [_log_choose(row, k) + _log_choose(total - row, column - k) - base for k in range(a, most + 1)]
    return min(1.0, sum(exp(term) for term in terms))


def odds_ratio(a: int, b: int, c: int, d: int) -> tuple[float, float, float]:
    """Odds ratio and its 95 % interval (Woolf's, with Haldane's correction)."""
    w, x, y, z = a + HALDANE, b + HALDANE, c + HALDANE, d + HALDANE
    ratio = (w * z) / (x * y)
    spread = Z_95 * sqrt(1 / w + 1 / x + 1 / y + 1 / z)
    return ratio, ratio * exp(-spread), ratio * exp(spread)


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """The q of each p: the false discovery rate at which it would be called a finding (Benjamini and Hochberg 1995).

    >>> [round(q, 3) for q in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    order = sorted(range(len(ps)), key=lambda place: ps[place], reverse=True)
    qs = [1.0] * len(ps)
    lowest = 1.0
    for rank, place in zip(range(len(ps), 0, -1), order, strict=True):
        lowest = min(lowest, ps[place] * len(ps) / rank)
        qs[place] = lowest
    return qs


def _log_choose(n: int, k: int) -> float:
    if k < 0 or k > n:
        return -float("inf")
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def log_odds_step(failing: float, usual: float) -> tuple[float, float]:
    """What one failure and one success add to a CUSUM that tells a failing rate from the usual one (Page 1954)."""
    return log(failing / usual), log((1 - failing) / (1 - usual))
