"""Hand-built reports: days whose figures a reader could check against the note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from analysis.attribution import Attribution
from analysis.drivers import all_drivers
from analysis.odds import Claim
from analysis.reading import Driver, Estimate, Evidence, Grade, Kind, Reading
from analysis.report import FlowReport, IndexDay, SourceStatus, Verdict
from analysis.scoring import GRADE_CAP
from analysis.verdict import Label, Side

DRIVERS: Mapping[str, Driver] = {driver.slug: driver for driver in all_drivers()}

RALLY_DAY = date(2025, 4, 9)
PROOF = (
    "An inference from prices: nobody reports covering on the day. It cannot be confirmed "
    "before 25 April 2025, and the figure due then, as of 15 April, covers two weeks and can "
    "only hint."
)

Figures = Mapping[str, float]


def reading(
    slug: str,
    score: float,
    *,
    surprise: float | None = None,
    flow_usd: tuple[float, float, float] | None = None,
    facts: Figures | None = None,
    caveat: str | None = None,
) -> Reading:
    """Return a measured reading with the facts given by key."""
    driver = DRIVERS[slug]
    flow = None if flow_usd is None else Estimate(*flow_usd)
    return Reading(
        driver=driver,
        measured=True,
        score=score,
        surprise=surprise,
        flow_usd=flow,
        share_of_adv=None if flow is None else flow.mid / 400e9,
        percentile=abs(score),
        coverage=0.9,
        confidence=min(0.9, GRADE_CAP[driver.grade]),
        evidence=tuple(evidence(driver, facts or {})),
        missing=(),
        caveat=driver.caveat if caveat is None else caveat,
    )


def evidence(driver: Driver, facts: Figures) -> list[Evidence]:
    """Return the driver's own facts with the values given."""
    return [
        Evidence(
            key=fact.key,
            label=fact.label,
            value=facts[fact.key],
            unit=fact.unit,
            percentile=0.5,
            previous=facts.get(f"{fact.key}_before"),
            as_of=RALLY_DAY,
            source=fact.source,
        )
        for fact in driver.facts
        if fact.key in facts
    ]


def unmeasured(slug: str) -> Reading:
    """Return a driver that lacked everything it needs."""
    driver = DRIVERS[slug]
    return Reading(
        driver=driver,
        measured=False,
        score=0.0,
        surprise=None,
        flow_usd=None,
        share_of_adv=None,
        percentile=None,
        coverage=0.1,
        confidence=0.0,
        evidence=(),
        missing=tuple(needed.missing for needed in driver.inputs),
        caveat=driver.caveat,
    )


def claims(up: bool) -> tuple[Claim, ...]:
    """Return the odds after a move of more than one per cent."""
    what, way = ("gain is given back", "lower") if up else ("loss is recovered", "higher")
    rate, bounds = (0.461, (0.417, 0.505)) if up else (0.663, (0.617, 0.706))
    return (
        Claim(
            key="half_back_5",
            claim=f"Half or more of the day's {what} by a close within five sessions",
            probability=rate,
            base_rate=rate,
            interval=bounds,
            n=505 if up else 424,
            horizon_sessions=5,
            resolves_on=date(2025, 4, 16),
        ),
        Claim(
            key="next_sign",
            claim=f"The S&P 500 closes {way} in the next session",
            probability=0.489,
            base_rate=0.489,
            interval=(0.446, 0.532),
            n=505,
            horizon_sessions=1,
            resolves_on=date(2025, 4, 10),
        ),
    )


def explained(day_return: float, mid: float) -> Attribution:
    """Return an attribution that adds up, its range half to double the middle."""
    low, high = sorted((0.5 * mid, 2.0 * mid))
    return Attribution(
        day_return=day_return,
        explained_return=Estimate(low, mid, high),
        by_driver={"leveraged_etf": mid},
        residual_return=day_return - mid,
    )


