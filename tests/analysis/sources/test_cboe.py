"""Cboe's chains are of the session asked about, or they are refused with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from analysis.sources import guard
from analysis.sources.archive import FolderShelf
from analysis.sources.cboe import Cboe
from analysis.sources.faults import Fault, VendorError
from analysis.sources.folder.prices import PRICES
from analysis.sources.http import Http
from analysis.sources.reconcile import reconciled
from analysis.sources.tables import CBOE_INDICES, CHAIN_TOTALS, normal
from analysis.sources.vendor import Item
from tests.replay.quick import quick_gate
from tests.replay.server import Replay, Reply, serving
from tests.replay.vendors import chain_routes, history_routes, ratio_route

SESSION = pd.Timestamp("2026-07-29")


class OneShelf:
    """A shelf that holds some tables."""

    def __init__(self, **tables: pd.DataFrame) -> None:
        self._tables = {
            "totals": CHAIN_TOTALS.path,
            "prices": PRICES.path,
            "cboe": CBOE_INDICES.path,
        }
        self._held = {self._tables[name]: rows for name, rows in tables.items()}

    def table(self, path: str) -> pd.DataFrame:
        """Return what is held of a file."""
        return self._held.get(path, normal(path, pd.DataFrame()))

    def asked(self, vendor: str) -> frozenset[str]:
        """Return nothing: nobody was asked."""
        return frozenset()


def chain_json(day: str = "2026-07-29", volume: float = 5.0) -> bytes:
    """Return a small chain of SPY around 100 dollars."""
    options = [
        {
            "option": f"SPY260821{right}{strike * 1000:08d}",
            **{"bid": 1.0, "ask": 1.1, "iv": 0.2, "gamma": 0.01, "delta": 0.5},
            **{"open_interest": 1000.0, "volume": volume, "last_trade_time": f"{day}T15:59:00"},
        }
        for strike in range(90, 111)
        for right in "CP"
    ]
    data = {
        "symbol": "SPY",
        "options": options,
        **{"current_price": 100.0, "close": 100.0, "prev_day_close": 100.0},
        "last_trade_time": f"{day}T16:00:00",
    }
    return json.dumps({"timestamp": f"{day} 21:00:00", "symbol": "SPY", "data": data}).encode()


@pytest.fixture
def server() -> Iterator[Replay]:
    with serving(Replay()) as replayed:
        yield replayed


@pytest.fixture
def cboe(server: Replay, tmp_path: Path) -> Iterator[Cboe]:
    http = Http(quick_gate(), tmp_path)
    yield Cboe(http, server.url)
    http.close()


def totals(volume: float, open_interest: float = 42_000.0) -> pd.DataFrame:
    row = {"date": "2026-07-28", "symbol": "SPY", "contracts": 42}
    return normal(
        CHAIN_TOTALS.path, pd.DataFrame([{**row, "open_interest": open_interest, "volume": volume}])
    )


def ask(cboe: Cboe, shelf: OneShelf, key: str = "chain/SPY") -> tuple[Fault | None, str]:
    try:
        found = cboe.ask(Item(key=key, feed="chains"), SESSION, shelf)
    except VendorError as error:
        return error.fault, error.problem
    return None, "; ".join(found.problems)


def test_a_chain_of_the_session_is_kept_under_its_day(server: Replay, cboe: Cboe) -> None:
    chain_routes(server, {"SPY": chain_json()})

    found = cboe.ask(Item(key="chain/SPY", feed="chains"), SESSION, OneShelf())

    assert found.final
    assert found.chains[0].name == "chains/payloads/cboe_delayed_SPY_20260729.json.gz"
    (row,) = found.facts[0].rows.to_dict("records")
    assert (row["contracts"], row["open_interest"], row["volume"]) == (42.0, 42_000.0, 210.0)


def test_a_chain_under_the_other_spelling_is_found(server: Replay, cboe: Cboe) -> None:
    chain_routes(server, {"SPY": chain_json()})

    assert ask(cboe, OneShelf(), "chain/_SPY") == (None, "")


def test_a_chain_of_another_symbol_is_refused(server: Replay, cboe: Cboe) -> None:
    chain_routes(server, {"_SPX": chain_json()})

    fault, problem = ask(cboe, OneShelf(), "chain/_SPX")

    assert fault is Fault.UNREADABLE
    assert problem == "the _SPX chain is of SPY"


def test_a_chain_fetched_the_next_day_is_refused(server: Replay, cboe: Cboe) -> None:
    chain_routes(server, {"SPY": chain_json("2026-07-30")})

    fault, problem = ask(cboe, OneShelf())

    assert fault is Fault.STALE
    assert "2026-07-30" in problem


def test_the_last_session_again_is_known_by_its_volume(server: Replay, cboe: Cboe) -> None:
    chain_routes(server, {"SPY": chain_json()})

    fault, problem = ask(cboe, OneShelf(totals=totals(volume=210.0)))

    assert fault is Fault.STALE
    assert guard.REPEATED_CHAIN in problem


def test_a_chain_twice_the_size_is_kept_and_named(server: Replay, cboe: Cboe) -> None:
    chain_routes(server, {"SPY": chain_json()})

    fault, problem = ask(cboe, OneShelf(totals=totals(volume=7.0, open_interest=14_000.0)))

    assert fault is None
    assert "3 times" in problem


def test_a_chain_without_open_interest_is_refused(server: Replay, cboe: Cboe) -> None:
    night = json.loads(chain_json())
    for option in night["data"]["options"]:
        option["open_interest"] = 0.0
    server.routes["/"] = lambda _: Reply(body=json.dumps(night).encode())

    fault, problem = ask(cboe, OneShelf())

    assert fault is Fault.UNREADABLE
    assert "no open interest" in problem


def test_put_and_call_volume_of_the_day_is_read(server: Replay, cboe: Cboe) -> None:
    row = {"date": "2026-07-29", "pcr_total": 1.01, "pcr_index": 1.06, "pcr_equity": 0.67}
    ratio_route(server, pd.DataFrame([row]))

    found = cboe.ask(Item(key="put_call", feed="ratios"), SESSION, OneShelf())

    (read,) = found.facts[0].rows.to_dict("records")
    assert (read["pcr_total"], read["pcr_index"], read["pcr_equity"]) == (1.01, 1.06, 0.67)


def test_ratios_that_are_not_out_yet_are_no_failure_of_the_host(server: Replay, cboe: Cboe) -> None:
    ratio_route(server, pd.DataFrame(columns=["date"]))

    fault, _ = ask(cboe, OneShelf(), "put_call")

    assert fault is Fault.NOT_YET


def test_an_indexs_file_gives_closes_by_day(server: Replay, cboe: Cboe) -> None:
    rows = pd.DataFrame({"date": ["2026-07-28", "2026-07-29"], "close": [15.0, 17.5]})
    history_routes(server, {"VIX": rows, "VVIX": rows})

    for name in ("VIX", "VVIX"):
        found = cboe.ask(Item(key=f"history/{name}", feed="indices"), SESSION, OneShelf())
        assert found.final
        assert found.facts[0].rows["close"].tolist() == [15.0, 17.5]


def price_rows(symbol: str, closes: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame([{"date": d, "symbol": symbol, "close": c} for d, c in closes.items()])


def shelf_of(yahoo: list[pd.DataFrame], cboe: list[pd.DataFrame]) -> OneShelf:
    return OneShelf(
        prices=normal(PRICES.path, pd.concat(yahoo)),
        cboe=normal(CBOE_INDICES.path, pd.concat(cboe)),
    )


def test_two_closes_of_the_vix_that_differ_are_both_told_and_not_averaged() -> None:
    shelf = shelf_of(
        [price_rows("^VIX", {"2026-07-29": 18.0})], [price_rows("^VIX", {"2026-07-29": 17.5})]
    )

    filled, disputes = reconciled(shelf, SESSION)

    assert filled is None
    assert disputes == [
        ("Cboe volatility indices", "^VIX of 2026-07-29: Yahoo 18, Cboe 17.5; Yahoo's is used")
    ]


def test_a_session_that_yahoo_lacks_is_filled_from_the_publisher() -> None:
    shelf = shelf_of(
        [price_rows("^VIX", {"2026-07-28": 15.0})],
        [price_rows("^VIX", {"2026-07-28": 15.0, "2026-07-29": 17.5})],
    )

    filled, disputes = reconciled(shelf, SESSION)

    assert disputes == []
    assert filled is not None
    assert filled.rows["close"].tolist() == [17.5]


def test_a_fund_far_from_its_index_is_told() -> None:
    shelf = shelf_of(
        [
            price_rows("^GSPC", {"2026-07-28": 100.0, "2026-07-29": 101.0}),
            price_rows("SPY", {"2026-07-28": 10.0, "2026-07-29": 10.4}),
        ],
        [price_rows("^VIX", {"2026-07-29": 17.5})],
    )

    _, disputes = reconciled(shelf, SESSION)

    assert disputes == [
        ("Yahoo prices", "2026-07-29: the index moved +1.00%, SPY +4.00%; the index is used")
    ]


def test_a_history_multiplied_throughout_was_rescaled_and_a_single_correction_was_not() -> None:
    days = pd.date_range("2026-07-20", periods=8)
    before = pd.Series(100.0, index=days)

    assert guard.rescaled(before, before / 10.0)
    assert not guard.rescaled(before, before.where(days != days[3], 90.0))
    assert not guard.rescaled(before.iloc[:0], before)


def test_an_empty_folder_is_an_empty_shelf(tmp_path: Path) -> None:
    assert FolderShelf(tmp_path).table(PRICES.path).empty
