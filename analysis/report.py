"""All readings of a session side by side: what they add up to, and what they do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd

from analysis.analogues import Analogues, analogues
from analysis.attribution import Attribution, attribute
from analysis.context import Context, context_of
from analysis.contract import body_of, hash_of
from analysis.evidence import readings_of
from analysis.history import History, known, read
from analysis.market import INDEX, VIX, Market, SourceNote
from analysis.odds import Claim, claims, claims_by_session
from analysis.reading import Estimate, Reading
from analysis.sessions import calendar_words, close_utc
from analysis.verdict import Label, Side, judge


class NoBarError(ValueError):
    """The index has no return for the session asked about."""

    exit_code: ClassVar[int] = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexDay:
    """The index over one session; the VIX is None where it is not known."""

    symbol: str
    close: float
    day_return: float
    vix_close: float | None
    vix_change: float | None
    usual_move: float | None
    """Daily volatility of the 63 sessions before [fraction]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Who moved the market, how sure we are, and the sums it rests on.

    ``reasons`` are the keys of the rules that spoke, strongest first.
    """

    label: Label
    side: Side
    confidence: float
    mechanical_usd: Estimate | None
    mechanical_share_of_volume: Estimate | None
    participation: float | None
    forced_surprise: float | None = None
    balance: float | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """How one source stood that evening; ``status`` is fresh, stale or missing."""

    name: str
    as_of: date | None
    age_days: int | None
    status: str
    note: str


@dataclass(frozen=True, kw_only=True)
class FlowReport:
    """One session, read by every driver: the whole of what an edition may say."""

    session: date
    as_of: str
    demo: bool
    index: IndexDay
    verdict: Verdict
    readings: tuple[Reading, ...]
    attribution: Attribution
    odds: tuple[Claim, ...]
    analogues: Analogues | None
    calendar: tuple[str, ...]
    sources: tuple[SourceStatus, ...]
    volume_basis: str
    """``members`` or ``spy_ratio``: what the volume yardstick rests on."""
    context: Context | None = None
    """The session among its predecessors; never scored."""

    def reading(self, slug: str) -> Reading:
        """Return the reading of one driver."""
        return next(reading for reading in self.readings if reading.slug == slug)

    @cached_property
    def content_hash(self) -> str:
        """The sha256 of the canonical JSON without this field."""
        return hash_of(body_of(self))

    def as_dict(self) -> dict[str, object]:
        """Return the report in the JSON contract's shape."""
        body = body_of(self)
        return {"version": body.pop("version"), "content_hash": self.content_hash, **body}


def build_report(market: Market, session: pd.Timestamp | None = None) -> FlowReport:
    """Read one session (None: the market's last) as it was known that evening.

    Raises
    ------
    NoBarError
        When the index has no bar for the session or for the one before.
    """
    now = market if session is None else market.until(session)
    last = last_session(now)
    return report_of(read(now, pd.DatetimeIndex([last])), last)


def last_session(market: Market) -> pd.Timestamp:
    """Return the market's last session, or raise `NoBarError` where it has no return."""
    if not len(market.sessions):
        raise NoBarError("the market has no session at all; point --data at a folder with prices")
    last = market.sessions[-1]
    if not np.isfinite(market.day_return[last]):
        raise NoBarError(
            f"{INDEX} has no bar for {last:%Y-%m-%d} or for the session before it; "
            "both are needed for the day's return"
        )
    return last


def reports(market: Market, rows: pd.DatetimeIndex) -> Iterator[FlowReport]:
    """Yield the report of each of ``rows``, measuring every driver once for all of them.

    Each is the report of `build_report`, except for how the sources stood: a market knows
    that for its last session alone, so ``sources`` is empty here.
    """
    history = read(market, rows)
    claimed = claims_by_session(market, rows)
    for session in rows:
        yield _report(history, session, odds=claimed[session], sources=())


def report_of(history: History, session: pd.Timestamp) -> FlowReport:
    """Put one session of a history into a report; the history must end with it."""
    market = history.market
    return _report(
        history,
        session,
        odds=claims(market),
        sources=tuple(_status(note, session) for note in market.notes),
    )


def _report(
    history: History,
    session: pd.Timestamp,
    *,
    odds: tuple[Claim, ...],
    sources: tuple[SourceStatus, ...],
) -> FlowReport:
    market = history.market
    hearing = history.hearing(session)
    judgement = judge(hearing)
    flows = history.flows(session)
    return FlowReport(
        session=session.date(),
        as_of=f"{close_utc(session):%Y-%m-%dT%H:%M:%SZ}",
        demo=market.simulated,
        index=_index_day(market, session),
        verdict=Verdict(
            label=judgement.label,
            side=judgement.side,
            confidence=judgement.confidence,
            mechanical_usd=hearing.mechanical_usd,
            mechanical_share_of_volume=gross_share(flows, hearing.volume_usd),
            participation=hearing.participation,
            forced_surprise=hearing.forced_surprise,
            balance=judgement.balance,
            reasons=judgement.reasons,
        ),
        readings=readings_of(history, session),
        attribution=attribute(
            float(market.day_return[session]),
            flows,
            sigma=float(market.sigma[session]),
            volume_usd=hearing.volume_usd or 0.0,
        ),
        odds=odds,
        analogues=analogues(history, session),
        calendar=calendar_words(session),
        sources=sources,
        volume_basis="members" if market.volume_age_days[session] == 0.0 else "spy_ratio",
        context=context_of(history, session),
    )


def gross_share(flows: Mapping[str, Estimate], volume_usd: float | None) -> Estimate | None:
    """Return all forced flows, buying and selling alike, over the day's volume [0 to 1].

    Models can call for more than trades in a day, which then takes several: the share ends
    at one.
    """
    if not flows or not volume_usd:
        return None
    sizes = [_size(flow) for flow in flows.values()]
    low, mid, high = (
        min(1.0, sum(getattr(size, bound) for size in sizes) / volume_usd)
        for bound in ("low", "mid", "high")
    )
    return Estimate(low, mid, high)


def _size(flow: Estimate) -> Estimate:
    """Return the range of a flow without its sign; a range across zero begins at zero."""
    ends = sorted((abs(flow.low), abs(flow.high)))
    nearest = 0.0 if flow.low < 0.0 < flow.high else ends[0]
    return Estimate(nearest, abs(flow.mid), max(ends[1], abs(flow.mid)))


def _index_day(market: Market, session: pd.Timestamp) -> IndexDay:
    vix = market.closes(VIX)
    return IndexDay(
        symbol=INDEX,
        close=float(market.closes(INDEX)[session]),
        day_return=float(market.day_return[session]),
        vix_close=known(vix[session]),
        vix_change=known(vix.diff()[session]),
        usual_move=known(market.sigma[session]),
    )


def _status(note: SourceNote, session: pd.Timestamp) -> SourceStatus:
    if note.as_of is None:
        return SourceStatus(
            name=note.name, as_of=None, age_days=None, status="missing", note=note.problem
        )
    age = (session - note.as_of).days
    return SourceStatus(
        name=note.name,
        as_of=note.as_of.date(),
        age_days=age,
        status="stale" if age > note.stale_days else "fresh",
        note=note.problem,
    )
