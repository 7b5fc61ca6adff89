"""What outsiders say of a mail of every kind of day."""

from __future__ import annotations

import pytest

from benchmarks.mail_judges import exhibit, judge
from tests.templates import reports as days

pytestmark = pytest.mark.slow


async def test_no_outside_judge_objects_to_the_mail_of_any_kind_of_day() -> None:
    notes = {
        "rally": days.rally(),
        "sell-off": days.sell_off(),
        "mixed": days.mixed(),
        "quiet": days.quiet(),
        "poor": days.poor(),
        "demo": days.demo(),
    }
    verdicts = await judge([exhibit(report, name) for name, report in notes.items()])

    assert verdicts.mjml == ""
    assert verdicts.faults == []
    assert verdicts.unknown == {}
    assert max(verdicts.spam.values()) <= 0.0
    assert max(verdicts.sizes.values()) <= 100_000
