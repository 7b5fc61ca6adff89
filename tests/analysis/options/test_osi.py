"""Option symbols, read and refused."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.options.errors import ChainError
from analysis.options.osi import family, parse_osi


def test_a_symbol_tells_root_expiry_right_and_strike() -> None:
    found = parse_osi(np.array(["SPXW260821P07400500", "F240119C00012500"]))

    assert found.root.tolist() == ["SPXW", "F"]
    assert found.expiry.tolist() == [date(2026, 8, 21), date(2024, 1, 19)]
    assert found.is_call.tolist() == [False, True]
    assert found.strike.tolist() == [7400.5, 12.5]


@given(
    root=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=6),
    expiry=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    is_call=st.booleans(),
    thousandths=st.integers(0, 99_999_999),
    padded=st.booleans(),
)
def test_every_symbol_reads_back(
    root: str, expiry: date, is_call: bool, thousandths: int, padded: bool
) -> None:
    head = root.ljust(6) if padded else root
    symbol = f"{head}{expiry:%y%m%d}{'C' if is_call else 'P'}{thousandths:08d}"

    found = parse_osi(np.array([symbol, "SPX240119C05000000"]))

    assert found.root[0] == root
    assert found.expiry[0] == np.datetime64(expiry)
    assert bool(found.is_call[0]) is is_call
    assert found.strike[0] == pytest.approx(thousandths / 1000.0)


@pytest.mark.parametrize(
    "symbol",
    ["SPX", "SPX240230C05000000", "SPX241319C05000000", "SPX240119X05000000", "240119C05000000"],
    ids=["no tail", "30 February", "month 13", "no right", "no root"],
)
def test_what_is_no_symbol_is_named(symbol: str) -> None:
    with pytest.raises(ChainError, match=symbol):
        parse_osi(np.array([symbol]))


def test_weeklies_deliver_on_the_index_and_funds_on_themselves() -> None:
    assert [family(root) for root in ("SPXW", "NDXP", "RUTW", "QQQ")] == [
        "SPX",
        "NDX",
        "RUT",
        "QQQ",
    ]
