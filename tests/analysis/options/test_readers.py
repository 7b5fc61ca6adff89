"""The same chain, printed by every vendor, is the same chain."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from analysis.options.chain import Chain, ChainError, read_chain
from analysis.options.formats import all_readers
from analysis.options.yfinance_frames import chain_from_yfinance
from tests.analysis.options.made_up import (
    SESSION,
    SPOT,
    Contract,
    cboe_json,
    contracts,
    quote_list,
    quotedata,
    tidy_csv,
    yahoo_frame,
)


class YahooAnswer(NamedTuple):
    """What yfinance's option_chain returns."""

    calls: pd.DataFrame | None
    puts: pd.DataFrame | None
    underlying: dict[str, object] | None


ROWS = contracts()
CLOSED = datetime(2024, 1, 5, 21, 0, tzinfo=UTC).timestamp()


def from_yahoo(rows: list[Contract] = ROWS, **quote: object) -> Chain:
    underlying = {"symbol": "^SPX", "regularMarketPrice": SPOT, "regularMarketTime": CLOSED}
    answers = [
        YahooAnswer(
            yahoo_frame([row for row in rows if row.expiry == expiry and row.is_call]),
            yahoo_frame([row for row in rows if row.expiry == expiry and not row.is_call]),
            underlying | quote,
        )
        for expiry in sorted({row.expiry for row in rows})
    ]
    return chain_from_yfinance(answers)


def sorted_columns(chain: Chain) -> list[np.ndarray]:
    order = np.lexsort((chain.is_call, chain.strike, chain.expiry))
    return [
        column[order]
        for column in (chain.expiry, chain.strike, chain.is_call, chain.open_interest, chain.iv)
    ]


CHAINS: dict[str, Callable[[], Chain]] = {
    "quotedata": lambda: read_chain(quotedata(ROWS).encode()),
    "cboe_json": lambda: read_chain(cboe_json(ROWS)),
    "quote_list_json": lambda: read_chain(quote_list(ROWS)),
    "tidy_csv": lambda: read_chain(tidy_csv(ROWS).encode()),
    "yahoo": from_yahoo,
}


@pytest.mark.parametrize("name", CHAINS)
def test_every_format_gives_the_same_contracts_session_and_price(name: str) -> None:
    chain = CHAINS[name]()

    assert chain.session == SESSION
    assert chain.symbol == "SPX"
    assert chain.spot == pytest.approx(SPOT, rel=1e-4)
    expected = sorted_columns(CHAINS["cboe_json"]())
    for mine, theirs in zip(sorted_columns(chain), expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_reader_is_a_file_in_the_folder() -> None:
    assert {"quotedata", "cboe_json", "quote_list_json", "tidy_csv"} <= set(all_readers())


def test_gzip_is_undone() -> None:
    assert len(read_chain(gzip.compress(cboe_json(ROWS)))) == 246


def test_after_the_close_a_fund_is_priced_at_its_close() -> None:
    evening = cboe_json(ROWS, current_price=SPOT + 20.0)

    assert read_chain(evening).spot == SPOT


def test_during_the_session_the_latest_trade_is_the_price() -> None:
    noon = cboe_json(ROWS, current_price=SPOT + 4.0, last_trade_time="2024-01-05T12:00:00")
    noon = noon.replace(b"2024-01-05 22:52:31", b"2024-01-05 17:00:10")

    assert read_chain(noon).spot == SPOT + 4.0


def test_a_file_fetched_after_midnight_holds_the_session_before() -> None:
    chain = read_chain(tidy_csv(ROWS, labelled="2024-01-08").encode())

    assert chain.session == SESSION
    assert "labelled 2024-01-08 but holds the session of 2024-01-05" in chain.notes[0]


def test_index_options_traded_at_night_still_belong_to_the_session_before() -> None:
    chain = read_chain(tidy_csv(ROWS, last_trade="2024-01-08T02:30:00").encode())

    assert chain.session == SESSION


def test_the_file_beside_the_folder_has_price_and_time(tmp_path: Path) -> None:
    folder = tmp_path / "SPX"
    folder.mkdir()
    (folder / "2024-01-05.csv").write_text(tidy_csv(ROWS))
    (tmp_path / "underlying.csv").write_text(
        "session_date,ticker,fetched_at_utc,current_price,close,last_trade_time\n"
        "2024-01-05,_SPX,2024-01-05T22:41:00Z,5003.5,5001.25,2024-01-05T16:14:59\n"
    )

    chain = read_chain(folder / "2024-01-05.csv")

    assert (chain.spot, chain.as_of) == (5001.25, "2024-01-05T22:41:00Z")


def test_a_list_made_on_saturday_is_fridays() -> None:
    chain = read_chain(quote_list(ROWS, updated="2024-01-06T09:50:09-05:00"))

    assert (chain.session, chain.as_of) == (SESSION, "2024-01-06T14:50:09Z")


def test_yahoos_night_is_refused() -> None:
    with pytest.raises(ChainError, match="no open interest"):
        from_yahoo([Contract(**{**vars(row), "open_interest": 0}) for row in ROWS])


@pytest.mark.parametrize("name", ["AMZN", "BEKE", "BFLY", "GOOG", "QQQ"])
def test_chains_yahoo_really_sent_at_night_are_refused(name: str, market_folder: Path) -> None:
    recorded = market_folder / "yahoo_http" / "recorded" / f"options-{name}.json"
    body = json.loads(recorded.read_text("utf-8"))["body"]
    answer = (json.loads(body) if isinstance(body, str) else body)["optionChain"]["result"][0]
    sides = answer["options"][0]
    frames = YahooAnswer(pd.DataFrame(sides["calls"]), pd.DataFrame(sides["puts"]), answer["quote"])

    with pytest.raises(ChainError, match="no open interest at all"):
        chain_from_yfinance([frames])


def test_yahoos_empty_answers_are_refused() -> None:
    with pytest.raises(ChainError, match="empty chains"):
        chain_from_yfinance([YahooAnswer(None, None, None)])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"hello", "no format known"),
        (b'{"files": ["AAPL"], "count": 1}', "no format known"),
        (cboe_json(ROWS)[:-2000], "cut"),
        (quote_list(ROWS)[:-10], "cut"),
        (gzip.compress(cboe_json(ROWS))[:-40], "cut or damaged"),
        (tidy_csv(ROWS).encode()[:-30], "cut"),
        (cboe_json([]), "no format known|no options"),
    ],
    ids=["empty", "prose", "an index", "json", "list", "gzip", "tidy", "no rows"],
)
def test_what_cannot_be_read_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(ChainError, match=reason):
        read_chain(content)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ChainError, match=r"cannot open .*nowhere\.csv"):
        read_chain("nowhere.csv")


def test_an_error_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_bytes(cboe_json(ROWS)[:-100])

    with pytest.raises(ChainError, match=r"^odd\.json: "):
        read_chain(tmp_path / "odd.json")


def test_the_session_asked_for_must_be_the_files() -> None:
    with pytest.raises(ChainError, match="holds the session of 2024-01-05, not of 2024-01-04"):
        read_chain(cboe_json(ROWS), session=date(2024, 1, 4))
