"""Small markets for the gamma tests: an index, the VIX and a published gamma index."""

import numpy as np
import pandas as pd

from analysis.market import Market


def days(count: int, first: str = "2018-01-01") -> pd.DatetimeIndex:
    """Return weekdays that stand in for sessions."""
    return pd.bdate_range(first, periods=count).as_unit("us")


def flat_market(count: int = 40, first: str = "2021-01-04") -> Market:
    """Return an index that stands still at 4,000 with both VIX terms at 20."""
    sessions = days(count, first)
    close = pd.DataFrame({"^GSPC": 4000.0, "^VIX": 20.0, "^VIX3M": 20.0}, index=sessions)
    return Market(sessions=sessions, close=close)


def restless_market(count: int = 700, first: str = "2018-01-01", seed: int = 7) -> Market:
    """Return a seeded index with a VIX that answers to it, and no published gamma."""
    chance = np.random.default_rng(seed)
    sessions = days(count, first)
    day = 0.01 * chance.standard_normal(count)
    log_vix = np.log(18.0) - 4.0 * day + 0.1 * chance.standard_normal(count)
    close = pd.DataFrame(
        {
            "^GSPC": 4000.0 * np.exp(np.cumsum(day)),
            "^VIX": np.exp(log_vix),
            "^VIX3M": np.exp(0.6 * log_vix + 0.4 * np.log(20.0)),
        },
        index=sessions,
    )
    return Market(sessions=sessions, close=close)


def published(sessions: pd.DatetimeIndex, gex_bn: np.ndarray) -> pd.DataFrame:
    """Return published rows, each known the session after."""
    rows = pd.DataFrame({"date": sessions, "dix": 0.45, "gex": 1e9 * gex_bn})
    rows["known"] = rows["date"].shift(-1)
    return rows.dropna(subset=["known"])[["date", "known", "dix", "gex"]]


def chain_row(
    session: pd.Timestamp,
    symbol: str = "SPX",
    *,
    naive: float,
    short_calls: float,
    all_short: float,
) -> dict[str, object]:
    """Return one chain's summary with the same gamma at the open and the close [USD per 1 %]."""
    gamma = {"naive": naive, "short_calls": short_calls, "all_short": all_short}
    return {
        "date": session,
        "known": session,
        "symbol": symbol,
        **{f"{name}_usd_per_pct": value for name, value in gamma.items()},
        **{f"{name}_open_usd_per_pct": value for name, value in gamma.items()},
        "expiring_le_1d": 0.2,
        "expiring_le_5d": 0.5,
        "spot": 4000.0,
    }
