"""Whatever happens to a download on its way, it reads right or is refused."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.options.chain import Chain, ChainError, read_chain
from analysis.options.clock import new_york
from analysis.options.readers.stated_time import readings
from tests.analysis.options.made_up import SPOT, contracts, quotedata
from tests.markets import ANSWERS

CONTENT = quotedata(contracts()).encode()
TRUE = read_chain(CONTENT)
INTEREST = {row.option: float(row.open_interest) for row in contracts()}

MONTHS = {
    line.split(":")[0]: line.split(":")[1].split()
    for line in (ANSWERS / "months.txt").read_text("utf-8").splitlines()
}
"""January to December as browsers write them, language by language."""

WORDINGS = (
    "{month} {day}, {year} at {hour12}:{minute:02d} {half}{zone}",
    "{day} {month} {year}, {hour}:{minute:02d}{zone}",
    "{day}. {month} {year} {hour:02d}:{minute:02d}:00{zone}",
    "{day} de {month} de {year}, {hour}:{minute:02d}{zone}",
    "{year}. {month} {day}. {hour}:{minute:02d}{zone}",
    "{year}年{number}月{day}日 {hour}:{minute:02d}{zone}",
    "{year}-{number:02d}-{day:02d} {hour:02d}:{minute:02d}{zone}",
    "{day:02d}.{number:02d}.{year} {hour:02d}:{minute:02d}{zone}",
    "{number}/{day}/{year} {hour12}:{minute:02d} {half}{zone}",
)
ZONES = ("", " EST", " EDT", " ET")


def is_right(chain: Chain) -> bool:
    """Say whether every contract has the open interest its symbol really had."""
    mine = zip(chain.root, chain.expiry, chain.is_call, chain.strike, strict=True)
    symbols = [
        f"{root}{expiry.astype(date):%y%m%d}{'C' if is_call else 'P'}{round(strike * 1000):08d}"
        for root, expiry, is_call, strike in mine
    ]
    return bool([INTEREST.get(symbol) for symbol in symbols] == chain.open_interest.tolist())


@given(
    moment=st.datetimes(datetime(2010, 1, 1), datetime(2030, 12, 31)),  # noqa: DTZ001
    wording=st.sampled_from(WORDINGS),
    language=st.sampled_from(sorted(MONTHS)),
    zone=st.sampled_from(ZONES),
)
def test_a_time_is_among_its_own_readings(
    moment: datetime, wording: str, language: str, zone: str
) -> None:
    text = wording.format(
        year=moment.year,
        month=MONTHS[language][moment.month - 1],
        number=moment.month,
        day=moment.day,
        hour=moment.hour,
        hour12=moment.hour % 12 or 12,
        minute=moment.minute,
        half="PM" if moment.hour >= 12 else "AM",
        zone=zone,
    )

    wall_clock = moment.replace(second=0, microsecond=0, tzinfo=new_york())

    assert wall_clock in readings(text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(at=st.integers(0, len(CONTENT) - 1))
def test_a_cut_download_is_refused_or_holds_only_true_rows(at: int) -> None:
    try:
        chain = read_chain(CONTENT[:at])
    except ChainError:
        return

    assert is_right(chain)
    # Only a cut between two rows, above the price, can go unseen.
    assert CONTENT[:at].endswith(b"\n")
    assert chain.strike[chain.expiry == chain.expiry.max()].max() > SPOT


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(CONTENT) - 1), st.binary(min_size=0, max_size=3)),
        min_size=1,
        max_size=5,
    )
)
def test_a_damaged_download_never_ends_in_another_kind_of_error(
    changes: list[tuple[int, bytes]],
) -> None:
    damaged = bytearray(CONTENT)
    for at, filling in changes:
        damaged[at : at + 1] = filling

    try:
        chain = read_chain(bytes(damaged))
    except ChainError:
        return

    assert np.isfinite(chain.spot)
    assert (chain.open_interest >= 0.0).all()
    assert 0.0 < chain.oi_covered <= 1.0


@given(content=st.binary(max_size=400))
def test_noise_is_no_chain(content: bytes) -> None:
    with pytest.raises(ChainError):
        read_chain(content)


@settings(max_examples=60, deadline=None)
@given(
    prose=st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), max_size=60).filter(
        lambda text: "Last" not in text and "Date" not in text
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_words_around_the_table_change_nothing(prose: str, encoding: str) -> None:
    text = CONTENT.decode().replace("S&P 500 INDEX", prose)

    chain = read_chain(text.encode(encoding))

    assert len(chain) == len(TRUE)
    assert is_right(chain)
    assert chain.session == TRUE.session


@settings(max_examples=40, deadline=None)
@given(order=st.permutations(range(len(CONTENT.splitlines()) - 4)))
def test_the_order_of_rows_changes_nothing(order: list[int]) -> None:
    lines = CONTENT.decode().splitlines()
    shuffled = [*lines[:4], *(lines[4 + place] for place in order), ""]

    chain = read_chain("\n".join(shuffled).encode())

    assert is_right(chain)
    assert len(chain) == len(TRUE)


@given(days=st.integers(-400, 400).filter(lambda days: abs(days) > 80))
def test_a_date_far_from_every_expiry_is_never_believed(days: int) -> None:
    day = TRUE.session + timedelta(days)
    text = CONTENT.decode().replace("January 5, 2024", f"{day:%B} {day.day}, {day.year}")

    with pytest.raises(ChainError, match="does not fit"):
        read_chain(text.encode())
