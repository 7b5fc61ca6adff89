"""Cboe's quote table as browsers of many languages save it."""

from datetime import date, datetime

import pytest

from analysis.options.chain import ChainError, read_chain
from analysis.options.clock import new_york
from analysis.options.readers.stated_time import readings
from tests.analysis.options.made_up import HEADER, SESSION, SPOT, contracts, quotedata
from tests.markets import ANSWERS

ROWS = contracts()

FRIDAY_EVENING = (ANSWERS / "friday_evening.txt").read_text("utf-8").splitlines()
"""16:31 New York time on 5 January 2024, as browsers of many languages write it."""
RUSSIAN = next(line for line in FRIDAY_EVENING if "GMT-5" in line and "\u044f\u043d\u0432" in line)


@pytest.mark.parametrize("stated", FRIDAY_EVENING)
def test_friday_evening_is_friday_in_every_language(stated: str) -> None:
    chain = read_chain(quotedata(ROWS, stated).encode())

    assert (chain.session, chain.spot, len(chain)) == (SESSION, SPOT, 246)
    assert chain.as_of == "2024-01-05T21:31:00Z"


@pytest.mark.parametrize("stated", FRIDAY_EVENING[:4])
def test_before_mondays_open_it_is_still_friday(stated: str) -> None:
    monday = stated.replace("5 ", "8 ").replace("5,", "8,").replace("16:31", "9:29")
    monday = monday.replace("4:31 PM", "9:29 AM")

    chain = read_chain(quotedata(ROWS, monday).encode())

    assert chain.session == SESSION


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251"])
def test_the_encoding_does_not_matter(encoding: str) -> None:
    text = quotedata(ROWS, RUSSIAN)

    assert read_chain(text.encode(encoding)).session == SESSION


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends_do_not_matter(end: str) -> None:
    assert len(read_chain(quotedata(ROWS).replace("\n", end).encode())) == 246


def test_a_spreadsheet_with_semicolons_and_decimal_commas_reads_the_same() -> None:
    swapped = quotedata(ROWS).translate(str.maketrans(",.", ";,"))

    chain = read_chain(swapped.encode())

    assert (chain.spot, len(chain), float(chain.iv.max())) == (SPOT, 246, 0.2)


def test_a_stray_quote_in_the_prose_does_no_harm() -> None:
    text = quotedata(ROWS).replace("Volume: 0", '"Volume: 28,253,899')

    assert len(read_chain(text.encode())) == 246


def test_lines_above_the_prose_do_no_harm() -> None:
    assert len(read_chain(("---Example Data---" + quotedata(ROWS)).encode())) == 246


def test_a_table_without_its_header_is_read_by_its_width() -> None:
    text = quotedata(ROWS).replace(HEADER + "\n", "")

    assert len(read_chain(text.encode())) == 246


def test_without_any_prose_the_session_must_be_given() -> None:
    table = quotedata(ROWS).split("\n", 3)[3].encode()

    with pytest.raises(ChainError, match="name its session"):
        read_chain(table)
    chain = read_chain(table, session=SESSION)
    assert chain.spot == pytest.approx(SPOT, rel=1e-4)


def test_a_date_with_two_readings_is_settled_by_the_expiries() -> None:
    # 05.01 could be 1 May, four months after the first expiry.
    assert read_chain(quotedata(ROWS, "Date: 05.01.2024, 16:31").encode()).session == SESSION


def test_a_date_that_no_expiry_fits_is_refused() -> None:
    with pytest.raises(ChainError, match="does not fit a chain whose first expiry is 2024-01-05"):
        read_chain(quotedata(ROWS, "Date: January 5, 2023 at 4:31 PM EST").encode())


def test_words_that_are_no_time_are_refused_until_the_session_is_given() -> None:
    text = quotedata(ROWS, "Date: 5 Snowmonth 2024 16:31").encode()

    with pytest.raises(ChainError, match="--session"):
        read_chain(text)
    assert read_chain(text, session=SESSION).session == SESSION


def test_listopad_is_october_in_zagreb_and_november_in_warsaw() -> None:
    months = {moment.month for moment in readings("7 listopada 2023 16:31")}

    assert months == {10, 11}


def test_a_cut_row_is_refused() -> None:
    with pytest.raises(ChainError, match="cut"):
        read_chain(quotedata(ROWS).encode()[:-20])


def test_a_row_with_a_word_for_a_number_is_refused() -> None:
    with pytest.raises(ChainError, match="do not form a table"):
        read_chain(quotedata(ROWS).replace(",0.2,", ",#REF!,", 1).encode())


def test_strikes_that_contradict_their_symbols_are_refused() -> None:
    with pytest.raises(ChainError, match="strikes and option symbols disagree"):
        read_chain(quotedata(ROWS).replace(",4500.00,", ",4505.00,").encode())


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Jan 05 2018 @ 16:16 ET", datetime(2018, 1, 5, 16, 16, tzinfo=new_york())),
        ("17.04.2023, 22:53", datetime(2023, 4, 17, 22, 53, tzinfo=new_york())),
        ("24 September 2023,1:46 PM EDT", datetime(2023, 9, 24, 13, 46, tzinfo=new_york())),
        ("12:05 AM, 2 March 2022", datetime(2022, 3, 2, 0, 5, tzinfo=new_york())),
    ],
)
def test_a_stated_time_with_one_reading(text: str, moment: datetime) -> None:
    assert readings(text) == [moment]


def test_without_a_clock_the_whole_day_is_possible() -> None:
    assert {moment.date() for moment in readings("17 April 2023")} == {date(2023, 4, 17)}
    assert len(readings("17 April 2023")) == 2