SOURCES = (
    SourceStatus(
        name="prices/index_prices.csv", as_of=RALLY_DAY, age_days=0, status="fresh", note=""
    ),
    SourceStatus(
        name="positioning/fund_assets.parquet",
        as_of=date(2025, 4, 8),
        age_days=1,
        status="fresh",
        note="",
    ),
    SourceStatus(
        name="positioning/put_call_ratio.csv",
        as_of=date(2024, 12, 31),
        age_days=99,
        status="stale",
        note="",
    ),
    SourceStatus(
        name="chains", as_of=None, age_days=None, status="missing", note="no file of this session"
    ),
)


def rally() -> FlowReport:
    """Return a rally like that of 9 April 2025: leveraged funds buy, protection is kept."""
    return FlowReport(
        session=RALLY_DAY,
        as_of="2025-04-09T20:00:00Z",
        demo=False,
        index=IndexDay(
            symbol="^GSPC",
            close=5456.9,
            day_return=0.0952,
            vix_close=33.62,
            vix_change=-18.71,
            usual_move=0.0141,
        ),
        verdict=Verdict(
            label=Label.MECHANICAL,
            side=Side.BUYING,
            confidence=0.7,
            mechanical_usd=Estimate(9.2e9, 31.4e9, 66.1e9),
            mechanical_share_of_volume=Estimate(0.046, 0.102, 0.151),
            participation=0.8,
            forced_surprise=0.52,
            reasons=("forced_surprise", "short_covering"),
        ),
        readings=(_rally_gamma(), _rally_hedges(), _rally_funds(), *_rally_others()),
        attribution=explained(0.0952, 0.0024),
        odds=claims(up=True),
        analogues=None,
        calendar=(),
        sources=SOURCES,
        volume_basis="members",
    )


def _rally_gamma() -> Reading:
    return reading(
        "dealer_gamma",
        0.97,
        surprise=0.9,
        facts={
            "gamma_sign": -1.0,
            "negative_probability": 0.46,
            "negative_probability_before": 0.993,
            "next_day_move_bps": 113.3,
            "any_day_move_bps": 62.4,
        },
    )


def _rally_hedges() -> Reading:
    return reading(
        "hedge_unwinding",
        -0.8,
        surprise=-0.87,
        facts={"vix_change": -0.358, "expected_vix_change": -0.472, "vix_gap": 0.216},
    )


def _rally_funds() -> Reading:
    return reading(
        "leveraged_etf",
        0.99,
        surprise=0.42,
        flow_usd=(8.4e9, 28.9e9, 32.1e9),
        facts={
            "identity_usd": 32.1e9,
            "bucket_ndx_usd": 15.1e9,
            "bucket_spx_usd": 5.4e9,
            "bucket_semis_usd": 7.4e9,
            "covered_fraction": 0.92,
            "backcast_fraction": 0.9,
        },
    )


def _rally_others() -> tuple[Reading, ...]:
    return (
        reading(
            "real_money",
            0.77,
            surprise=0.66,
            facts={
                "participation": 0.8,
                "up_volume_share": 0.988,
                "breadth": 0.982,
                "relative_volume": 3.62,
                "close_location": 0.93,
                "high_yield_residual_return": 0.004,
                "small_spread_return": -0.012,
            },
        ),
        reading(
            "short_covering",
            0.81,
            surprise=0.55,
            facts={
                "basket_return": 0.157,
                "basket_excess_return": 0.034,
                "small_companies_return": 0.085,
                "favourites_spread_return": -0.011,
            },
            caveat=PROOF,
        ),
        reading(
            "trend_following",
            0.96,
            surprise=0.0,
            flow_usd=(12.1e9, 24.2e9, 48.4e9),
            facts={
                "signal": -0.11,
                "position": -0.05,
                "position_prior": -0.29,
                "turning_level": 5653.2,
                "turning_distance": 0.036,
            },
        ),
        reading(
            "vol_control",
            -0.93,
            surprise=-0.0,
            flow_usd=(-32.2e9, -23.0e9, -13.8e9),
            facts={
                "exposure": 0.221,
                "exposure_prior": 0.313,
                "scenario_flat_usd": 1.1e9,
                "scenario_2pct_usd": -2.4e9,
            },
        ),
    )


