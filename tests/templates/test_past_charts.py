"""Pictures of the past say in words what they show."""

from __future__ import annotations

from datetime import date

import pytest

from templates.past_charts import PastScore, record_chart, score_history

PAST = [
    PastScore(session=date(2025, 4, 7), score=-0.25),
    PastScore(session=date(2025, 4, 8), score=None),
    PastScore(session=date(2025, 4, 9), score=1.0),
]


def test_a_history_counts_sides_and_names_its_extremes() -> None:
    chart = score_history("Dealer gamma", PAST, demo=True)

    assert chart.title == "Dealer gamma: buying on 1, selling on 1 of 3 sessions"
    assert chart.alt.startswith("Simulated market. ")
    assert "Highest +100 on 9 April 2025, lowest -25 on 7 April 2025" in chart.alt


def test_a_driver_nobody_measured_is_said_to_be_that() -> None:
    chart = score_history("Dealer gamma", PAST[1:2], demo=False)

    assert "It was measured on none of them." in chart.alt


def test_there_is_no_picture_of_nothing() -> None:
    with pytest.raises(ValueError, match="no session to draw"):
        score_history("Dealer gamma", [], demo=False)
    with pytest.raises(ValueError, match="no claim has been marked"):
        record_chart([], date(2025, 4, 9), demo=False)
