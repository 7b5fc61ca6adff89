"""A market folder on disk: the desk's open format, every file optional but the prices."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from analysis.market import INDEX, Market, SourceNote
from analysis.sessions import LAST_YEAR, check_session, previous_session, sessions_between
from analysis.sources.chains import gamma_table, index_chain
from analysis.sources.folder import funds, positions, prices
from analysis.sources.folder.errors import NoBarError, NoPricesError, NoSuchFolderError
from analysis.sources.folder.standing import STANDING, vendor_notes
from analysis.sources.folder.table import Layout, Loaded, Table, judge, load, newest, read

if TYPE_CHECKING:
    from analysis.options.chain import Chain

LOOK_BACK = pd.Timedelta(days=400)
"""How long before the first bar dated tables are read: older positions tell of no session here."""

Reader: TypeAlias = Callable[[Layout], Table]
Part: TypeAlias = tuple[dict[str, pd.DataFrame], list[SourceNote]]


class FolderSource:
    """Reads a folder in the layout that docs/data-format.md describes.

    Parameters
    ----------
    path
        The folder.
    today
        Rows of later days are never looked at; None where nobody knows the date.
    """

    name = "folder"

    def __init__(self, path: Path, today: pd.Timestamp | None = None) -> None:
        self.path = Path(path)
        self.today = today or pd.Timestamp(LAST_YEAR, 12, 31)

    def fetch(self, session: pd.Timestamp | None = None) -> Market:
        """Return what the folder knew on the evening of ``session`` (None: of its last one).

        Raises
        ------
        NoSuchFolderError
            There is no such folder.
        NoPricesError, TableError
            The price file is missing, has no index, cannot be read or contradicts itself.
        NotASessionError
            ``session`` is a weekend or a holiday.
        NoBarError
            The index has no usable bar that session, or none the session before.
        """
        if session is not None:
            session = check_session(session)
        loaded = self._prices()
        sessions = _sessions(loaded, session or self.today)
        last = session or sessions[-1]
        table = prices.bars(judge(loaded, prices.PRICES, last), sessions)
        _check_bars(table, last)
        days = sessions_between(sessions[0] - LOOK_BACK, last)
        reader = partial(_read, self.path, last)
        parts = (
            _prices(table, reader, sessions),
            _funds(reader, sessions, days),
            _positions(reader, days),
            _lists(reader, last),
        )
        fields: dict[str, Any] = {key: frame for part, _ in parts for key, frame in part.items()}
        gamma, chain_notes = gamma_table(self.path, last, fields["close"][INDEX].shift(1))
        vendors = vendor_notes(reader(STANDING), last)
        notes = (*(note for _, part in parts for note in part), *chain_notes, *vendors)
        return Market(sessions=sessions, gamma=gamma, notes=notes, **fields)

    def chain(self, session: pd.Timestamp) -> Chain | None:
        """Return the index's option chain of a session, None where the folder has no usable one."""
        return index_chain(self.path, session)

    def _prices(self) -> Loaded:
        if not self.path.is_dir():
            raise NoSuchFolderError(str(self.path), "no such folder; give the path of one")
        if not any(self.path.iterdir()):
            raise NoPricesError(
                str(self.path), f"the folder is empty; put at least {prices.PRICES.path} there"
            )
        return load(self.path, prices.PRICES)


def _read(path: Path, until: pd.Timestamp, layout: Layout) -> Table:
    return read(path, layout, until)


def _sessions(loaded: Loaded, until: pd.Timestamp) -> pd.DatetimeIndex:
    """Return the sessions from the index's first bar to its last by ``until``."""
    rows = loaded.rows
    is_index = (rows["symbol"] == INDEX) & (rows["close"] > 0.0)
    dates = rows["date"][is_index]
    if dates.empty:
        raise NoPricesError(loaded.name, f"has no bar of {INDEX}; every report needs the index")
    past = dates[dates <= until]
    if past.empty:
        raise NoBarError(
            loaded.name, f"no bar of {INDEX} by {until.date()}; its first is {dates.min().date()}"
        )
    sessions = sessions_between(past.min(), past.max())
    traded = sessions[sessions.isin(past)]
    if traded.empty:
        raise NoBarError(loaded.name, f"no bar of {INDEX} by {until.date()} falls on a session")
    return sessions[sessions <= traded[-1]]


