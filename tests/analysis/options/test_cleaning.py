"""The guards: what is left out, what is solved, what is refused."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from analysis.options.chain import Chain, ChainError, read_chain
from analysis.options.cleaning import clean
from analysis.options.quotes import Quotes
from tests.analysis.options.made_up import SESSION, SPOT, Contract, cboe_json, contracts

LIVING = 3 * 41 * 2
"""Three expiries after the session, 41 strikes, calls and puts."""


def quotes(rows: list[Contract], *, spot: float | None = SPOT, session: date = SESSION) -> Quotes:
    return Quotes(
        symbol="SPX",
        option=np.array([row.option for row in rows]),
        bid=np.array([row.bid for row in rows]),
        ask=np.array([row.ask for row in rows]),
        iv=np.array([row.iv for row in rows]),
        gamma=np.array([row.gamma for row in rows]),
        open_interest=np.array([float(row.open_interest) for row in rows]),
        spot=spot,
        session=session,
        as_of="2024-01-05T22:52:31Z",
        source="made up",
    )


def test_contracts_that_expire_with_the_session_are_gone() -> None:
    chain = clean(quotes(contracts()))

    assert len(chain) == LIVING
    assert chain.left_out["expired"] == 82
    assert chain.dte.min() == 3


def monthly_spx() -> list[Contract]:
    """Return SPX contracts of the two third Fridays, 82 each."""
    return [row for row in contracts("SPX") if row.expiry.day in (19, 15)]


def test_spx_and_spxw_of_one_expiry_and_strike_are_both_kept() -> None:
    both = contracts("SPXW") + monthly_spx()

    chain = clean(quotes(both))

    assert len(chain) == LIVING + 2 * 82
    assert set(chain.root.tolist()) == {"SPX", "SPXW"}


def test_morning_settled_contracts_stop_trading_the_evening_before() -> None:
    # On Thursday 18 January the SPX contracts of the 19th have traded for the last time.
    thursday = date(2024, 1, 18)
    both = contracts("SPXW", thursday) + contracts("SPX", thursday)

    chain = clean(quotes(both, session=thursday))

    assert chain.left_out["morning_settled_ceased_trading"] == 82
    assert set(chain.root[chain.expiry == np.datetime64("2024-01-19")].tolist()) == {"SPXW"}


def test_morning_settled_contracts_have_six_and_a_half_hours_less() -> None:
    chain = clean(quotes(contracts("SPXW") + monthly_spx()))
    monthly = chain.expiry == np.datetime64("2024-01-19")

    assert chain.years[monthly & (chain.root == "SPXW")][0] == pytest.approx(14 / 365)
    assert chain.years[monthly & (chain.root == "SPX")][0] == pytest.approx((14 - 6.5 / 24) / 365)


def test_a_missing_volatility_is_solved_from_the_mid() -> None:
    rows = [replace(row, iv=0.0) for row in contracts()]

    chain = clean(quotes(rows))

    near = np.abs(chain.strike / SPOT - 1.0) < 0.05
    long = chain.dte > 60
    assert np.nanmax(np.abs(chain.iv[near & long] - 0.2)) < 1e-4


def test_what_no_quote_can_value_is_left_out_and_counted() -> None:
    rows = contracts()
    blind = [replace(row, iv=0.0, bid=0.0) if row.strike > SPOT else row for row in rows]
    interest = sum(row.open_interest for row in rows if row.expiry > SESSION)
    lost = sum(row.open_interest for row in blind if row.expiry > SESSION and row.iv == 0.0)

    chain = clean(quotes(blind))

    assert chain.left_out["no_implied_volatility"] == 3 * 20 * 2
    assert chain.oi_covered == pytest.approx(1.0 - lost / interest)


@pytest.mark.parametrize("placeholder", [1e-5, 0.125, 0.25, 0.5, 0.12500875])
def test_placeholder_volatilities_of_the_night_are_not_believed(placeholder: float) -> None:
    night = [replace(row, iv=placeholder, bid=0.0, ask=0.0) for row in contracts()]

    with pytest.raises(ChainError, match="placeholders"):
        clean(quotes(night))


def test_an_honest_volatility_of_one_quarter_is_believed() -> None:
    chain = clean(quotes([replace(row, iv=0.25) for row in contracts()]))

    assert (chain.iv == 0.25).all()


def test_volatilities_in_per_cent_are_recognised_by_their_quotes() -> None:
    chain = clean(quotes([replace(row, iv=20.0) for row in contracts()]))

    assert np.allclose(chain.iv, 0.2)
    assert chain.notes == ("Volatilities were printed in per cent.",)


def test_volatilities_in_no_known_unit_are_refused() -> None:
    with pytest.raises(ChainError, match="neither a fraction nor a per cent"):
        clean(quotes([replace(row, iv=20.0, bid=0.0, ask=0.0) for row in contracts()]))


def test_a_chain_without_open_interest_is_refused() -> None:
    with pytest.raises(ChainError, match="no open interest at all"):
        clean(quotes([replace(row, open_interest=0) for row in contracts()]))


def test_a_chain_with_open_interest_in_a_few_contracts_only_is_refused() -> None:
    few = [replace(row, open_interest=5 if n > 324 else 0) for n, row in enumerate(contracts())]

    with pytest.raises(ChainError, match="open interest in 3 of 246 contracts only"):
        clean(quotes(few))


def test_a_chain_of_another_session_is_refused() -> None:
    with pytest.raises(ChainError, match="holds the session of 2024-01-05, not of 2024-01-08"):
        clean(quotes(contracts()), session=date(2024, 1, 8))


def test_a_chain_from_a_closed_day_is_refused() -> None:
    with pytest.raises(ChainError, match="2024-01-06 is not a session"):
        clean(quotes(contracts(), session=date(2024, 1, 6)))


def test_a_row_printed_twice_counts_once() -> None:
    rows = contracts()

    chain = clean(quotes(rows + rows[:100]))

    assert len(chain) == LIVING
    assert chain.left_out["repeated_row"] == 100


def test_two_rows_that_contradict_each_other_are_refused() -> None:
    rows = contracts()

    with pytest.raises(ChainError, match="appears twice with different open interest"):
        clean(quotes([*rows, replace(rows[90], open_interest=1)]))


def test_adjusted_contracts_are_left_out() -> None:
    odd = [replace(row, option=row.option.replace("SPXW", "SPX1")) for row in contracts()]

    chain = clean(quotes(contracts() + odd))

    assert chain.left_out["adjusted_or_other_root"] == 328


def test_without_a_price_the_quotes_imply_one() -> None:
    chain = clean(quotes(contracts(), spot=None))

    assert chain.spot == pytest.approx(SPOT, rel=1e-4)
    assert chain.notes[0].startswith("The file has no price of the underlying")


@pytest.mark.parametrize(
    ("spot", "words"), [(5500.0, "other files|different files"), (70.0, "lies outside")]
)
def test_the_price_of_another_chain_is_refused(spot: float, words: str) -> None:
    with pytest.raises(ChainError, match=words):
        clean(quotes(contracts(), spot=spot))


def test_a_price_from_another_hour_is_noted() -> None:
    assert "belongs to another hour" in clean(quotes(contracts(), spot=5060.0)).notes[0]


def with_carry(rate: float, dividend: float) -> Chain:
    """Return the made-up chain with every price moved to a forward with carry."""
    rows = []
    for row in contracts():
        years = (row.expiry - SESSION).days / 365.0
        if years == 0.0:
            continue
        forward = SPOT * math.exp((rate - dividend) * years)
        parity = math.exp(-rate * years) * (forward - row.strike)
        put = 400.0 - 0.05 * row.strike + 3e-5 * row.strike**2
        mid = put + parity if row.is_call else put
        rows.append(replace(row, bid=mid - 0.01, ask=mid + 0.01))
    return clean(quotes(rows))


def test_carry_and_rate_are_read_off_put_call_parity() -> None:
    chain = with_carry(rate=0.05, dividend=0.015)

    assert chain.rate == pytest.approx(0.05, abs=1e-6)
    assert np.allclose(chain.carry[chain.dte > 60], 0.035, atol=2e-4)


def test_a_chain_selects_its_contracts_together() -> None:
    chain = read_chain(cboe_json(contracts()))

    calls = chain.select(chain.is_call)

    assert len(calls) == LIVING // 2
    assert calls.is_call.all()
    assert calls.strike.shape == calls.iv.shape == calls.expiry.shape
