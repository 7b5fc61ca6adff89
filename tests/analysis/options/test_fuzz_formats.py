"""Damaged files of every other format end in one kind of error or in finite figures."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.options.chain import ChainError, read_chain
from tests.analysis.options.made_up import cboe_json, contracts, quote_list, tidy_csv

ROWS = [row for row in contracts() if row.strike % 200 == 0]
CONTENTS = {
    "cboe_json": cboe_json(ROWS),
    "quote_list_json": quote_list(ROWS),
    "tidy_csv": tidy_csv(ROWS).encode(),
}
FILLINGS = st.one_of(
    st.binary(max_size=2), st.sampled_from([b"null", b'"x"', b"-1", b"1e999", b"[]", b"{}", b","])
)


@pytest.mark.parametrize("name", CONTENTS)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_file_is_refused_or_gives_finite_figures(name: str, data: st.DataObject) -> None:
    damaged = bytearray(CONTENTS[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 6))] = data.draw(FILLINGS)

    try:
        chain = read_chain(bytes(damaged))
    except ChainError:
        return

    assert np.isfinite(chain.spot)
    assert np.isfinite(chain.open_interest).all()
    assert 0.0 < chain.oi_covered <= 1.0


@pytest.mark.parametrize("name", CONTENTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_cut_file_is_refused(name: str, data: st.DataObject) -> None:
    content = CONTENTS[name]
    cut = content[: data.draw(st.integers(0, len(content) - 2))]

    try:
        chain = read_chain(cut)
    except ChainError:
        return

    # Only a table can be cut between two rows; what is left of it is true.
    assert name == "tidy_csv"
    assert cut.endswith(b"\n")
    assert len(chain) < len(read_chain(content))


@pytest.mark.parametrize(
    "content",
    [
        b'{"data": {"options": [{"bid": 1}]}, "option": 1}',
        b'{"data": {"options": ["option"]}}',
        b'{"data": {"options": {"option": 1}}}',
        b'{"options": [], "data": [], "option": 0}',
        b'{"quotes": [{"symbol": 5}], "underlyingPrice": "dear"}',
        b'{"quotes": 7, "underlyingPrice": 1}',
        b"option,open_interest,iv,last_trade_time\n,,,\n",
        b"option,open_interest,iv,last_trade_time\nSPX240119C05000000,1,0.2,yesterday\n",
        b"option,option,open_interest,iv,last_trade_time\na,b,1,1,1\n",
    ],
)
def test_odd_shapes_are_refused(content: bytes) -> None:
    with pytest.raises(ChainError):
        read_chain(content)
