"""What must be traded by the bell is the evening's identity at the prices of now."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.drivers.leveraged_etf import leveraged_etf
from analysis.drivers.vol_control import vol_control
from analysis.into_close import (
    IntoClose,
    NoEstimateError,
    Scenario,
    SessionPrices,
    estimate_into_close,
    wanted_symbols,
)
from analysis.market import INDEX, Market
from analysis.simulate import scenarios
from tests.markets import fund_list, index_market

TUESDAY = pd.Timestamp("2025-06-10")
AT = pd.Timestamp("2025-06-10 15:35", tz="America/New_York").tz_convert("UTC")
LISTED = {"BULL": (3.0, INDEX, "SPX", ""), "OTHER": (3.0, "XYZ", "SEMI", "PRX")}


def monday(assets: dict[str, float], listed: dict[str, tuple[float, str, str, str]]) -> Market:
    """Return the evening of Monday 9 June 2025: everything closed at 100."""
    others = {"XYZ": [100.0] * 3, "PRX": [100.0] * 3}
    market = index_market([100.0, 100.0, 100.0], others=others, first="2025-06-05")
    table = pd.DataFrame([assets] * 3, index=market.sessions)
    quality = pd.DataFrame("issuer", index=table.index, columns=table.columns)
    return replace(
        market,
        leveraged_funds=fund_list(**listed),
        fund_assets_usd=table,
        fund_assets_quality=quality,
    )


def now(**price: float) -> SessionPrices:
    """Return prices of 15:35 on Tuesday; ``GSPC`` is the index."""
    named = {INDEX if symbol == "GSPC" else symbol: usd for symbol, usd in price.items()}
    rows = pd.DataFrame({"price": named, "prior_close": 100.0, "at": AT})
    return SessionPrices(session=TUESDAY, rows=rows, source="by hand")


def one_fund(**price: float) -> IntoClose:
    only = {"BULL": LISTED["BULL"]}
    return estimate_into_close(monday({"BULL": 100.0}, only), now(**price))


def ends(scenario: Scenario) -> list[float]:
    return [scenario.flow_usd.low, scenario.flow_usd.mid, scenario.flow_usd.high]


def test_a_threefold_fund_of_100_must_buy_6_where_the_index_is_up_one_percent() -> None:
    here, up, down = one_fund(GSPC=101.0).scenarios

    # 3 * 2 * 100 * 1 % = 6, of which 0.26, 0.90 and 1.00 are left after investors' own money.
    assert ends(here) == pytest.approx([1.56, 5.4, 6.0])
    # 101 and 1 % more is 102.01: 600 * 0.0201 = 12.06. 1 % less is 99.99: 600 * -0.0001.
    assert ends(up) == pytest.approx([0.26 * 12.06, 0.9 * 12.06, 12.06])
    assert ends(down) == pytest.approx([-0.06, -0.054, -0.0156])
    assert [one.day_return for one in (here, up, down)] == pytest.approx([0.01, 0.0201, -0.0001])


def test_a_sale_is_the_mirror_of_a_purchase() -> None:
    assert ends(one_fund(GSPC=99.0).here) == pytest.approx([-6.0, -5.4, -1.56])


def test_the_return_is_taken_within_one_source() -> None:
    prices = now(GSPC=50.5)
    prices = replace(prices, rows=prices.rows.assign(prior_close=50.0))

    estimate = estimate_into_close(monday({"BULL": 100.0}, {"BULL": LISTED["BULL"]}), prices)

    assert estimate.identity_usd == pytest.approx(6.0)
    assert (estimate.index.price, estimate.index.prior_close) == (50.5, 50.0)


def test_an_underlying_without_a_price_goes_by_its_proxy_and_is_named() -> None:
    market = monday({"BULL": 100.0, "OTHER": 100.0}, LISTED)

    estimate = estimate_into_close(market, now(GSPC=101.0, PRX=102.0))

    assert estimate.identity_usd == pytest.approx(6.0 + 12.0)
    assert estimate.buckets_usd == pytest.approx({"spx": 6.0, "semis": 12.0})
    assert (estimate.proxied, estimate.missing) == (("XYZ",), ())
    assert estimate.coverage == pytest.approx(0.5 + 0.35)


def test_a_fund_without_price_or_proxy_leaves_the_sum_and_counts_against_coverage() -> None:
    market = monday({"BULL": 300.0, "OTHER": 100.0}, LISTED)

    estimate = estimate_into_close(market, now(GSPC=101.0))

    assert estimate.identity_usd == pytest.approx(18.0)
    assert estimate.missing == ("XYZ",)
    assert estimate.covered_fraction == pytest.approx(0.75)
    assert estimate.coverage == pytest.approx(0.5 + 0.35 * 0.75)


def test_with_prices_for_fewer_than_half_of_the_funds_there_is_no_estimate() -> None:
    market = monday({"BULL": 100.0, "OTHER": 300.0}, LISTED)
    prices = replace(now(GSPC=101.0), problems=("XYZ: its price of 14:00 is too old",))

    with pytest.raises(NoEstimateError, match=r"cover 25 % .* \(XYZ: its price of 14:00 is"):
        estimate_into_close(market, prices)


def test_without_the_index_or_the_funds_sizes_there_is_no_estimate() -> None:
    market = monday({"BULL": 100.0, "OTHER": 100.0}, LISTED)

    with pytest.raises(NoEstimateError, match=r"no usable price of \^GSPC"):
        estimate_into_close(market, now(XYZ=101.0))
    with pytest.raises(NoEstimateError, match="assets of the evening before are not known"):
        estimate_into_close(replace(market, fund_assets_usd=pd.DataFrame()), now(GSPC=101.0))


def test_sizes_that_are_too_few_are_no_ground_for_an_estimate() -> None:
    market = monday({"BULL": 100.0, "OTHER": np.nan}, LISTED)
    unsure = pd.DataFrame("backcast", index=market.sessions, columns=["BULL", "OTHER"])

    # Half of the funds, worked out afterwards: 0.5 * 0.5 * 0.7 + 0.35 = 0.525; of three, a third.
    assert estimate_into_close(
        replace(market, fund_assets_quality=unsure), now(GSPC=101.0)
    ).coverage == pytest.approx(0.525)
    listed = {**LISTED, "THIRD": (2.0, "XYZ", "SEMI", "")}
    few = replace(monday({"BULL": 100.0}, listed), fund_assets_quality=unsure)
    with pytest.raises(NoEstimateError, match=r"coverage is 0\.47"):
        estimate_into_close(few, now(GSPC=101.0))


def test_an_evening_that_is_not_yesterdays_is_no_ground_for_an_estimate() -> None:
    market = monday({"BULL": 100.0}, {"BULL": LISTED["BULL"]})

    with pytest.raises(NoEstimateError, match="rests on 2025-06-09; fetch that evening first"):
        estimate_into_close(market.until(market.sessions[-2]), now(GSPC=101.0))


def test_a_fund_list_without_proxies_takes_the_projects_own() -> None:
    others = {"QQQ": [100.0] * 3}
    market = index_market([100.0] * 3, others=others, first="2025-06-05")
    market = replace(
        market,
        leveraged_funds=fund_list(TQQQ=(3.0, "^NDX", "NDX", "")),
        fund_assets_usd=pd.DataFrame({"TQQQ": 100.0}, index=market.sessions),
        fund_assets_quality=pd.DataFrame({"TQQQ": "issuer"}, index=market.sessions),
    )

    assert wanted_symbols(market) == (INDEX, "QQQ")
    estimate = estimate_into_close(market, now(GSPC=101.0, QQQ=103.0))
    assert estimate.identity_usd == pytest.approx(18.0)
    assert estimate.proxied == ("^NDX",)


def test_where_no_fund_is_known_the_published_total_speaks_for_the_index_alone() -> None:
    market = monday({"BULL": np.nan}, {"BULL": LISTED["BULL"]})
    published = pd.DataFrame({"date": [market.sessions[0]], "usd_per_pct": [4e9]})

    estimate = estimate_into_close(
        replace(market, leveraged_sensitivity=published), now(GSPC=101.5)
    )

    assert estimate.identity_usd == pytest.approx(6e9)
    assert (estimate.buckets_usd, estimate.covered_fraction) == ({}, None)
    assert estimate.missing == ()


def test_at_the_closing_prices_the_estimate_is_the_evenings_figure() -> None:
    market = scenarios.demo().market
    for session in market.sessions[[-40, -7, -1]]:
        whole = market.until(session)
        before = market.until(market.sessions[market.sessions < session][-1])
        closes = whole.close.loc[session].dropna()
        rows = pd.DataFrame(
            {
                "price": closes,
                "prior_close": before.close.iloc[-1].reindex(closes.index),
                "at": session.tz_localize("UTC") + pd.Timedelta(hours=20),
            }
        ).dropna()

        estimate = estimate_into_close(
            before, SessionPrices(session=session, rows=rows, source="closes")
        )

        funds, rules = (one.measure(whole).iloc[-1] for one in (leveraged_etf, vol_control))
        assert estimate.identity_usd == pytest.approx(funds["identity_usd"], rel=1e-9)
        assert estimate.here.flow_usd.low == pytest.approx(funds["flow_low_usd"], rel=1e-9)
        assert estimate.share_of_adv == pytest.approx(funds["share_of_adv"], rel=1e-9)
        assert estimate.here.vol_control_usd is not None
        assert estimate.here.vol_control_usd.mid == pytest.approx(rules["flow_mid_usd"], rel=1e-9)


def test_the_same_prices_make_the_same_bytes_and_others_do_not() -> None:
    first, again, other = (one_fund(GSPC=price).as_dict() for price in (101.0, 101.0, 101.1))

    assert first == again
    assert first["content_hash"] != other["content_hash"]
    assert json.loads(json.dumps(first, allow_nan=False)) == first
    assert first["as_of"] == "2025-06-10T19:35:00Z"
