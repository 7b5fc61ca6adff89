"""The summary's JSON and the rows the driver reads."""

import json
from datetime import date
from pathlib import Path

import pytest

from analysis.options.chain import read_chain
from analysis.options.daily import daily_row, daily_table
from analysis.options.profile import net_gamma_at
from analysis.options.summary import summarise
from tests.analysis.options.made_up import SESSION, SPOT, cboe_json, contracts, quotedata, tidy_csv

KEYS = {
    "spot",
    "session",
    "contracts_used",
    "contracts_left_out",
    "oi_covered",
    "net_gamma_usd_per_pct",
    "flip",
    "large_gamma_strikes",
    "expiring",
    "vanna_usd_per_vol_point",
    "charm_usd_per_day",
    "hedge_usd",
    "profile",
    "as_of",
    "source",
}
CHAIN = read_chain(cboe_json(contracts()))


def test_the_json_has_every_fixed_key_and_no_nan() -> None:
    printed = json.loads(json.dumps(summarise(CHAIN).as_dict(), allow_nan=False))

    assert set(printed) >= KEYS
    assert set(printed["net_gamma_usd_per_pct"]) == {"naive", "short_calls", "all_short"}
    assert set(printed["flip"]) >= {"low", "mid", "high", "roots", "methods"}
    assert set(printed["large_gamma_strikes"]) == {"calls", "puts"}
    assert set(printed["expiring"]) == {"le_1d", "le_5d"}
    assert set(printed["hedge_usd"]) == {"-3", "-2", "-1", "1", "2", "3"}
    assert len(printed["profile"]["spot"]) == len(printed["profile"]["naive"])


def test_every_row_of_the_file_is_used_or_left_out() -> None:
    summary = summarise(CHAIN)

    assert summary.contracts_used + summary.contracts_left_out == len(contracts())


def test_shares_of_volume_are_dollars_over_dollars() -> None:
    summary = summarise(CHAIN)

    shares = summary.share_of(1e9)

    assert shares["hedge_1"] == pytest.approx(summary.hedge_usd["1"] / 1e9)
    with pytest.raises(ValueError, match="more than zero"):
        summary.share_of(0.0)


def test_more_calls_than_puts_is_naive_long_and_the_conventions_disagree() -> None:
    summary = summarise(CHAIN)

    assert summary.net_gamma_usd_per_pct["naive"] > 0.0
    assert not summary.conventions_agree


def test_a_put_heavy_chain_is_short_under_every_convention() -> None:
    puts_only = CHAIN.select(~CHAIN.is_call)
    with_a_call = CHAIN.select(~CHAIN.is_call | (CHAIN.strike == 6000.0))

    assert summarise(puts_only).net_gamma_usd_per_pct["short_calls"] == 0.0
    assert summarise(with_a_call).conventions_agree


def test_the_published_convention_uses_the_vendors_gamma() -> None:
    # Vendor gammas to four decimals, open interest of living contracts, calls less puts.
    rows = [row for row in contracts() if row.expiry > SESSION]
    expected = sum(
        row.gamma * row.open_interest * (1 if row.is_call else -1) * SPOT**2 for row in rows
    )

    summary = summarise(read_chain(quotedata(contracts()).encode()), "published")

    assert summary.net_gamma_usd_per_pct["naive"] == pytest.approx(expected, rel=1e-9)
    assert len(summary.profile.spot) == 60


def test_a_daily_row_has_gamma_at_both_ends_of_the_session() -> None:
    row = daily_row(CHAIN, prior_close=4900.0)

    assert row["date"] == row["known"] == SESSION
    assert row["naive_open_usd_per_pct"] == net_gamma_at(CHAIN, 4900.0)
    assert row["naive_usd_per_pct"] == net_gamma_at(CHAIN, SPOT)
    assert daily_row(CHAIN)["naive_open_usd_per_pct"] is None


def test_a_chain_saved_on_sunday_is_known_on_monday() -> None:
    sunday = quotedata(contracts(), '"Date: January 7, 2024 at 10:52 AM EST"')

    assert daily_row(read_chain(sunday.encode()))["known"] == date(2024, 1, 8)


def test_a_repeated_session_counts_once(tmp_path: Path) -> None:
    files = []
    for label in ("2024-01-05", "2024-01-08"):
        files.append(tmp_path / f"{label}.csv")
        files[-1].write_text(tidy_csv(contracts(), labelled=label))

    table = daily_table(files, lambda symbol, session: 4900.0)

    assert table["symbol"].tolist() == ["SPX"]
    assert table["naive_open_usd_per_pct"].notna().all()


def test_sessions_to_come_stay_out_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "chain.csv").write_text(tidy_csv(contracts()))

    assert daily_table([tmp_path / "chain.csv"], until=date(2024, 1, 4)).empty
