"""Which wording of a sentence a session takes: a walk that comes back late.

A sentence with ``N`` wordings takes the wording ``turn * step mod N``. The step shares no
factor with ``N``, so no wording returns before all others were said, and it lies near the
golden section of ``N``, so that neighbouring sessions differ in most of their clauses.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import gcd, prod
from zlib import crc32

GOLDEN = 0.6180339887498949


@cache
def stride(wordings: int) -> int:
    """Return the step of the walk over that many wordings.

    >>> stride(1), stride(12), stride(36)
    (1, 7, 23)
    """
    wanted = max(1, round(GOLDEN * wordings))
    around = (wanted + sign * far for far in range(wordings) for sign in (1, -1))
    return next(step for step in around if step > 0 and gcd(step, wordings) == 1)


def wording(name: str, turn: int, shape: Sequence[Sequence[int]]) -> tuple[int, tuple[int, ...]]:
    """Return which way of a sentence a turn takes, and which clause of each choice in it.

    Parameters
    ----------
    name
        The sentence's id, so that sentences do not walk in step with each other.
    turn
        Place of the session in time [weekdays].
    shape
        For each way, how many clauses each of its choices offers.
    """
    counts = [prod(choices) for choices in shape]
    total = sum(counts)
    place = (turn * stride(total) + crc32(name.encode())) % total
    way = 0
    while place >= counts[way]:
        place -= counts[way]
        way += 1
    taken = []
    for clauses in shape[way]:
        place, clause = divmod(place, clauses)
        taken.append(clause)
    return way, tuple(taken)
