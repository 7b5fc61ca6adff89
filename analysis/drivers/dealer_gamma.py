"""Option dealers hedge: long gamma they lean against the day's move, short of it they push.

Whoever keeps an option book neutral must trade the index as it moves. With dollar gamma
G per 1 % and an index return r the hedges take

    Q = -G * 100 r

so a book that is long gamma sells rallies and buys dips, and one that is short of gamma
buys into rallies and sells into falls. The sign of G is the whole story, and it is the
one thing the public cannot see: open interest says how many contracts there are, not who
is short of them. Three methods, never ranked against each other:

chain
    On sessions with a whole SPX chain: gamma recomputed from implied volatility, contracts
    that expire with the session dropped, SPX and SPXW summed, SPY added, under three
    conventions side by side. Where they agree on the side, dollars run from the published
    (naive) convention to that of customers long calls; where they do not there are no
    dollars, and a side is claimed only as far as the conventions share it. Nor are there
    any where the gamma index published for the evening before gives the other side (or,
    where none is known, the regime below): then the side itself is in doubt, and a doubted
    side has no floor. No count is taken for more than half of a normal day's trading.
part of a chain
    Where only some expiries are at hand (Yahoo in place of Cboe): the side and how hard, by
    the same sums; no dollars, for a part has no total.
fallback
    Without a chain: the regime that prices and the VIX imply (`analysis.gamma_regime`). It
    knows the published index's sign well and dollars not at all.

Pitfalls: the naive sign fails where customers buy calls or sell puts; same-day options
never show in open interest; gamma foretells how much the index moves, not which way.

References
----------
Ni, S., Pearson, N., Poteshman, A. and White, J. (2021). Does Option Trading Have a
Pervasive Impact on Underlying Stock Prices? Review of Financial Studies 34(4).
Barbon, A. and Buraschi, A. (2021). Gamma Fragility. Working paper, SSRN 3725454.
SqueezeMetrics (2017). The Implied Order Book. White paper.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.gamma_chains import chain_days
from analysis.gamma_regime import TERM_CARRY_SESSIONS, regime, term_structure
from analysis.market import VIX, Market, age_days
from analysis.reading import Driver, Fact, Grade, Input, Kind
from analysis.scoring import robust_z

USUAL_GAMMA_SHARE = 0.10
"""Naive gamma per 1 % is usually about a tenth of the members' daily volume: 33 bn over the
47 chains of mid-2026 against some 310 bn."""

USUAL_SHARE_OF_ADV = 0.05
"""One standard unit of hedge flow until sixty chain sessions have set their own: that
gamma over a day of half a per cent."""

DISPUTED_CAP = 0.8
"""A side that some convention denies is never read as more than mild (a score of 0.38) [x]."""

MOST_SHARE_OF_ADV = 0.5
"""No count of the hedges is taken for more than this part of a normal day's trading [fraction].

