"""A day on which nothing moved and nobody had much to do is told shortly."""

from __future__ import annotations

from dataclasses import replace

from templates import write_commentary
from templates.commentary import Shape
from templates.note import compose
from tests.templates import reports as days


def test_a_flat_day_that_owes_nobody_a_section_is_a_quiet_note() -> None:
    day = days.rally()
    for reading in day.readings:
        day = days.with_reading(day, days.reading(reading.slug, 0.02))
    flat = replace(day, index=replace(day.index, day_return=0.0))
    told = write_commentary(flat)

    assert told.points == ()
    assert told.shape is Shape.QUIET
    assert compose(told).words <= 250
