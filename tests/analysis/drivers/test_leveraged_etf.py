"""What leveraged and inverse funds must trade."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.drivers.leveraged_etf import leveraged_etf
from analysis.funds import shipped_funds
from analysis.market import INDEX, Market
from analysis.sources.folder import FolderSource
from tests.markets import (
    ANSWERS,
    MARKET,
    assert_knows_nothing_of_tomorrow,
    fund_list,
    index_market,
    one_fund_market,
    random_closes,
)

MULTIPLES = pd.read_csv(ANSWERS / "leveraged_etf_multiples.csv")

NEAR_CITI = {"ndx": 0.35, "spx": 0.35, "rty": 0.35, "semis": 0.75, "tech": 0.75}
"""How far a bucket may lie from Citi's count of 9 April 2025, as a share of it."""


def last(market: Market) -> pd.Series:
    return leveraged_etf.measure(market).iloc[-1]


def with_assets(market: Market, **assets: list[float]) -> Market:
    table = pd.DataFrame(assets, index=market.sessions)
    quality = pd.DataFrame("issuer", index=table.index, columns=table.columns)
    return replace(market, fund_assets_usd=table, fund_assets_quality=quality)


@pytest.mark.parametrize(
    ("leverage", "multiple"), list(zip(MULTIPLES.leverage, MULTIPLES.multiple, strict=True))
)
def test_a_fund_of_100_trades_by_the_published_multiple_after_a_one_percent_day(
    leverage: float, multiple: float
) -> None:
    day = one_fund_market(leverage=leverage, prior_assets_usd=100.0, underlying_return=0.01)

    assert last(day).identity_usd == pytest.approx(multiple)
    assert last(day).usd_per_pct == pytest.approx(multiple)


def test_bull_and_bear_funds_both_buy_into_a_rally() -> None:
    bull = one_fund_market(leverage=3.0, prior_assets_usd=100.0, underlying_return=0.02)
    bear = one_fund_market(leverage=-3.0, prior_assets_usd=100.0, underlying_return=0.02)

    assert last(bull).flow_mid_usd > 0.0
    assert last(bear).flow_mid_usd > 0.0


def test_the_range_of_a_sale_is_ordered_as_numbers() -> None:
    day = one_fund_market(leverage=2.0, prior_assets_usd=500.0, underlying_return=-0.1)

    row = last(day)

    assert row.identity_usd == pytest.approx(-100.0)
    assert list(row[["flow_low_usd", "flow_mid_usd", "flow_high_usd"]]) == pytest.approx(
        [-100.0, -90.0, -26.0]
    )


def test_money_that_arrives_during_the_session_does_not_change_its_trade() -> None:
    day = index_market([100.0, 101.0])
    day = replace(day, leveraged_funds=fund_list(FUND=(3.0, INDEX, "SPX", "")))

    assert last(with_assets(day, FUND=[100.0, 900.0])).identity_usd == pytest.approx(6.0)


def test_a_stale_bull_fund_grows_with_its_leverage_and_a_stale_bear_fund_is_held() -> None:
    days = index_market([100.0, 110.0, 99.0])
    listed = fund_list(BULL=(3.0, INDEX, "SPX", ""), BEAR=(-3.0, INDEX, "NDX", ""))
    days = with_assets(
        replace(days, leveraged_funds=listed),
        BULL=[100.0, np.nan, np.nan],
        BEAR=[100.0, np.nan, np.nan],
    )

    row = last(days)

    assert row.bucket_spx_usd == pytest.approx(6.0 * 130.0 * -0.1)
    assert row.bucket_ndx_usd == pytest.approx(12.0 * 100.0 * -0.1)
    assert row.assets_age_days == 1.0
    assert row.as_of_assets == days.sessions[0]


def test_a_figure_older_than_a_year_of_sessions_is_no_figure() -> None:
    days = index_market([100.0 + day % 2 for day in range(256)])
    days = replace(days, leveraged_funds=fund_list(FUND=(2.0, INDEX, "SPX", "")))

    flows = leveraged_etf.measure(with_assets(days, FUND=[100.0] + [np.nan] * 255)).flow_mid_usd

    assert np.isfinite(flows.iloc[1:254]).all()
    assert flows.iloc[254:].isna().all()