def _check_bars(table: Table, session: pd.Timestamp) -> None:
    """Refuse a session whose return cannot be taken."""
    dates = table.rows["date"][table.rows["symbol"] == INDEX]
    before = previous_session(session)
    for day, role in ((session, "the session"), (before, "the session before it")):
        if day not in dates.array:
            raise NoBarError(
                table.name,
                f"no usable bar of {INDEX} for {role} ({day.date()}); "
                f"its last by then is {_day(dates[dates <= day])}",
            )


def _day(dates: pd.Series) -> str:
    return "none" if dates.empty else str(dates.max().date())


def _prices(table: Table, read_file: Reader, sessions: pd.DatetimeIndex) -> Part:
    """Read members and breadth beside the prices."""
    last = sessions[-1]
    members = prices.bars(read_file(prices.MEMBERS), sessions)
    narrow = prices.usable_breadth(read_file(prices.BREADTH), sessions)
    broad = prices.usable_breadth(read_file(prices.BROAD_BREADTH), sessions)
    weights, known_weights = prices.member_weights(read_file(prices.WEIGHTS), sessions)
    fields = {
        **prices.price_panels(table, sessions),
        "member_weights": known_weights,
        **prices.member_panels(members, sessions),
        "breadth": prices.breadth_panel(narrow, broad, sessions),
    }
    table = prices.repeated_bar(prices.without_bar(table, last), INDEX)
    # Hardly any folder has weights, so their absence is no news.
    extra = (weights,) if len(weights.rows) else ()
    tables = (table, members, narrow, broad, *extra)
    return fields, [one.note(newest(one.rows)) for one in tables]


def _funds(read_file: Reader, sessions: pd.DatetimeIndex, days: pd.DatetimeIndex) -> Part:
    """Read what funds hold and what flows in and out; all of it is out the next morning."""
    panel = funds.with_assets(read_file(funds.ASSETS), sessions)
    issuer = funds.with_assets(read_file(funds.ISSUER_ASSETS), sessions)
    counts, shares = funds.share_counts(read_file(funds.SHARES), days)
    broad, qqq, flows = funds.flows(read_file(funds.FLOWS), read_file(funds.QQQ_FLOWS), days)
    assets, quality = funds.asset_panels(panel, issuer, sessions)
    fields = {
        "fund_assets_usd": assets,
        "fund_assets_quality": quality,
        "fund_shares": shares,
        "fund_flows_usd": flows,
    }
    tables = (panel, issuer, counts, broad, qqq)
    before = days[-1] - pd.Timedelta(days=1)
    return fields, [one.note(newest(one.rows, before)) for one in tables]


def _positions(read_file: Reader, days: pd.DatetimeIndex) -> Part:
    """Read positions, each known by its own lag."""
    short, short_interest = positions.short_interest(read_file(positions.SHORT_INTEREST), days)
    dark, dix = positions.dix(read_file(positions.DIX), days)
    ratios, put_call = positions.put_call(read_file(positions.PUT_CALL), days)
    weekly, sp500 = read_file(positions.COT), read_file(positions.SP500_COT)
    cot = positions.cot(weekly, sp500, days)
    fields = {"short_interest": short_interest, "dix": dix, "put_call": put_call, "cot": cot}
    is_sp500 = cot["market"] == "ES"
    return fields, [
        short.note(newest(short_interest)),
        dark.note(newest(dix)),
        ratios.note(newest(put_call)),
        weekly.note(newest(cot[~is_sp500])),
        sp500.note(newest(cot[is_sp500])),
    ]


def _lists(read_file: Reader, session: pd.Timestamp) -> Part:
    """Read the reference lists: the same on every session, so dated by it at the latest."""
    leveraged = read_file(funds.FUNDS)
    sensitivity = read_file(funds.SENSITIVITY)
    shorted = read_file(positions.MOST_SHORTED)
    fields = {
        "leveraged_funds": funds.leveraged_funds(leveraged),
        "leveraged_sensitivity": funds.sensitivity(sensitivity),
        "most_shorted": positions.most_shorted(shorted),
    }
    return fields, [
        one.note(None if one.rows.empty else session) for one in (leveraged, sensitivity, shorted)
    ]