def sell_off() -> FlowReport:
    """Return a fall on which hedges were bought faster than the index explains."""
    day = mirrored(rally())
    hedges = reading(
        "hedge_unwinding",
        -0.93,
        surprise=-0.93,
        facts={"vix_change": 0.65, "expected_vix_change": 0.26, "vix_gap": 0.31},
    )
    verdict = replace(day.verdict, reasons=("hedge_unwinding",), participation=0.5)
    return replace(
        with_reading(day, hedges),
        session=date(2024, 8, 5),
        index=replace(day.index, vix_close=38.57, vix_change=15.18),
        verdict=verdict,
    )


def mixed() -> FlowReport:
    """Return an ordinary rise whose witnesses disagree."""
    day = rally()
    return replace(
        day,
        index=replace(day.index, day_return=0.0132, close=4411.6, vix_change=-0.3, vix_close=14.6),
        attribution=explained(0.0132, 0.0024),
        verdict=replace(
            day.verdict, label=Label.MIXED, forced_surprise=0.1, participation=0.5, reasons=()
        ),
        readings=(
            reading(
                "dealer_gamma", -0.7, surprise=-0.2, facts={"negative_probability_before": 0.1}
            ),
            reading("hedge_unwinding", 0.3, surprise=0.1),
            reading("leveraged_etf", 0.5, surprise=0.2, flow_usd=(1.1e9, 3.8e9, 4.2e9)),
            reading("real_money", 0.4, facts={"participation": 0.5, "breadth": 0.72}),
            reading("short_covering", 0.1, caveat=PROOF),
            reading("trend_following", 0.25, flow_usd=(1.0e9, 2.0e9, 4.0e9)),
            reading("vol_control", 0.0, flow_usd=(0.0, 0.0, 0.0)),
        ),
    )


def quiet() -> FlowReport:
    """Return a day on which nothing much moved and nobody had to trade."""
    day = rally()
    return replace(
        day,
        session=date(2017, 10, 6),
        index=IndexDay(
            symbol="^GSPC",
            close=2549.33,
            day_return=-0.00107,
            vix_close=9.65,
            vix_change=0.46,
            usual_move=0.0041,
        ),
        attribution=explained(-0.00107, -0.0002),
        verdict=replace(
            day.verdict,
            label=Label.QUIET,
            side=Side.SELLING,
            mechanical_usd=Estimate(-1.4e9, -0.7e9, -0.3e9),
            mechanical_share_of_volume=Estimate(0.004, 0.008, 0.016),
            forced_surprise=0.1,
        ),
        readings=(
            unmeasured("dealer_gamma"),
            reading("hedge_unwinding", -0.3, surprise=-0.2),
            reading("leveraged_etf", -0.02, flow_usd=(-2.3e8, -2.0e8, -0.6e8)),
            reading("real_money", 0.08, facts={"participation": 0.4}),
            reading("short_covering", -0.07, caveat=PROOF),
            reading("trend_following", -0.01, flow_usd=(-2e8, -1e8, -0.5e8)),
            reading("vol_control", -0.03, flow_usd=(-7e7, -5e7, -3e7)),
        ),
        odds=claims(up=False)[1:],
    )


def poor() -> FlowReport:
    """Return a rise of which four of seven drivers could not be seen."""
    day = rally()
    blind = ("dealer_gamma", "short_covering", "real_money", "leveraged_etf")
    return replace(
        day,
        index=replace(day.index, day_return=0.012, usual_move=0.008),
        attribution=explained(0.012, 0.0024),
        verdict=replace(
            day.verdict,
            label=Label.UNCLEAR,
            confidence=0.0,
            participation=None,
            forced_surprise=None,
            reasons=(),
        ),
        readings=tuple(unmeasured(one.slug) if one.slug in blind else one for one in day.readings),
    )


