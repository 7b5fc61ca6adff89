"""Funds that hold their volatility steady sell stocks when the index moves more, either way.

A fund with a target of 10 % a year and a cap of one and a half times its capital holds

    e = min(1.5, 10 % / max(RV21, RV63))          [x of capital]

where RV is the index's realised volatility over 21 and 63 sessions: the root of 252 times the
mean squared log return, about zero. Taking the larger of the two makes it quick to sell and
slow to return. Its trade is the change of its exposure:

    trade = 250 bn USD * (e_t - e_{t-1})          [USD, above zero = buying]

with 150 to 350 bn USD of assets as the range. A large rise and a large fall of one size make
the same sale: the flow is even in the return.

**Whose day is it?** The flow of session t is the change that session t's own return calls for,
so it is known that evening and answers "what does today set in motion?". Funds carry it out
late that day and over the one or two sessions after; a part of today's dollars is traded
tomorrow, and the sale of the day before may still be under way (see the previous value of the
evidence). No band is applied within which a fund leaves its exposure alone.

**Tomorrow.** The scenario rows give the trade that the next session would call for if the index
stood still or moved by 1 % or 2 % (log return, either way) while the oldest return of each
window drops out.

**Missing data.** A volatility needs 85 % of its window's returns. A session without its own
return has no exposure, and a change needs the exposure of both sessions: else it is missing.

Pitfalls
--------
Real funds differ in target (5 to 15 %), estimator, cap and lag; this is a replica with public
parameters, and the assets are inferred: the model's changes of 24 and 25 February 2020 against a
bank's estimates of 30 to 40 and of 20 bn USD imply roughly 160 to 270 bn USD. A day that drops
out of a window moves the exposure as much as a day that enters it.

References
----------
Moreira, A. and Muir, T. (2017). Volatility-Managed Portfolios. Journal of Finance 72(4).
Harvey, C., Hoyle, E., Korgaonkar, R., Rattray, S., Sargaison, M. and Van Hemert, O. (2018). The
Impact of Volatility Targeting. Journal of Portfolio Management 45(1).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.market import Market
from analysis.reading import INDEX_VOLUME, Driver, Fact, Grade, Input, Kind
from analysis.realised import annual_volatility, log_closes, mean_square
from analysis.scoring import robust_z

TARGET_VOLATILITY = 0.10
"""The funds' promise [fraction a year]; targets of public funds run from 5 to 15 %."""

EXPOSURE_CAP = 1.5
"""The most a fund holds [x of capital]."""

QUICK, SLOW = 21, 63
"""Windows of the two volatilities [sessions]: one month and three."""

ASSETS_USD = (150e9, 250e9, 350e9)
"""Money run this way: low, mid, high [USD]; calibrated on press figures of February 2020."""

SCENARIOS = {"flat": 0.0, "1pct": 0.01, "2pct": 0.02}
"""Moves of the next session [log return], by the name in their evidence key."""


def exposure_of(volatility: pd.Series) -> pd.Series:
    """Return what a fund holds at a volatility [x of capital].

    Parameters
    ----------
    volatility
        The larger realised volatility [fraction a year]; zero means the cap.

    Returns
    -------
    The same shape, in [0, 1.5]; missing stays missing.
    """
    floor = TARGET_VOLATILITY / EXPOSURE_CAP
    return TARGET_VOLATILITY / volatility.clip(lower=floor)


def next_volatility(log_return: pd.Series, sessions: int, move: float) -> pd.Series:
    """Return the volatility after one more session that moves by ``move`` [fraction a year].

    The oldest return of the window drops out, the move enters it.
    """
    kept = mean_square(log_return, sessions - 1)
    mean = (kept * (sessions - 1) + move**2) / sessions
    return pd.Series(np.sqrt(252.0 * mean.to_numpy(float)), log_return.index)


def scenario_trades_usd(log_return: pd.Series, exposure: pd.Series) -> pd.DataFrame:
    """Return what each scenario for the next session would call for.

    Returns
    -------
    shape (n_sessions, n_scenarios)
        Columns ``scenario_<name>_usd``, to buy (above zero) or to sell [USD].
    """
    trades = {}
    for name, move in SCENARIOS.items():
        quick, slow = (next_volatility(log_return, window, move) for window in (QUICK, SLOW))
        change = exposure_of(_larger(quick, slow)) - exposure
        trades[f"scenario_{name}_usd"] = ASSETS_USD[1] * change
    return pd.DataFrame(trades, index=log_return.index)


def measure(market: Market) -> pd.DataFrame:
    """Say, session by session, what the day's volatility makes these funds trade."""
    log_return = log_closes(market).diff()
    quick, slow = (annual_volatility(log_return, window) for window in (QUICK, SLOW))
    exposure = exposure_of(_larger(quick, slow)).where(log_return.notna())
    change = exposure.diff()
    low, mid, high = (change * assets_usd for assets_usd in ASSETS_USD)
    adv_usd = market.adv_usd()
    known = log_return.notna().rolling(SLOW, min_periods=1).mean()
    return pd.DataFrame(
        {
            "flow_low_usd": np.minimum(low, high),
            "flow_mid_usd": mid,
            "flow_high_usd": np.maximum(low, high),
            "share_of_adv": mid / adv_usd,
            "z": robust_z(mid),
            "exposure": exposure,
            "exposure_prior": exposure.shift(1),
            "exposure_change": change,
            "realised_vol_21d": quick,
            "realised_vol_63d": slow,
            **scenario_trades_usd(log_return, exposure),
            "has_index": known.where(change.notna(), 0.0),
            "has_volume": adv_usd.notna().astype(float),
            "age_volume": market.volume_age_days,
        }
    )


def _larger(quick: pd.Series, slow: pd.Series) -> pd.Series:
    return pd.Series(np.maximum(quick.to_numpy(float), slow.to_numpy(float)), quick.index)


def _fact(key: str, label: str, unit: str) -> Fact:
    return Fact(key=key, label=label, unit=unit, source="closes of the index")


vol_control = Driver(
    slug="vol_control",
    title="Volatility-control funds",
    kind=Kind.MECHANICAL,
    grade=Grade.B,
    measure=measure,
    inputs=(
        Input(key="index", weight=0.85, missing="three months of index closes"),
        INDEX_VOLUME,
    ),
    facts=(
        _fact("exposure", "Stocks held after today, as a multiple of capital", "x"),
        _fact("exposure_prior", "Stocks held before today, as a multiple of capital", "x"),
        _fact("exposure_change", "Change that today calls for", "x"),
        _fact("realised_vol_21d", "Realised volatility over 21 sessions", "fraction a year"),
        _fact("realised_vol_63d", "Realised volatility over 63 sessions", "fraction a year"),
        _fact("scenario_flat_usd", "Called for tomorrow if the index stands still", "USD"),
        _fact("scenario_1pct_usd", "Called for tomorrow by a move of 1 % either way", "USD"),
        _fact("scenario_2pct_usd", "Called for tomorrow by a move of 2 % either way", "USD"),
    ),
    caveat=(
        "A replica with public parameters: real funds differ in target and method, and trade "
        "today's change over the next one to three sessions."
    ),
)
