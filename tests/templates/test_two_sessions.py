"""The picture of two sessions says in words what it shows."""

from __future__ import annotations

from datetime import date

import pytest

from templates.charts import render_png
from templates.charts.drawing.render import LARGEST_PNG
from templates.two_sessions import ScorePair, two_sessions

DAYS = (date(2025, 4, 8), date(2025, 4, 9))
PAIRS = [
    ScorePair(name="Real money", first=-0.2, second=0.9),
    ScorePair(name="Dealer gamma", first=-0.86, second=1.0),
    ScorePair(name="Short covering", first=None, second=0.71),
    ScorePair(name="Trend followers", first=None, second=None),
]


def test_the_title_names_the_driver_that_differed_most() -> None:
    chart = two_sessions(DAYS, PAIRS, demo=False)

    assert chart.title == "Dealer gamma differed most: \N{MINUS SIGN}86 and +100"


def test_the_alternative_text_has_every_figure_and_both_days() -> None:
    said = two_sessions(DAYS, PAIRS, demo=True).alt

    assert said.startswith("Simulated market. ")
    assert "Scores on 8 April 2025 and 9 April 2025" in said
    assert "Dealer gamma: -86 and +100. Real money: -20 and +90." in said
    assert "Short covering: not measured and +71." in said


def test_days_alike_are_called_that() -> None:
    same = [ScorePair(name="Real money", first=0.3, second=0.301)]

    title = two_sessions(DAYS, same, demo=False).title

    assert title == "Not one driver's score differed between the two"


def test_with_no_driver_measured_on_both_there_is_no_picture() -> None:
    with pytest.raises(ValueError, match="measured on both"):
        two_sessions(DAYS, PAIRS[2:], demo=False)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_picture_of_seven_drivers_is_small_enough_for_a_chat(dark: bool) -> None:
    pairs = [ScorePair(name=f"Driver {n}", first=n / 7, second=-n / 9) for n in range(7)]

    picture = render_png(two_sessions(DAYS, pairs, demo=True).spec, dark=dark)

    assert picture.startswith(b"\x89PNG")
    assert len(picture) <= LARGEST_PNG
