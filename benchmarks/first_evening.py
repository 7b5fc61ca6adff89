"""Count what the first evenings of a new desk ask for, with a whole index of members.

Usage: UNDERTOW_MARKET=market python -m benchmarks.first_evening [--latency 0.08] [--steady]

A local server answers for 2026-07-22 and the evenings after it: the desk's own symbols, chains,
positions and histories out of a folder of real data, as in tests/replay/real_day.py; the bars
of the 503 members from a seeded walk, for the folder has none of 2026. Each evening is
`undertow note` in a process of its own. The last one is killed after forty questions and taken
up again. ``--steady`` shows the last alone, whole and killed early, midway and late, each time
on an archive that has every past; there the desk's own symbols that the folder lacks walk too,
as a live desk has bars of them all.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.funds import shipped_funds
from analysis.sessions import close_utc, previous_session, sessions_between
from analysis.short_interest_calendar import newest_settlement
from analysis.sources.archive import Archive, read_table
from analysis.sources.folder.lags import SHORT_INTEREST_SESSIONS
from analysis.sources.folder.positions import SHORT_INTEREST
from analysis.sources.folder.prices import MEMBERS, PRICES
from analysis.sources.members import member_list
from analysis.sources.tables import normal
from analysis.sources.universe import desk_symbols, shorted_symbols
from analysis.sources.vendor import Facts, Findings, Item
from tests.replay.real_day import RealDay, addresses, read_real_day, serve_real_day
from tests.replay.server import Replay, Reply, send, serving

FIRST = pd.Timestamp("2021-01-04")
EVENINGS = [pd.Timestamp(f"2026-07-{day}") for day in (22, 24, 27, 28, 29)]
"""Sessions of which the folder has chains; nobody was at home on the 23rd."""

KILLED = EVENINGS[-1]

KILLED_AFTER = (1, 10, 40, 60)
"""Requests after which an ordinary evening is killed."""


def member_bars(symbols: tuple[str, ...], seed: int = 5) -> pd.DataFrame:
    """Return daily bars of members that walk at random, the same each time."""
    days = sessions_between(FIRST, EVENINGS[-1])
    chance = np.random.default_rng(seed)
    shape = (len(days), len(symbols))
    close = 100.0 * np.exp(np.cumsum(chance.normal(0.0, 0.015, shape), axis=0))
    volume = chance.integers(500_000, 5_000_000, shape).astype(float)
    columns = {name: close * k for name, k in (("open", 0.999), ("high", 1.01), ("low", 0.99))}
    return pd.DataFrame(
        {
            "date": np.repeat(days.to_numpy(), len(symbols)),
            "symbol": np.tile(np.array(symbols, dtype=object), len(days)),
            **{name: values.ravel() for name, values in columns.items()},
            "close": close.ravel(),
            "volume": volume.ravel(),
        }
    )


def quotes_of(prices: pd.DataFrame, session: pd.Timestamp) -> dict[str, dict[str, object]]:
    """Return the quotes that Yahoo would give after the close of a session."""
    ordered = prices[prices["date"] <= session].sort_values(["symbol", "date"])
    prior = ordered.groupby("symbol", observed=True)["close"].shift(1)
    today = ordered.assign(prior=prior)[ordered["date"] == session]
    made = int(close_utc(session).timestamp()) + 1
    return {
        str(row["symbol"]): {
            "regularMarketOpen": row["open"],
            "regularMarketDayHigh": row["high"],
            "regularMarketDayLow": row["low"],
            "regularMarketPrice": row["close"],
            "regularMarketVolume": 0 if pd.isna(row["volume"]) else int(row["volume"]),
            "regularMarketPreviousClose": row["prior"],
            "regularMarketTime": made,
        }
        for row in today.to_dict("records")
    }


def serve_evening(
    server: Replay, day: RealDay, members: pd.DataFrame, session: pd.Timestamp
) -> None:
    """Lay out the answers of one evening."""
    until = replace(
        day,
        prices=pd.concat([day.prices, members], ignore_index=True).query("date <= @session"),
        dix=day.dix[pd.to_datetime(day.dix["date"]) <= session],
        weekly=day.weekly[pd.to_datetime(day.weekly["date"]) <= session],
        sp500=day.sp500[pd.to_datetime(day.sp500["date"]) <= session],
    )
    funds: Mapping[str, dict[str, object]] = {
        fund: {"netAssets": 1e9} for fund in shipped_funds().index
    }
    quotes = quotes_of(until.prices, session)
    told = {name: {**quotes.get(name, {}), **funds.get(name, {})} for name in {*quotes, *funds}}
    serve_real_day(server, until, session=session, quotes=told)


def with_every_symbol(day: RealDay) -> RealDay:
    """Return the day with bars of all the desk's symbols, those without recent ones walking."""
    recent = day.prices[day.prices["date"] >= previous_session(KILLED)]
    counts = recent["symbol"].value_counts()
    lacking = tuple(one for one in desk_symbols() if counts.get(one, 0) < 2)
    walk = member_bars(lacking, seed=7).assign(quality="full")
    own = day.prices[~day.prices["symbol"].isin(lacking)]
    return replace(day, prices=pd.concat([own, walk], ignore_index=True))