def test_before_the_panel_the_total_is_the_published_sensitivity_between_two_dates() -> None:
    days = index_market([100.0, 100.0, 101.5, 101.5])
    published = pd.DataFrame(
        {"date": [days.sessions[1], days.sessions[3]], "usd_per_pct": [1e9, 4e9]}
    )

    rows = leveraged_etf.measure(replace(days, leveraged_sensitivity=published))

    assert rows.usd_per_pct.tolist() == pytest.approx([1e9, 1e9, 2e9, 4e9])
    assert rows.identity_usd.iloc[2] == pytest.approx(3e9)
    assert rows.filter(like="bucket_").isna().all(axis=None)
    assert (rows.backcast_fraction == 1.0).all()
    assert rows.source.str.contains("backcast").all()


def test_after_the_last_published_date_the_sensitivity_grows_old() -> None:
    days = index_market([100.0, 101.0, 102.0])
    published = pd.DataFrame({"date": [days.sessions[0]], "usd_per_pct": [1e9]})

    rows = leveraged_etf.measure(replace(days, leveraged_sensitivity=published))

    assert rows.age_assets.tolist() == [0.0, 1.0, 2.0]


def test_a_few_known_funds_do_not_stand_for_all_of_them() -> None:
    days = index_market([100.0, 101.0])
    listed = fund_list(
        A=(2.0, INDEX, "SPX", ""), B=(2.0, INDEX, "SPX", ""), C=(2.0, INDEX, "SPX", "")
    )
    days = with_assets(replace(days, leveraged_funds=listed), A=[100.0, 100.0])
    published = pd.DataFrame({"date": [days.sessions[0]], "usd_per_pct": [1e9]})

    assert last(replace(days, leveraged_sensitivity=published)).identity_usd == pytest.approx(1e9)
    assert last(days).identity_usd == pytest.approx(2.0)
    assert last(days).covered_fraction == pytest.approx(1.0 / 3.0)


def test_a_proxy_speaks_for_an_underlying_without_prices_and_is_shown() -> None:
    days = index_market([100.0, 101.0], others={"SMH": [50.0, 55.0]})
    listed = fund_list(CHIP=(3.0, "SOXX", "SEMI", "SMH"), WIDE=(3.0, INDEX, "SPX", ""))
    days = with_assets(
        replace(days, leveraged_funds=listed), CHIP=[300.0, 330.0], WIDE=[100.0, 103.0]
    )

    row = last(days)

    assert row.bucket_semis_usd == pytest.approx(6.0 * 300.0 * 0.1)
    assert row.proxied_fraction == pytest.approx(0.75)


def test_a_fund_without_an_underlying_leaves_the_sum_and_counts_by_its_assets() -> None:
    days = index_market([100.0, 101.0])
    listed = fund_list(LOST=(3.0, "NOWHERE", "SEMI", ""), WIDE=(2.0, INDEX, "SPX", ""))
    days = with_assets(
        replace(days, leveraged_funds=listed), LOST=[100.0, 100.0], WIDE=[300.0, 306.0]
    )

    row = last(days)

    assert row.identity_usd == pytest.approx(2.0 * 300.0 * 0.01)
    assert np.isnan(row.bucket_semis_usd)
    assert row.covered_fraction == pytest.approx(0.75)
    assert row.has_underlying == pytest.approx(0.75)


def test_funds_on_volatility_bonds_coins_and_china_trade_no_us_stocks() -> None:
    elsewhere = {name: (2.0, INDEX, name, "") for name in ("VIX", "BOND", "CRYPTO", "CHINA")}
    days = replace(
        index_market([100.0, 101.0]),
        leveraged_funds=fund_list(WIDE=(2.0, INDEX, "SPX", ""), **elsewhere),
    )
    days = with_assets(days, **{name: [100.0, 100.0] for name in ("WIDE", *elsewhere)})

    assert last(days).identity_usd == pytest.approx(2.0)
    assert last(days).covered_fraction == 1.0


