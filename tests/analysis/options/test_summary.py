"""The summary's JSON, its counts and its conventions."""

import json

import pytest

from analysis.options.chain import read_chain
from analysis.options.summary import summarise
from tests.analysis.options.made_up import SESSION, SPOT, cboe_json, contracts, quotedata

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