A judgement: hedges of half a day's volume would be the market, and nobody reports such days.
"""

PUBLISHED_FOR_DAYS = 5
"""Calendar days for which a published gamma index speaks: over a weekend and a holiday."""

CONSTANTS_KNOWN = 0.8
"""What printed constants are worth beside a model fitted on published rows [0 to 1]."""

ONE_CONVENTION = 1.0 / 3.0
"""The fallback speaks for the published convention alone, one of three."""

CHAIN, PART, FALLBACK = "chain", "part of a chain", "fallback"
"""Methods that are never ranked against each other."""

MODEL = "SqueezeMetrics, VIX and prices"
CBOE = "Cboe option chains"

GUESSED = (
    "Guessed from prices and the VIX because no option chain is at hand: it tells the likely "
    "side under the published convention, not dollars."
)
AGREED = (
    "Dealers' positions are not public and open interest is last night's; here every "
    "convention in use gives the same side."
)
OPPOSED = (
    "Every convention in use gives the same side, but another reading gives the other: dealers' "
    "positions are not public and one of the two is wrong, so there are no dollars."
)
PARTIAL = (
    "Only part of the option chain was at hand, its near and its monthly expiries: it tells the "
    "likely side, not dollars."
)
DISPUTED = (
    "The conventions in use give opposite sides: which way dealers traded depends on an "
    "assumption nobody outside can check."
)


def measure(market: Market) -> pd.DataFrame:
    """Return what dealers' hedges had to trade, from chains where there are any."""
    evening = regime(market)
    chains = chain_days(market)
    from_chain = chains["hedge_naive_usd"].notna()
    whole = chains["expiries_share"] == 1.0
    model = _fallback(market, evening)
    adv_usd = market.adv_usd()
    share = chains["hedge_naive_usd"] / adv_usd
    denied = _denied(market, chains, -evening["size"].shift(1))
    sure = (chains["support"] == 1.0) & (denied != 1.0)
    leaning = _leaning(market, evening, chains, sure)
    dollars = chains.where(whole)
    flows = _within_a_day(dollars.where(sure), adv_usd)
    return pd.DataFrame(
        {
            **flows,
            "share_of_adv": flows["flow_mid_usd"] / adv_usd,
            "z": _standardised(share, chains["support"], sure, whole).where(from_chain, model["z"]),
            "push": leaning * np.sign(market.day_return),
            "series": np.select([from_chain & whole, from_chain], [CHAIN, PART], FALLBACK),
            "caveat": _caveat(chains["support"], denied, whole),
            **_known_inputs(model, chains, from_chain, denied),
            **_regime_facts(market, evening),
            **_chain_facts(dollars, chains["support"]),
            "side_denied": denied,
            "gamma_sign": (0.0 - np.sign(leaning)).mask(from_chain & leaning.isna(), 0.0),
        }
    )


def _fallback(market: Market, evening: pd.DataFrame) -> pd.DataFrame:
    """Return the reading without a chain, and what it rests on; all from the prior evening."""
    term = term_structure(market)
    carried = term.ffill(limit=TERM_CARRY_SESSIONS).notna()
    return pd.DataFrame(
        {
            "z": -evening["pressure"].shift(1) * market.move,
            "vix": market.closes(VIX).notna().shift(1, fill_value=False).astype(float),
            "vix3m": carried.shift(1, fill_value=False).astype(float),
            "vix3m_age": age_days(term).shift(1),
            "history": evening["fitted"].shift(1).map({1.0: 1.0, 0.0: CONSTANTS_KNOWN}).fillna(0.0),
        }
    )


def _denied(market: Market, chains: pd.DataFrame, regime_leaning: pd.Series) -> pd.Series:
    """Say on chain sessions whether another reading gives dealers the other side [flag].

    The gamma index published for one of the last evenings is asked first; where none is known,
    the regime of the evening before. Missing where neither spoke and without a chain.
    """
    published = market.known(market.dix, ["gex"])
    stamps = pd.Series(market.sessions, index=market.sessions)
    fresh = (stamps - published["date"]).dt.days <= PUBLISHED_FOR_DAYS
    other = published["gex"].astype(float).where(fresh).fillna(-regime_leaning)
    product = chains["day_gamma_usd_per_pct"] * other
    return (product < 0.0).astype(float).where(product.notna())


def _within_a_day(flows: pd.DataFrame, adv_usd: pd.Series) -> pd.DataFrame:
    """Return the range of dollars cut at half of a normal day's trading; none where mid is more.

    Where the day's yardstick is not known nothing is cut.
    """
    most = MOST_SHARE_OF_ADV * adv_usd
    possible = ~(flows["flow_mid_usd"].abs() > most)
    ends = {
        end: flows[end].clip(-most, most).where(possible)
        for end in ("flow_low_usd", "flow_mid_usd", "flow_high_usd")
    }
    return pd.DataFrame(ends)


def _standardised(
    share: pd.Series, support: pd.Series, sure: pd.Series, whole: pd.Series
) -> pd.Series:
    """Return chain flows in units of their own past ones, or of a stated yardstick at first.

    Parts of chains are no past of whole ones, so they always go by the yardstick.

    Where the side is not sure the reading keeps the naive side, shrinks to the share of
    conventions that give it and stays mild; there are no dollars then.
    """
    unit = robust_z(share.where(whole)).fillna(share / USUAL_SHARE_OF_ADV)
    disputed = (unit * support).clip(-DISPUTED_CAP, DISPUTED_CAP)
    return unit.where(sure, disputed)