def test_the_buckets_add_up_to_the_whole() -> None:
    row = last(small_market())

    assert row.filter(like="bucket_").sum() == pytest.approx(row.identity_usd)


def test_a_backcast_is_called_one() -> None:
    told, guessed = (
        one_fund_market(leverage=2.0, prior_assets_usd=1.0, underlying_return=0.01, quality=quality)
        for quality in ("issuer", "backcast")
    )

    assert (last(told).backcast_fraction, last(guessed).backcast_fraction) == (0.0, 1.0)
    assert "as published" in last(told).source
    assert "backcast" in last(guessed).source
    assert last(guessed).has_assets < last(told).has_assets


def test_assets_of_unknown_origin_count_as_a_backcast() -> None:
    day = one_fund_market(leverage=2.0, prior_assets_usd=1.0, underlying_return=0.01)

    assert last(replace(day, fund_assets_quality=pd.DataFrame())).backcast_fraction == 1.0


def test_with_neither_assets_nor_sensitivity_there_is_no_flow() -> None:
    rows = leveraged_etf.measure(index_market([100.0, 101.0, 99.0]))

    assert rows[["flow_mid_usd", "identity_usd", "z"]].isna().all(axis=None)
    assert not (rows.has_assets > 0.0).any()


def test_where_only_the_assets_are_missing_the_underlyings_are_not_blamed() -> None:
    days = index_market([100.0, 101.0])
    listed = fund_list(WIDE=(2.0, INDEX, "SPX", ""), LOST=(2.0, "NOWHERE", "SEMI", ""))

    assert last(replace(days, leveraged_funds=listed)).has_underlying == 0.5


def test_a_list_that_names_neither_underlying_nor_proxy_has_no_flow() -> None:
    days = index_market([100.0, 101.0])
    listed = pd.DataFrame({"leverage": [2.0], "bucket": ["SPX"]}, index=["FUND"])

    row = last(with_assets(replace(days, leveraged_funds=listed), FUND=[100.0, 100.0]))

    assert np.isnan(row.flow_mid_usd)
    assert (row.has_assets, row.has_underlying, row.covered_fraction) == (1.0, 0.0, 0.0)


def test_a_list_without_funds_on_us_stocks_has_no_flow() -> None:
    days = index_market([100.0, 101.0])
    days = replace(days, leveraged_funds=fund_list(FEAR=(2.0, "VIXY", "VIX", "")))

    assert np.isnan(last(with_assets(days, FEAR=[100.0, 100.0])).flow_mid_usd)


def test_the_flow_is_weighed_against_a_normal_days_trading() -> None:
    days = index_market([100.0] * 20 + [110.0], traded_usd=1000.0)
    days = replace(days, leveraged_funds=fund_list(FUND=(2.0, INDEX, "SPX", "")))

    row = last(with_assets(days, FUND=[50.0] * 21))

    assert row.share_of_adv == pytest.approx(0.9 * 10.0 / 1000.0)


def test_the_move_of_what_the_funds_follow_is_told_beside_the_move_of_the_index() -> None:
    days = index_market([100.0, 102.0])
    # A fund on the index alone moves as far as it: its own index over the index is one.
    days = replace(days, leveraged_funds=fund_list(FUND=(2.0, INDEX, "SPX", "")))
    still = index_market([100.0, 100.1])
    still = replace(still, leveraged_funds=fund_list(FUND=(2.0, INDEX, "SPX", "")))

    assert last(with_assets(days, FUND=[50.0, 50.0])).move_per_index == pytest.approx(1.0)
    assert np.isnan(last(with_assets(still, FUND=[50.0, 50.0])).move_per_index)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-0.2, 0.2), min_size=3, max_size=3),
    st.lists(st.sampled_from([-3.0, -2.0, -1.0, 2.0, 3.0]), min_size=3, max_size=3),
)
def test_a_fall_makes_the_funds_sell_what_the_same_rise_makes_them_buy(
    day_returns: list[float], leverages: list[float]
) -> None:
    rise, fall = (three_funds(day_returns, leverages, sign=sign) for sign in (1.0, -1.0))

    assert rise.identity_usd == pytest.approx(-fall.identity_usd, abs=1e-9)
    assert rise.flow_low_usd == pytest.approx(-fall.flow_high_usd, abs=1e-9)


