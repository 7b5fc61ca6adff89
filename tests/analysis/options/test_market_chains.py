"""Real chains of the market folder: every file reads, or says why not."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from analysis.options.chain import Chain, read_chain
from analysis.options.exposure import as_option, net_gamma_usd
from analysis.options.greeks import gamma
from analysis.options.summary import summarise

SESSIONS = {
    "AyourElw_Vqqq_quotedata_3944b1c": ("QQQ", date(2023, 9, 22), 358.23, 3170),
    "AyourElw_spx_quotedata_54aecf4": ("SPX", date(2023, 4, 17), 4151.3198, 8971),
    "aryamanw_tsla_quotedata_2e3d147": ("TSLA", date(2023, 8, 18), 218.8, 118),
    "carlosji_spx_quotedata_4e07487": ("SPX", date(2022, 3, 23), 4479.0898, 9501),
    "ndx_ayour24": ("NDX", date(2024, 3, 22), 18339.4434, 10502),
    "ndx_gflows": ("NDX", date(2022, 12, 12), 11706.4395, 9559),
    "qqq_ayour24": ("QQQ", date(2024, 3, 22), 445.65, 4920),
    "ralph-e-_quotedata_5ea1c59": ("SPY", date(2025, 4, 30), 560.36, 2438),
    "spx_gflows": ("SPX", date(2022, 12, 12), 3990.5601, 9578),
    "spx_phammings_modules": ("SPX", date(2024, 1, 5), 4697.2402, 10519),
    "spx_romankop": ("SPX", date(2023, 12, 8), 4604.3701, 3115),
    "spy_carlosjd": ("SPY", date(2023, 9, 14), 450.81, 3646),
}
"""Symbol, session, price and rows of each download, counted by hand with a spreadsheet's eye."""


@pytest.fixture
def chains(market_folder: Path) -> Path:
    return market_folder / "chains"


@pytest.mark.parametrize("name", SESSIONS)
def test_real_downloads_read_in_every_locale(name: str, chains: Path) -> None:
    symbol, session, spot, rows = SESSIONS[name]

    chain = read_chain(chains / "quotedata_csv" / f"{name}.csv.gz")

    assert (chain.symbol, chain.session, chain.spot) == (symbol, session, spot)
    assert chain.measurable.sum() + sum(chain.left_out.values()) == 2 * rows


@pytest.mark.parametrize("name", SESSIONS)
def test_recomputed_gamma_agrees_with_the_vendors_where_that_has_digits(
    name: str, chains: Path
) -> None:
    chain = read_chain(chains / "quotedata_csv" / f"{name}.csv.gz")
    digits = 0.0005 if chain.spot > 2000.0 else 0.003
    told = chain.select(chain.measurable & (chain.gamma > digits) & (chain.dte > 3))

    ratio = gamma(as_option(told)) / told.gamma

    # Where price and quotes are from different hours, gamma at the price is not the quotes' own.
    assert 0.9 < float(np.median(ratio)) < 1.06


def test_the_23rd_of_july_is_the_22nd_again(chains: Path) -> None:
    for symbol in ("SPX", "SPY"):
        again = read_chain(chains / "cboe" / symbol / "2026-07-23.csv.gz")

        assert again.session == date(2026, 7, 22)
        assert "labelled 2026-07-23" in again.notes[0]


def test_the_tables_own_trades_tell_the_session_without_the_file_beside_it(chains: Path) -> None:
    content = (chains / "cboe" / "SPX" / "2026-07-23.csv.gz").read_bytes()

    alone = read_chain(content)

    assert alone.session == date(2026, 7, 22)
    # Its quotes are from the evening, when the futures had moved on.
    assert alone.spot == pytest.approx(7498.96, rel=2e-3)


def test_a_fund_is_priced_at_its_close_and_not_after_hours(chains: Path) -> None:
    assert read_chain(chains / "cboe" / "SPY" / "2026-07-22.csv.gz").spot == 747.41


def test_the_raw_payload_reads(chains: Path) -> None:
    chain = read_chain(chains / "payloads" / "cboe_delayed_RUT_20230920.json.gz")

    assert (chain.symbol, chain.session, chain.spot) == ("RUT", date(2023, 9, 20), 1806.1193)
    assert set(chain.root.tolist()) == {"RUT", "RUTW"}


def test_single_names_read(chains: Path) -> None:
    chain = read_chain(chains / "single_names_20260821" / "AAPL.json.gz")

    assert (chain.symbol, chain.session, len(chain)) == ("AAPL", date(2026, 8, 21), 2418)


def without_soon(chain: Chain) -> Chain:
    return chain.select(chain.dte > 1)


def test_quotes_of_another_hour_move_the_naive_sum_by_less_than_two_per_cent_of_the_book(
    chains: Path,
) -> None:
    twice = [read_chain(chains / "cboe" / "SPX" / f"2026-07-{day}.csv.gz") for day in ("22", "23")]

    first, second = (net_gamma_usd(without_soon(chain)) for chain in twice)

    apart = abs(first["naive"] - second["naive"])
    assert apart < 0.02 * abs(first["all_short"])


def test_a_real_day_has_a_whole_summary(chains: Path) -> None:
    summary = summarise(read_chain(chains / "cboe" / "SPX" / "2026-08-05.csv.gz"))

    assert summary.oi_covered > 0.99
    assert summary.flip.low is not None
    assert summary.flip.low < summary.spot
    assert 7000.0 not in summary.large_gamma_strikes["puts"]
    assert summary.hedge_usd["1"] < 0.0 < summary.hedge_usd["-1"]
