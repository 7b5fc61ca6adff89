"""Hedges coming off: the VIX fell more than the day's index move explains.

When investors sell or close the puts they hold as insurance, dealers buy back the index
they had sold against them. That buying leaves a trace in the price of insurance: the VIX
falls further than it usually does on such a day. The other way round, a VIX that rises
more than a fall explains says that hedges were bought, which is selling.

On the 252 sessions before each day, by least squares,

    change in ln VIX = a + b * r + c * min(|r|, 3 s)^2

with r the index's return and s its root mean square over those sessions. The straight term
carries the leverage effect (b about -6.7), the square its bend. The square stops growing at
three s: left free it over-predicts every crash, and clipping r itself makes every crash
look like panic. The reading is what is left over,

    z = -(change in ln VIX - expected) / (1.4826 * MAD)

with MAD the median absolute deviation of those sessions' residuals: above zero hedges came
off, which is buying the index. The VIX scatters more widely on larger moves, so the verdict
and the surprise rank z among moves of the same size.

Units: returns and VIX changes are fractions, z is in robust standard deviations.

Dollars: shares of inverse index funds redeemed, -(change in shares) * price * |L|. When such
a fund shrinks, its counterparties buy back the index they had sold. The sum is given for a
session only when the counts of that session and of the one before are known that evening,
for at least half of the inverse funds. Counts mostly come a day late, and then there are no
dollars and the residual speaks alone. Money leaving volatility funds closes VIX futures, not
the index: it is shown as evidence and never added.

Missing data: without the VIX, or with fewer than 252 earlier sessions on which both the
return and the VIX are known, there is no reading. All else is supporting evidence and only
costs coverage.

Pitfalls: the VIX is made of quotes, not trades, and before the open on 2024-08-05 wide
quotes took it to 66: only closes are used here. The VIX also falls when a scheduled
event passes, such as an election, a payroll or a rate decision, without any hedge being
sold. Famous short-covering days need not be days of unwinding: on 2025-04-09 the VIX fell
less than the index explained.

References
----------
Whaley, R. (2009). Understanding the VIX. Journal of Portfolio Management 35(3).
Avalos, F. et al. (2024). Anatomy of the VIX spike in August 2024. BIS Bulletin 95.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.fund_changes import newest_total, redemptions_usd
from analysis.market import VIX, Market
from analysis.reading import Driver, Fact, Grade, Input, Kind
from analysis.statistics import MAD_TO_SIGMA

FIT_SESSIONS = 252
"""One year: long enough for three coefficients, short enough to follow the regime."""

CLIP = 3.0
"""Root mean squares of the return beyond which its square grows no further."""

INDEX_BUCKETS = ("SPX", "NDX", "RTY", "DJI")
"""Inverse funds on these underlyings hedge the broad market."""

VOLATILITY_FUNDS = ("UVIX", "UVXY", "VIXM", "VIXY", "VXX")
"""Funds that are long VIX futures: people hold them as a hedge."""

LEAST_VOLUME = 1e-9
"""Determinant of the moments of standardised moves under which they lie on one line."""

REDEEMED_RANGE = (0.9, 1.0, 1.1)
"""Low, mid, high: closing price stands in for net asset value, and a basket may be counted late."""

WEEK_SESSIONS = 5

JUMP = 0.25
"""Change in ln VIX past which quotes widen enough to say so: 59 of 5,430 sessions since 2005."""

EVENT_CAVEAT = (
    "The VIX also falls when a scheduled event passes and nobody sells a hedge; "
    "it is made of quotes, not trades."
)
JUMP_CAVEAT = " After a jump like today's, part of the change is wider or narrower quotes."

Figures = NDArray[np.float64]


def spot_vol_residual(day_return: pd.Series, log_vix_change: pd.Series) -> pd.DataFrame:
    """Compare each session's VIX change with what the index's move explains.

    Parameters
    ----------
    day_return : shape (n_sessions,)
        Index return [fraction].
    log_vix_change : shape (n_sessions,)
        Change in the logarithm of the VIX at the close.

    Returns
    -------
    shape (n_sessions, 5)
        ``expected`` and ``residual`` change in ln VIX, ``slope`` of the fit [x],
        ``residual_z`` [robust standard deviations], and ``reach``, the size of the largest
        return of the session's sign that the fit has seen [fraction]: beyond it the expected
        change is a line drawn further than its points. Missing until 252 earlier sessions
        have both figures; sessions without them are passed over, never filled.
    """
    known = day_return.notna() & log_vix_change.notna()
    columns = ["expected", "residual", "slope", "residual_z", "reach"]
    answer = pd.DataFrame(np.nan, index=day_return.index, columns=columns)
    if known.sum() <= FIT_SESSIONS:
        return answer
    rows = answer.index[known][FIT_SESSIONS:]
    answer.loc[rows] = _residuals(
        day_return[known].to_numpy(float), log_vix_change[known].to_numpy(float)
    )
    return answer


def _residuals(day_return: Figures, change: Figures) -> Figures:
    """Fit each window of 252 sessions and judge the session that follows it."""
    window = np.lib.stride_tricks.sliding_window_view(day_return, FIT_SESSIONS + 1)
    returns = np.ascontiguousarray(window)
    past_change = np.ascontiguousarray(
        np.lib.stride_tricks.sliding_window_view(change, FIT_SESSIONS + 1)[:, :-1]
    )
    usual = np.sqrt(np.mean(np.square(returns[:, :-1]), axis=1, keepdims=True))
    usual = np.where(usual > 0.0, usual, np.nan)
    moves = returns / usual
    clipped = np.minimum(np.abs(moves), CLIP)
    bend = np.square(clipped)
    fit = _least_squares(moves[:, :-1], bend[:, :-1], past_change)
    expected = fit[:, :1] + fit[:, 1:2] * moves + fit[:, 2:] * bend
    residual = change[FIT_SESSIONS:] - expected[:, -1]
    return np.column_stack(
        [
            expected[:, -1],
            residual,
            fit[:, 1] / usual[:, 0],
            residual / _robust_scale(past_change - expected[:, :-1]),
            _largest_alike(returns),
        ]
    )


def _largest_alike(returns: Figures) -> Figures:
    """Return the size of each window's largest past return of the last one's sign; 0 if none."""
    along = returns[:, :-1] * np.sign(returns[:, -1:])
    return np.asarray(np.max(along, axis=1, initial=0.0), dtype=np.float64)


def _robust_scale(past: Figures) -> Figures:
    """Return 1.4826 times the median absolute deviation of each row; missing where it is zero."""
    middle = np.median(past, axis=1, keepdims=True)
    scale = MAD_TO_SIGMA * np.median(np.abs(past - middle), axis=1)
    return np.where(scale > 0.0, scale, np.nan)


def _least_squares(moves: Figures, bend: Figures, change: Figures) -> Figures:
    """Return intercept, slope and bend of each window by its normal equations.

    A window without any spread of moves has no slope: its row is missing.
    """
    columns = (np.ones_like(moves), moves, bend)
    gram = np.empty((len(moves), 3, 3))
    right = np.empty((len(moves), 3, 1))
    for i, left in enumerate(columns):
        right[:, i, 0] = np.sum(left * change, axis=1)
        for j, other in enumerate(columns):
            gram[:, i, j] = np.sum(left * other, axis=1)
    known = np.isfinite(gram).all(axis=(1, 2))
    gram[~known] = 0.0
    sound = np.linalg.det(gram / moves.shape[1]) > LEAST_VOLUME
    gram[~sound] = np.eye(3)
    right[~sound] = np.nan
    return np.asarray(np.linalg.solve(gram, right)[:, :, 0], dtype=np.float64)


def measure(market: Market) -> pd.DataFrame:
    """Read, session by session, whether the VIX says that hedges came off."""
    vix = market.closes(VIX)
    change = np.log(vix.where(vix > 0.0)).diff()
    spot_vol = spot_vol_residual(market.day_return, change)
    put_call = market.known(market.put_call, ["total"])
    sheet = pd.DataFrame(
        {
            "z": -spot_vol["residual_z"],
            "vix_change": np.expm1(change),
            "expected_vix_change": np.expm1(spot_vol["expected"]),
            "vix_gap": np.expm1(spot_vol["residual"]),
            "spot_vol_slope": spot_vol["slope"],
            "fitted_reach_return": spot_vol["reach"],
            "vix_week_before": vix.shift(1) - vix.shift(1 + WEEK_SESSIONS),
            "vix_to_vix3m": vix / market.closes("^VIX3M"),
            "vix9d_to_vix": market.closes("^VIX9D") / vix,
            "vvix_change": market.returns("^VVIX"),
            "skew": market.closes("^SKEW"),
            "put_call": put_call["total"],
            "put_call_date": put_call["date"],
        },
        index=market.sessions,
    )
    sheet = pd.concat([sheet, _redemptions(market)], axis="columns", sort=False)
    sheet["share_of_adv"] = sheet["flow_mid_usd"] / market.adv_usd()
    sheet["caveat"] = np.where(change.abs() >= JUMP, EVENT_CAVEAT + JUMP_CAVEAT, EVENT_CAVEAT)
    return pd.concat([sheet, _knowledge(market, sheet)], axis="columns", sort=False)


def _redemptions(market: Market) -> pd.DataFrame:
    """Dollars of hedges that shareholders of inverse and volatility funds closed."""
    inverse = inverse_index_funds(market.leveraged_funds)
    rows = redemptions_usd(market, inverse.abs())
    hedges = newest_total(rows, "redeemed_usd", list(inverse.index), market.sessions)
    volatility = newest_total(
        redemptions_usd(market, pd.Series(1.0, index=list(VOLATILITY_FUNDS))),
        "redeemed_usd",
        VOLATILITY_FUNDS,
        market.sessions,
    )
    enough = hedges["funds"] >= max(1.0, len(inverse) / 2.0)
    today = enough & (hedges["as_of"] == pd.Series(market.sessions, index=market.sessions))
    flow = hedges["total"].where(today)
    low, mid, high = REDEEMED_RANGE
    return pd.DataFrame(
        {
            "flow_low_usd": np.minimum(low * flow, high * flow),
            "flow_mid_usd": mid * flow,
            "flow_high_usd": np.maximum(low * flow, high * flow),
            "inverse_redemptions_usd": hedges["total"],
            "inverse_redemptions_date": hedges["as_of"],
            "volatility_redemptions_usd": volatility["total"],
            "volatility_redemptions_date": volatility["as_of"],
            "has_fund_shares": hedges["funds"] / max(1, len(inverse)),
            "age_fund_shares": _age(hedges["as_of"]),
        }
    )


def inverse_index_funds(funds: pd.DataFrame) -> pd.Series:
    """Return the leverage of the inverse funds on broad indices, by ticker [x]."""
    if funds.empty:
        return pd.Series(dtype=float)
    broad = funds["bucket"].isin(INDEX_BUCKETS) & (funds["leverage"] < 0.0)
    return funds.loc[broad, "leverage"].sort_index().astype(float)


def _knowledge(market: Market, sheet: pd.DataFrame) -> pd.DataFrame:
    """Which inputs each session had, and how old they were."""
    return pd.DataFrame(
        {
            "has_vix": sheet["z"].notna().astype(float),
            "has_term_structure": (
                sheet["vix_to_vix3m"].notna() * 0.5 + sheet["vix9d_to_vix"].notna() * 0.5
            ),
            "has_option_mood": (sheet["vvix_change"].notna() * 0.5 + sheet["skew"].notna() * 0.5),
            "has_put_call": sheet["put_call"].notna().astype(float),
            "age_put_call": _age(sheet["put_call_date"]),
        },
        index=market.sessions,
    )


def _age(dates: pd.Series) -> pd.Series:
    """Calendar days from the date a figure speaks of to the session."""
    return (pd.Series(dates.index, index=dates.index) - dates).dt.days.astype(float)


hedge_unwinding = Driver(
    slug="hedge_unwinding",
    title="Hedge unwinding",
    kind=Kind.MECHANICAL,
    grade=Grade.B,
    measure=measure,
    inputs=(
        Input(
            key="vix",
            weight=0.65,
            missing="the VIX and the index over the past year",
        ),
        Input(
            key="term_structure",
            weight=0.1,
            missing="the nine-day and three-month VIX",
        ),
        Input(
            key="option_mood",
            weight=0.1,
            missing="the VIX of the VIX and the skew index",
        ),
        Input(
            key="put_call",
            weight=0.05,
            missing="the put/call ratio",
            half_life_days=5.0,
        ),
        Input(
            key="fund_shares",
            weight=0.1,
            missing="share counts of inverse funds, so no dollars",
            half_life_days=5.0,
        ),
    ),
    facts=(
        Fact(
            key="vix_change", label="Change of the VIX", unit="fraction", source="Cboe VIX, close"
        ),
        Fact(
            key="expected_vix_change",
            label="Change the index move explains",
            unit="fraction",
            source="fit on the 252 sessions before",
        ),
        Fact(
            key="vix_gap",
            label="VIX against what the index move explains",
            unit="fraction",
            source="Cboe VIX and the fit",
        ),
        Fact(
            key="spot_vol_slope",
            label="Change in ln VIX per unit of index return",
            unit="x",
            source="fit on the 252 sessions before",
        ),
        Fact(
            key="fitted_reach_return",
            label="Largest index move the same way in the fit",
            unit="fraction",
            source="fit on the 252 sessions before",
        ),
        Fact(
            key="vix_week_before",
            label="Change of the VIX over the five sessions before",
            unit="points",
            source="Cboe VIX, close",
        ),
        Fact(
            key="vix_to_vix3m",
            label="VIX over three-month VIX",
            unit="x",
            source="Cboe VIX and VIX3M, close",
        ),
        Fact(
            key="vix9d_to_vix",
            label="Nine-day VIX over VIX",
            unit="x",
            source="Cboe VIX9D and VIX, close",
        ),
        Fact(
            key="vvix_change",
            label="Change of the VIX of the VIX",
            unit="fraction",
            source="Cboe VVIX, close",
        ),
        Fact(key="skew", label="Skew index", unit="points", source="Cboe SKEW, close"),
        Fact(
            key="put_call",
            label="Puts traded for each call",
            unit="x",
            source="Cboe put/call ratio",
            as_of="put_call_date",
        ),
        Fact(
            key="inverse_redemptions_usd",
            label="Hedges closed by redemptions of inverse index funds",
            unit="usd",
            source="share counts, closing prices and leverage",
            as_of="inverse_redemptions_date",
        ),
        Fact(
            key="volatility_redemptions_usd",
            label="Redemptions of volatility funds",
            unit="usd",
            source="share counts and closing prices",
            as_of="volatility_redemptions_date",
        ),
    ),
    caveat=EVENT_CAVEAT,
    witness="z",
)
