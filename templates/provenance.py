"""The sources under the names a reader knows, those that matter first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath

from analysis.report import SourceStatus
from templates.figures import day_within, printable, source_name

PLAIN_NAMES: Mapping[str, str] = {
    "index_prices": "index prices",
    "funds_and_indices": "prices of indices and funds",
    "sp500_members": "members' prices",
    "breadth_sp500": "counts of risers and fallers",
    "breadth_sp1500_advdec": "counts of risers and fallers",
    "fund_assets": "fund sizes",
    "proshares_sso_upro_assets": "fund sizes",
    "qqq_assets_flows": "fund flows",
    "etf_shares_outstanding_2026": "fund flows",
    "etf_flows_2026q1": "fund flows",
    "finra_latest_shares": "FINRA short interest",
    "short_interest": "FINRA short interest",
    "squeezemetrics_dix_gex": "SqueezeMetrics' gamma index",
    "put_call_ratio": "the Cboe put/call ratio",
    "cftc_tff_weekly": "CFTC futures positions",
    "cftc_sp500_tff_weekly": "CFTC futures positions",
    "option chains": "Cboe option chains",
    "chains": "Cboe option chains",
}
"""What a reader calls the file behind a source; any other is called by its own name."""

OWN_LISTS = ("leveraged_funds", "leveraged_sensitivity", "most_shorted")
"""Reference lists of the desk itself: facts, not sources that can be late."""

MEMBER_LIST = "S&P 500 member list"
"""The desk's own list too, but a dated one: the index changes four times a year."""

MAIN = (
    "prices of indices and funds",
    "index prices",
    "Cboe option chains",
    "CFTC futures positions",
    "FINRA short interest",
)
"""What gets a line of its own, in this order."""


OF_THE_SESSION = ("Cboe option chains",)
"""What is of one session or of none: an old one is not there."""

SAME_THING = {
    "FINRA short interest": "published short interest",
    "Cboe option chains": "an SPX option chain of this session",
}
"""What a driver calls the lack of a source."""

PRICES, COUNTS = "members' prices", "counts of risers and fallers"
"""Breadth rests on the first; where those are old, on the second, which then has its line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLines:
    """The sources as the note tells them.

    Attributes
    ----------
    main
        Name, day and whether it is stale, of each source that matters and was there.
    rest
        Names of the other fresh ones.
    older
        The other stale ones, each with its day.
    old
        Names of all stale ones, those that matter first.
    absent
        Names of those that had nothing by this session.
    doubtful
        Vendors' feeds that were there in part, or that another source contradicts.
    has_feeds
        True where vendors were asked: then what is absent failed, and is not merely not kept.
    """

    main: tuple[tuple[str, date, bool], ...]
    rest: list[str]
    older: list[str]
    old: list[str]
    absent: list[str]
    doubtful: list[str]
    has_feeds: bool


@lru_cache(maxsize=1_024)
def plain_name(name: str) -> str:
    """Return what a reader calls a source.

    >>> plain_name("positioning/cftc_tff_weekly.csv"), plain_name("Yahoo prices")
    ('CFTC futures positions', 'Yahoo prices')
    """
    stem = PurePosixPath(printable(name)).name.partition(".")[0]
    return PLAIN_NAMES.get(stem, source_name(name))


def source_lines(sources: Iterable[SourceStatus]) -> SourceLines:
    """Sort the sources into what matters, the fresh rest, the old and the absent.

    Of several files under one name the newest speaks for all; what a vendor said of itself
    goes before what a file of its facts shows.
    """
    newest: dict[str, SourceStatus] = {}
    for source in sources:
        name = plain_name(source.name)
        held = newest.get(name)
        if not _is_own(source) and _goes_before(source, held):
            newest[name] = source
    gone = {name for name in OF_THE_SESSION if name in newest and newest[name].status == "stale"}
    there = {name: one for name, one in newest.items() if name not in gone}
    counted = COUNTS in there and (PRICES not in there or there[PRICES].status == "stale")
    lines = (*MAIN, COUNTS) if counted else MAIN
    main = [
        (name, there[name].as_of, there[name].status == "stale") for name in lines if name in there
    ]
    others = {name: source for name, source in there.items() if name not in lines}
    latest = max((one.as_of for one in newest.values() if one.as_of), default=date.min)
    return SourceLines(
        main=tuple((name, as_of, stale) for name, as_of, stale in main if as_of is not None),
        rest=[name for name, one in others.items() if one.status == "fresh"],
        older=[
            f"{name} ({day_within(one.as_of, latest)})"
            for name, one in others.items()
            if one.status == "stale" and one.as_of is not None
        ],
        old=[
            name
            for name in (*lines, *others)
            if name in there and there[name].status == "stale" and there[name].as_of is not None
        ],
        absent=[name for name, one in newest.items() if one.as_of is None or name in gone],
        doubtful=[
            name
            for name, one in newest.items()
            if is_feed(one.name) and one.note and one.status == "fresh"
        ],
        has_feeds=any(is_feed(one.name) for one in newest.values()),
    )


def is_feed(name: str) -> bool:
    """Say whether a source is a vendor's feed, called by the vendor, and not a file of facts.

    >>> is_feed("Yahoo prices"), is_feed("positioning/put_call_ratio.csv")
    (True, False)
    """
    return name[:1].isupper()


def _is_own(source: SourceStatus) -> bool:
    """Say whether a source is a list of the desk's own, which a note names only once it is old."""
    if source.name == MEMBER_LIST:
        return source.status == "fresh"
    return PurePosixPath(source.name).stem.startswith(OWN_LISTS)


def _goes_before(source: SourceStatus, held: SourceStatus | None) -> bool:
    """Say whether a source speaks for a name in place of the one held so far."""
    if held is None or is_feed(source.name) != is_feed(held.name):
        return held is None or is_feed(source.name)
    return (source.as_of or date.min) > (held.as_of or date.min)