def keep_past(root: Path, day: RealDay, members: pd.DataFrame, session: pd.Timestamp) -> None:
    """Keep every bar before a session, as many evenings would have."""
    prices = day.prices[day.prices["date"] < session]
    past = members[members["date"] < session]
    own = prices[prices["symbol"].isin(member_list().symbols)]
    reported = pd.DataFrame({"ticker": shorted_symbols(), "current": 1e6}).assign(
        date=newest_settlement(session, SHORT_INTEREST_SESSIONS)
    )
    facts = (
        Facts(path=PRICES.path, rows=normal(PRICES.path, prices)),
        Facts(path=MEMBERS.path, rows=normal(MEMBERS.path, pd.concat([past, own]))),
        Facts(path=SHORT_INTEREST.path, rows=normal(SHORT_INTEREST.path, reported)),
    )
    found = Findings(as_of=previous_session(session), final=True, facts=facts)
    item = Item(key="past", feed="Yahoo prices")
    Archive(root).keep(found.as_of, "past", item, found, "2026-07-28T22:00:00Z")


def kind_of(hit: str) -> str:
    """Return what a request was for, in a word."""
    kinds = {
        "/v8/finance/chart/": "charts",
        "/v7/finance/quote": "quotes",
        "/v7/finance/options": "yahoo chains",
        "/v10/": "statistics",
        "/api/global/delayed": "cboe chains",
        "/etfdata/": "proshares",
    }
    return next((kind for start, kind in kinds.items() if hit.startswith(start)), "others")


def note(environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start `undertow note` as an operator would."""
    return subprocess.Popen(
        [sys.executable, "-m", "undertow", "note"],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
    )


def tell(name: str, server: Replay, begun: float, archive: Path) -> None:
    """Print what an evening took."""
    kinds = ", ".join(f"{n} {kind}" for kind, n in Counter(map(kind_of, server.hits)).most_common())
    with Archive(archive).view() as view:
        rows = read_table(view.folder, MEMBERS.path)
    whole = rows.groupby("symbol", observed=True).size() > 1000
    print(
        f"{name}: {len(server.hits)} requests in {time.perf_counter() - begun:.0f} s ({kinds}); "
        f"members with a past: {int(whole.sum())}",
        flush=True,
    )
    server.hits.clear()


def killed_after(hits: int, server: Replay, environment: Mapping[str, str]) -> None:
    """Start an evening and kill it after so many requests."""
    with note(environment) as run:
        while len(server.hits) < hits and run.poll() is None:
            time.sleep(0.005)
        run.kill()


def first_evenings(server: Replay, day: RealDay, members: pd.DataFrame, place: Path) -> None:
    """Let a new archive grow, evening by evening, and kill the last."""
    archive = place / "archive"
    for session in EVENINGS:
        serve_evening(server, day, members, session)
        environment = environment_of(server, archive, session)
        begun = time.perf_counter()
        if session == KILLED:
            killed_after(40, server, environment)
            tell(f"{session.date()}, killed", server, begun, archive)
            begun = time.perf_counter()
        status = note(environment).wait()
        tell(f"{session.date()}, status {status}", server, begun, archive)


def steady_evenings(server: Replay, day: RealDay, members: pd.DataFrame, place: Path) -> None:
    """Tell of an ordinary evening, whole and taken up again after kills."""
    day = with_every_symbol(day)
    kept = place / "kept"
    keep_past(kept, day, members, KILLED)
    serve_evening(server, day, members, KILLED)
    for hits in (0, *KILLED_AFTER):
        archive = place / f"after-{hits}"
        shutil.copytree(kept, archive)
        environment = environment_of(server, archive, KILLED)
        begun = time.perf_counter()
        if hits:
            killed_after(hits, server, environment)
            tell(f"killed after {hits}", server, begun, archive)
            begun = time.perf_counter()
        status = note(environment).wait()
        tell(f"{'taken up again' if hits else 'whole'}, status {status}", server, begun, archive)


def environment_of(server: Replay, archive: Path, session: pd.Timestamp) -> dict[str, str]:
    """Return the settings of a desk on the evening of a session."""
    return {
        **addresses(server.url),
        "UNDERTOW_ARCHIVE": str(archive),
        "UNDERTOW_NOW": f"{session:%Y-%m-%d}T21:30:00+00:00",
    }


def main() -> None:
    """Print a line an evening."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.08, help="of each answer [s]")
    parser.add_argument("--steady", action="store_true", help="begin with every past kept")
    options = parser.parse_args()
    latency: float = options.latency

    def late(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        time.sleep(latency)
        send(handler, reply)

    day = read_real_day(Path(os.environ["UNDERTOW_MARKET"]))
    desk = set(day.prices["symbol"])
    members = member_bars(tuple(one for one in member_list().symbols if one not in desk))
    with tempfile.TemporaryDirectory() as place, serving(Replay()) as server:
        server.faults["/"] = late
        evenings = steady_evenings if options.steady else first_evenings
        evenings(server, day, members, Path(place))


if __name__ == "__main__":
    main()