def demo() -> FlowReport:
    """Return the rally on a simulated market."""
    return replace(rally(), demo=True)


def with_reading(day: FlowReport, new: Reading) -> FlowReport:
    """Return the day with another reading of that driver."""
    kept = (new if one.slug == new.slug else one for one in day.readings)
    return replace(day, readings=tuple(kept))


def little_forced(day: FlowReport) -> FlowReport:
    """Return the day without the dollars of trend followers and volatility-control funds."""
    still = with_reading(day, reading("trend_following", 0.1, flow_usd=(1e8, 2e8, 4e8)))
    return with_reading(still, reading("vol_control", 0.0, flow_usd=(0.0, 0.0, 0.0)))


def with_stranger(day: FlowReport) -> FlowReport:
    """Add a driver nobody has written words for."""
    stranger = replace(
        DRIVERS["leveraged_etf"],
        slug="pension_rebalancing",
        title="Pension rebalancing",
        kind=Kind.MECHANICAL,
        grade=Grade.B,
    )
    told = replace(
        reading("leveraged_etf", -0.9, surprise=-0.7, flow_usd=(-20e9, -10e9, -5e9)),
        driver=stranger,
    )
    return replace(day, readings=(*day.readings, told))


EVEN = {
    "gamma_sign",
    "negative_probability",
    "next_day_move_bps",
    "any_day_move_bps",
    "participation",
    "relative_volume",
    "covered_fraction",
    "backcast_fraction",
    "turning_level",
    "exposure",
    "exposure_prior",
}
"""Facts that say how much, not which way."""

SHARES = {"breadth", "up_volume_share"}
"""Facts whose opposite is the rest of the whole."""


def mirrored(day: FlowReport) -> FlowReport:
    """Return the day with every signed figure turned over; odds take the other side's."""
    verdict, attribution, index = day.verdict, day.attribution, day.index
    other = {Side.BUYING: Side.SELLING, Side.SELLING: Side.BUYING, Side.FLAT: Side.FLAT}
    return replace(
        day,
        index=replace(
            index,
            day_return=-index.day_return,
            vix_change=None if index.vix_change is None else -index.vix_change,
        ),
        verdict=replace(
            verdict, side=other[verdict.side], mechanical_usd=_turned(verdict.mechanical_usd)
        ),
        readings=tuple(_mirrored_reading(one) for one in day.readings),
        attribution=replace(
            attribution,
            day_return=-attribution.day_return,
            explained_return=_turned(attribution.explained_return) or Estimate(0.0, 0.0, 0.0),
            residual_return=-attribution.residual_return,
        ),
        odds=claims(up=day.index.day_return < 0) if day.odds else (),
    )


def _mirrored_reading(one: Reading) -> Reading:
    return replace(
        one,
        score=-one.score,
        surprise=None if one.surprise is None else -one.surprise,
        flow_usd=_turned(one.flow_usd),
        share_of_adv=None if one.share_of_adv is None else -one.share_of_adv,
        evidence=tuple(replace(item, value=_opposite(item)) for item in one.evidence),
    )


def _opposite(item: Evidence) -> float:
    if item.key in EVEN:
        return item.value
    return 1.0 - item.value if item.key in SHARES else -item.value


def _turned(estimate: Estimate | None) -> Estimate | None:
    if estimate is None:
        return None
    return Estimate(-estimate.high, -estimate.mid, -estimate.low)


def all_days() -> Sequence[FlowReport]:
    """Return one of each kind of day."""
    return (rally(), sell_off(), mixed(), mirrored(mixed()), quiet(), poor(), demo())