def _leaning(
    market: Market, evening: pd.DataFrame, chains: pd.DataFrame, sure: pd.Series
) -> pd.Series:
    """Return how dealers leaned on the day's move, above zero with it [standard units].

    Short gamma pushes with the move, whatever its size: the prior evening's regime over its
    own usual size or, on chain sessions, gamma over its usual share of volume. Missing where
    the conventions disagree or another reading denies them: then nobody knows.
    """
    size = chains["day_gamma_usd_per_pct"] / market.adv_usd() / USUAL_GAMMA_SHARE
    from_chain = chains["hedge_naive_usd"].notna()
    return (-size.where(sure)).where(from_chain, -evening["size"].shift(1))


def _known_inputs(
    model: pd.DataFrame, chains: pd.DataFrame, from_chain: pd.Series, denied: pd.Series
) -> dict[str, pd.Series]:
    """Return what is known of each input; what a chain makes needless counts as known."""
    support = chains["support"].mask(denied == 1.0, 0.5 * chains["support"])
    return {
        "has_sign": support.where(from_chain, ONE_CONVENTION),
        "has_chain": (chains["known_fraction"] * chains["expiries_share"]).where(from_chain, 0.0),
        "has_vix": model["vix"].where(~from_chain, 1.0),
        "has_vix3m": model["vix3m"].where(~from_chain, 1.0),
        "age_vix3m": model["vix3m_age"].where(~from_chain, 0.0),
        "has_history": model["history"].where(~from_chain, 1.0),
    }


def _caveat(support: pd.Series, denied: pd.Series, whole: pd.Series) -> pd.Series:
    """Say what the day's method cannot know."""
    words = pd.Series(GUESSED, index=support.index).mask(support < 1.0, DISPUTED)
    words = words.mask(support == 1.0, AGREED).mask((support == 1.0) & (denied == 1.0), OPPOSED)
    return words.mask((support == 1.0) & ~whole, PARTIAL)


def _regime_facts(market: Market, evening: pd.DataFrame) -> dict[str, pd.Series]:
    published = market.known(market.dix, ["gex"])
    return {
        "predicted_gex": evening["gex"],
        "negative_probability": evening["negative_probability"],
        "next_day_move_bps": 1e4 * evening["next_day_move"],
        "any_day_move_bps": 1e4 * evening["any_day_move"],
        "published_gex": published["gex"] / 1e9,
        "published_on": published["date"],
    }


def _chain_facts(chains: pd.DataFrame, support: pd.Series) -> dict[str, pd.Series]:
    """Return a whole chain's figures; of a part of one, only whether the conventions agree."""
    return {
        "hedge_naive_usd": chains["hedge_naive_usd"],
        "hedge_short_calls_usd": chains["hedge_short_calls_usd"],
        "hedge_all_short_usd": chains["hedge_all_short_usd"],
        "gamma_usd_per_pct": chains["naive_usd_per_pct"],
        "gamma_short_calls_usd_per_pct": chains["short_calls_usd_per_pct"],
        "gamma_all_short_usd_per_pct": chains["all_short_usd_per_pct"],
        "conventions_agree": _all_agree(support),
        "conventions_agree_tonight": _all_agree(chains["support_tonight"]),
        "gamma_rank": chains["rank"],
        "gamma_history_sessions": chains["history"],
        "expiring_1d_fraction": chains["expiring_le_1d"],
        "expiring_5d_fraction": chains["expiring_le_5d"],
        "vanna_usd_per_vol_point": chains["vanna_usd_per_vol_point"],
        "charm_usd_per_day": chains["charm_usd_per_day"],
        "flip_low": chains["flip_low"],
        "flip_mid": chains["flip_mid"],
        "flip_high": chains["flip_high"],
        "flip_distance_fraction": chains["spot"] / chains["flip_mid"] - 1.0,
        "large_gamma_call_strike": chains["call_strike"],
        "large_gamma_put_strike": chains["put_strike"],
        "nasdaq_gamma_share": chains["nasdaq_gamma_share"],
        "small_cap_gamma_share": chains["small_cap_gamma_share"],
    }


