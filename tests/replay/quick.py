"""Manners for tests: the same rules as in earnest, and no time to lose."""

from __future__ import annotations

from analysis.sources.gate import Gate, Manners

QUICK = Manners(
    connect_seconds=0.5,
    read_seconds=0.4,
    answer_seconds=1.0,
    wait_seconds=0.001,
    longest_wait_seconds=0.05,
)
"""As many tries as in earnest, and hardly a pause."""


def quick_gate() -> Gate:
    """Return a gate with such manners."""
    return Gate(QUICK)
