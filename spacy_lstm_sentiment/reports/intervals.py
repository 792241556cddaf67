"""How far chance alone may have moved a share or a difference of shares."""

from math import erfc, sqrt

Z = 1.959963984540054  # of the normal distribution, 95% lie within it


def wilson_interval(n_right: float, n: float) -> tuple[float, float]:
    """The 95% interval of a share (Wilson, 1927)."""
    share, weight = n_right / n, Z * Z / n
    middle = (share + weight / 2) / (1 + weight)
    margin = Z / (1 + weight) * sqrt(share * (1 - share) / n + weight / (4 * n))
    # The ends of a share of 0 or 1 are that, but for rounding.
    return (
        0.0 if n_right <= 0 else max(0.0, middle - margin),
        1.0 if n_right >= n else min(1.0, middle + margin),
    )


def two_proportions(n_first: int, first: int, n_second: int, second: int) -> float:
    """The z of the difference of two shares, n_first of first and n_second of second; 0 where all
    are of one kind."""
    pooled = (n_first + n_second) / (first + second)
    variance = pooled * (1 - pooled) * (1 / first + 1 / second)
    return (n_first / first - n_second / second) / sqrt(variance) if variance > 0 else 0.0


def two_sided(z: float) -> float:
    """How probable a z so far from 0 is, by chance."""
    return erfc(abs(z) / sqrt(2))


def holm(p_values: list[float]) -> list[float]:
    """P-values corrected for their number (Holm, 1979), in the order given."""
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected
