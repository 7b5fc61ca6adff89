"""The validation ladder, in order: published or measured figures that the desk must hit.

Each step works its figure out from the market folder and says what was expected and where
the expectation comes from. `python -m benchmarks.validation` prints them.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import ladder_drivers, ladder_statistics
from benchmarks.ladder_bench import Bench, Step

LADDER: tuple[Callable[[Bench], Step], ...] = (
    ladder_drivers.v0_identities,
    ladder_statistics.v1_dark_pools,
    ladder_statistics.v2_gamma_against_published,
    ladder_statistics.v3_gamma_and_next_move,
    ladder_drivers.v4_leveraged_buckets,
    ladder_drivers.v5_leveraged_per_cent,
    ladder_statistics.v6_volume_and_reversal,
    ladder_drivers.v7_spot_and_volatility,
    ladder_drivers.v8_volatility_control,
    ladder_drivers.v9_trend_followers,
    ladder_statistics.v10_not_ours,
    ladder_statistics.v11_gate,
    ladder_drivers.v12_august_2024,
    ladder_drivers.v13_labelled_days,
)