def test_no_session_knows_the_assets_prices_or_funds_of_later_ones() -> None:
    days = small_market()
    some = [days.sessions[at] for at in (0, 1, 40, 61, 119, 130, 299)]

    assert_knows_nothing_of_tomorrow(leveraged_etf, days, some)


def test_the_projects_own_list_is_complete_and_dated() -> None:
    funds = shipped_funds()

    assert funds.index.is_unique
    assert {"TQQQ", "SQQQ", "SOXL", "TNA", "UVXY"} <= set(funds.index)
    assert funds.leverage.between(-3.0, 3.0).all()
    assert pd.to_datetime(funds.dated).notna().all()
    assert "assets" not in " ".join(funds.columns)


def test_without_a_list_from_the_market_the_projects_own_is_used() -> None:
    days = with_assets(index_market([100.0, 101.0]), SSO=[100.0, 102.0])

    assert last(days).bucket_spx_usd == pytest.approx(2.0)


@pytest.mark.skipif(not MARKET.exists(), reason=f"no market folder at {MARKET}")
def test_on_9_april_2025_the_buckets_are_near_what_citi_counted() -> None:
    desks = pd.read_csv(MARKET / "published/desk_estimates.csv")
    citi = desks[(desks.session == "2025-04-09") & desks.source.str.startswith("Citi")]
    counted_usd = citi.set_index("quantity")["value"].astype(float) * 1e9

    row = last(FolderSource(MARKET).fetch(pd.Timestamp("2025-04-09")))

    for bucket, within in NEAR_CITI.items():
        counted = counted_usd[f"leveraged_etf_{bucket}"]
        assert row[f"bucket_{bucket}_usd"] == pytest.approx(counted, rel=within), bucket


def three_funds(day_returns: list[float], leverages: list[float], *, sign: float) -> pd.Series:
    others = {
        name: [100.0, 100.0 * (1.0 + sign * move)]
        for name, move in zip("ABC", day_returns, strict=True)
    }
    listed = fund_list(
        **{
            f"FUND{name}": (leverage, name, "SINGLE", "")
            for name, leverage in zip("ABC", leverages, strict=True)
        }
    )
    days = replace(index_market([100.0, 100.0], others=others), leveraged_funds=listed)
    return last(with_assets(days, FUNDA=[100.0] * 2, FUNDB=[50.0] * 2, FUNDC=[10.0] * 2))


def small_market() -> Market:
    """Return 300 sessions with stale, late and proxied funds after a stretch of sensitivities."""
    count = 300
    days = index_market(
        random_closes(count, 1),
        others={
            "SMH": random_closes(count, 3),
            "TSLA": [np.nan] * 60 + random_closes(count - 60, 2),
        },
        traded_usd=1e6,
    )
    listed = fund_list(
        WIDE=(2.0, INDEX, "SPX", ""),
        CHIP=(3.0, "SOXX", "SEMI", "SMH"),
        CAR=(-2.0, "TSLA", "SINGLE", ""),
        CLINIC=(3.0, INDEX, "HLTH", ""),
    )
    every_fifth = [100.0 + day if day % 5 == 0 and day >= 120 else np.nan for day in range(count)]
    published = pd.DataFrame({"date": [days.sessions[100]], "usd_per_pct": [40.0]})
    days = replace(days, leveraged_funds=listed, leveraged_sensitivity=published)
    return with_assets(
        days,
        WIDE=[50.0] * count,
        CHIP=every_fifth,
        CAR=[np.nan] * 61 + [20.0] * (count - 61),
        CLINIC=every_fifth,
    )
