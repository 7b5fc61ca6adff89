"""The record's picture: what claims said against how many came true, drawn when it changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from bot.site.planned import Maker, Planned, key_of
from bot.site.shelf import Json

if TYPE_CHECKING:
    from templates.site.pictures import Picture

FOLDER, SLUG = "record/", "calibration"

LEAST_GRADED = 30
"""Of fewer claims than this a picture would mislead: their intervals reach from wall to wall."""

LEAST_IN_GROUP = 10
"""Claims that a group needs for a place in the picture."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The picture as it stands on the page, and the spec that draws it alive."""

    picture: Picture
    spec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChart:
    """What the picture is made from.

    ``groups`` is JSON: rows of one claim and about one probability; ``left_out`` counts those
    that are too small. ``graded_by`` is the newest note's session, None for hindsight.
    """

    groups: bytes
    left_out: int
    graded_by: date | None
    demo: bool

    @property
    def key(self) -> str:
        """A mark of everything it shows, and of the program that draws."""
        return key_of(self.groups, self.left_out, self.graded_by, self.demo, drawing_key())

    def draw(self) -> Drawn:
        """Draw it; the last one is remembered, for a page and two files are made from it."""
        return _drawn(self)

    def files(self) -> Iterator[Planned]:
        """Plan the picture and its spec."""
        makers: dict[str, Maker] = {
            f"{SLUG}.svg": lambda _texts: self.draw().picture.svg.encode(),
            f"{SLUG}.chart.json": lambda _texts: self.draw().spec.encode(),
        }
        for name, make in makers.items():
            yield Planned(path=FOLDER + name, key=self.key, make=make)


def record_chart(record: Json, newest: date | None, *, demo: bool) -> RecordChart | None:
    """Return what to draw of a record, nothing while too few of its claims are graded."""
    groups = [_group(score["key"], row) for score, row in _rows(record)]
    large = [one for one in groups if one["n"] >= LEAST_IN_GROUP]
    if not large or sum(one["n"] for one in groups) < LEAST_GRADED:
        return None
    return RecordChart(
        groups=orjson.dumps(large),
        left_out=len(groups) - len(large),
        graded_by=None if record["hindsight"] else newest,
        demo=demo,
    )


def _rows(record: Json) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    scores: Any = record["scores"]
    for score in scores:
        for row in score["calibration"]:
            yield score, row


def _group(key: str, row: Mapping[str, Any]) -> dict[str, Any]:
    low, high = row["interval"]
    return {
        "key": key,
        "probability": row["mean_probability"],
        "came_true": row["came_true"],
        "low": low,
        "high": high,
        "n": row["n"],
    }


@lru_cache(maxsize=2)
def _drawn(chart: RecordChart) -> Drawn:
    from templates.charts.calibration import drawn
    from templates.charts.drawing.facts import Said
    from templates.site.pictures import alive_spec, picture_of

    said = [Said(**group) for group in orjson.loads(chart.groups)]
    told = drawn(said, chart.graded_by, demo=chart.demo)
    return Drawn(picture_of(told), alive_spec(told))


@cache
def drawing_key() -> str:
    """Return a mark of the program that draws charts."""
    root = Path(__file__).parent.parent.parent / "templates" / "charts"
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