def _all_agree(support: pd.Series) -> pd.Series:
    """Return one where every convention gives the same side, zero where not [flag]."""
    return (support == 1.0).astype(float).where(support.notna())


def _fact(key: str, label: str, unit: str, source: str = CBOE, as_of: str = "") -> Fact:
    return Fact(key=key, label=label, unit=unit, source=source, as_of=as_of)


dealer_gamma = Driver(
    slug="dealer_gamma",
    title="Dealer gamma",
    kind=Kind.MECHANICAL,
    grade=Grade.B,
    measure=measure,
    inputs=(
        Input(
            key="sign",
            weight=0.50,
            missing="agreement on which side dealers are: positions are not public",
        ),
        Input(key="chain", weight=0.10, missing="an SPX option chain of this session"),
        Input(key="vix", weight=0.20, missing="the VIX at the prior close"),
        Input(
            key="vix3m",
            weight=0.05,
            missing="the three-month VIX at the prior close",
            half_life_days=5.0,
        ),
        Input(key="history", weight=0.15, missing="published gamma to fit the regime on"),
    ),
    facts=(
        _fact("gamma_sign", "Side of dealers' gamma going into the day", "sign", "model"),
        _fact("predicted_gex", "Gamma index implied by prices and the VIX", "bn", MODEL),
        _fact("negative_probability", "Chance of a published index below zero", "fraction", MODEL),
        _fact("next_day_move_bps", "Usual move after evenings like this", "bps", MODEL),
        _fact("any_day_move_bps", "Usual move after any evening", "bps", MODEL),
        _fact("published_gex", "Published gamma index", "bn", "SqueezeMetrics", "published_on"),
        _fact("hedge_naive_usd", "Hedges' trade, naive convention", "usd"),
        _fact("hedge_short_calls_usd", "Hedges' trade, customers hold calls", "usd"),
        _fact("hedge_all_short_usd", "Hedges' trade, dealers short all: a bound", "usd"),
        _fact("gamma_usd_per_pct", "Net gamma per 1 %, naive convention", "usd"),
        _fact("gamma_short_calls_usd_per_pct", "Net gamma per 1 %, customers hold calls", "usd"),
        _fact("gamma_all_short_usd_per_pct", "Net gamma per 1 %, dealers short all", "usd"),
        _fact("conventions_agree", "Conventions agree on the day's side", "flag"),
        _fact("side_denied", "Another reading gives dealers the other side", "flag", "model"),
        _fact("conventions_agree_tonight", "Conventions agree on tonight's side", "flag"),
        _fact("gamma_rank", "Rank of gamma among earlier chains", "fraction"),
        _fact("gamma_history_sessions", "Earlier chains it is ranked among", "sessions"),
        _fact("expiring_1d_fraction", "Gamma expiring within one calendar day", "fraction"),
        _fact("expiring_5d_fraction", "Gamma expiring within five calendar days", "fraction"),
        _fact("vanna_usd_per_vol_point", "Hedges' trade if volatility rises a point", "usd"),
        _fact("charm_usd_per_day", "Hedges' trade as a day passes", "usd"),
        _fact("flip_low", "Flip zone, low", "points"),
        _fact("flip_mid", "Flip zone, middle", "points"),
        _fact("flip_high", "Flip zone, high", "points"),
        _fact("flip_distance_fraction", "Index above the flip zone's middle", "fraction"),
        _fact("large_gamma_call_strike", "Strike with the most call gamma", "points"),
        _fact("large_gamma_put_strike", "Strike with the most put gamma", "points"),
        _fact("nasdaq_gamma_share", "Nasdaq-100 gamma per 1 % over QQQ's volume", "fraction"),
        _fact("small_cap_gamma_share", "Russell 2000 gamma per 1 % over IWM's volume", "fraction"),
    ),
    caveat=(
        "Dealers' positions are not public: the side is an assumption, and open interest is "
        "last night's."
    ),
    witness="push",
)
