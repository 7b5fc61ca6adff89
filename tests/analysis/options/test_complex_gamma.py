"""One complex out of indices, funds and single names."""

from datetime import date
from pathlib import Path

import pytest

from analysis.options.chain import ChainError, read_chain
from analysis.options.complex_gamma import add_up, part_of
from analysis.options.summary import GammaSummary, summarise
from tests.analysis.options.made_up import chain


def at_the_money(symbol: str, contracts: float, session: date = date(2024, 1, 5)) -> GammaSummary:
    """Return a summary of one call at 100, worth 198.4763 USD per 1 % a contract."""
    return summarise(chain([(100.0, True, contracts, 365)], symbol=symbol, session=session))


def test_dollars_of_an_index_its_fund_and_a_member_add_up() -> None:
    whole = add_up(
        [at_the_money("SPX", 1000.0), at_the_money("SPY", 500.0), at_the_money("AAPL", 100.0)],
        {"AAPL": 0.07},
    )

    assert whole.net_gamma_usd_per_pct["naive"] == pytest.approx(1600 * 198.4763, rel=1e-6)
    assert whole.net_gamma_usd_per_pct["all_short"] == pytest.approx(-1600 * 198.4763, rel=1e-6)
    assert whole.by_part["funds"]["naive"] == pytest.approx(500 * 198.4763, rel=1e-6)
    assert list(whole.by_symbol) == ["SPX", "SPY", "AAPL"]
    assert whole.index_weight_covered == 0.07


def test_a_name_of_unknown_weight_is_left_out_and_named() -> None:
    whole = add_up([at_the_money("SPX", 10.0), at_the_money("XYZ", 10.0)])

    assert whole.left_out == {"XYZ": "its weight in the index is not known"}
    assert list(whole.by_symbol) == ["SPX"]


def test_two_sessions_never_add_up() -> None:
    with pytest.raises(ChainError, match="sessions 2024-01-04, 2024-01-05"):
        add_up([at_the_money("SPX", 1.0), at_the_money("SPY", 1.0, date(2024, 1, 4))])


def test_one_underlying_counts_once() -> None:
    with pytest.raises(ChainError, match="SPX comes twice"):
        add_up([at_the_money("SPX", 1.0), at_the_money("SPX", 2.0)])


def test_parts_are_told_by_symbol() -> None:
    assert [part_of(symbol) for symbol in ("NDX", "IWM", "TSLA")] == [
        "indices",
        "funds",
        "single_names",
    ]


def test_the_real_index_and_its_fund_of_one_evening(market_folder: Path) -> None:
    summaries = [
        summarise(read_chain(market_folder / "chains" / "cboe" / symbol / "2026-08-05.csv.gz"))
        for symbol in ("SPX", "SPY")
    ]

    whole = add_up(summaries)

    assert whole.session == "2026-08-05"
    assert whole.net_gamma_usd_per_pct["all_short"] == pytest.approx(
        sum(one.net_gamma_usd_per_pct["all_short"] for one in summaries)
    )
