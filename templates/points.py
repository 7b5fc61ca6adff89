"""One driver, ready to be put into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from analysis.reading import Grade, Reading
from analysis.report import FlowReport
from templates import words
from templates.facts import Figure, Figures, Standing
from templates.figures import likely
from templates.gather import driver_figures, vix_before_of, with_parts

LARGE_USD = 5e9
"""Forced dollars from which two rules that disagree are worth a sentence, and a range a line."""

CLEARLY_CHANGED = 0.15
"""How far past even the chance of the other side must lie before it is called a change."""

MOSTLY = 0.5
"""From this part of its dollars on a driver counts as sized afterwards [fraction]."""

COUNTS_AGREE = 0.8
"""What agreeing counts of the options are worth as a chance; a judgement: "probably"."""

SIZED_IN = {"vol_control": 2020, "trend_following": 2020}
"""The year of the press figures that say how much money follows a rule, by driver.

Both replicas size their dollars on what banks said in February 2020; for a session before
that year the same dollars are a guess, and the note says so.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One driver, ready to be put into words."""

    slug: str
    title: str
    grade: Grade
    side: str
    """``buying``, ``selling`` or ``flat``."""
    strength: str
    surprise: str
    """``usual``, ``heavier``, ``unusual`` or ``lighter``; ``unknown`` without enough past."""
    with_tape: bool | None
    """Whether it pushed the way the index went; None where either has no direction."""
    figures: Figures
    parts: tuple[str, ...]
    """What the largest parts of its dollars are called, largest first."""
    missing: tuple[str, ...]
    caveat: str

    @property
    def proof(self) -> str:
        """When an inference can first be checked, as the driver tells it."""
        _, said, rest = self.caveat.partition("It cannot be confirmed")
        return said + rest if said else self.caveat

    @property
    def buying(self) -> bool:
        """Whether the flow bought."""
        return self.side == "buying"

    @property
    def selling(self) -> bool:
        """Whether the flow sold."""
        return self.side == "selling"

    @property
    def big(self) -> bool:
        """Whether it is worth the reader's first minute."""
        return self.strength in {"strong", "extreme"}

    @property
    def score(self) -> float:
        """How large it was and on which side [-1 to 1]."""
        return float(self.figures["score"])

    @property
    def mid_usd(self) -> float:
        """Its most likely dollars; 0 where it has none."""
        return float(self.figures.get("mid_usd", 0.0))

    @property
    def large(self) -> bool:
        """Whether it is strong and known to be large in dollars."""
        return self.big and abs(self.mid_usd) >= LARGE_USD

    @property
    def interest(self) -> float:
        """How large it was, and how unusual for a move of this size, together."""
        return abs(self.score) + abs(float(self.figures.get("surprise", 0.0)))

    @property
    def sized(self) -> bool:
        """Whether it is known in dollars."""
        return "mid_usd" in self.figures

    @property
    def disputed(self) -> bool:
        """Whether no side can be named: counts differ, one is denied, or the side changed."""
        counts_differ = self.figures.get("conventions_agree") == 0.0
        return counts_differ or self.doubted or self.changed_sides

    @property
    def forced_unsized(self) -> bool:
        """Whether it tells of trades that had to be done and that nobody can put in dollars.

        Short sellers have to buy, and nobody has to sell short; insurance makes others trade
        where its price ran ahead of the index.
        """
        if self.sized or self.strength == "negligible" or self.hangs_on_multiple:
            return False
        must = {"short_covering": self.buying, "hedge_unwinding": bool(self.with_tape)}
        return must.get(self.slug, True)

    @property
    def doubted(self) -> bool:
        """Whether every count of the options gives one side, and another reading the other."""
        agree = self.figures.get("conventions_agree") == 1.0
        return agree and self.figures.get("side_denied") == 1.0

    @property
    def likely(self) -> str:
        """How sure dealers' side is, in a word: by prices and the VIX, or by agreeing counts.

        What the model gives is the chance that the published gamma index reads negative, a
        witness and not the dealers' books; so no word is stronger than "very likely".
        """
        if "conventions_agree" in self.figures:
            return likely(COUNTS_AGREE)
        short = float(self.figures.get("negative_probability_before", 0.5))
        return likely(short if self.with_tape else 1.0 - short)

    @property
    def changed_sides(self) -> bool:
        """Whether dealers went in on one side and came out on the other, as prices tell it."""
        before = self.figures.get("negative_probability_before")
        after = self.figures.get("negative_probability")
        if before is None or after is None or "conventions_agree" in self.figures:
            return False
        if (before < 0.5) == (after < 0.5):
            return False
        return abs(after - 0.5) >= CLEARLY_CHANGED

    @property
    def hangs_on_multiple(self) -> bool:
        """Whether the shorted names' surprise changes sides within a year's range of multiples.

        They are judged by how far they usually go with small companies, and that multiple
        wanders; where its least and its largest of the year disagree, nothing is concluded.
        """
        known = {"basket_return", "small_companies_return", "basket_beta_low", "basket_beta_high"}
        if not known <= self.figures.keys():
            return False
        basket, small = self.figures["basket_return"], self.figures["small_companies_return"]
        ends = (self.figures["basket_beta_low"], self.figures["basket_beta_high"])
        low, high = (basket - multiple * small for multiple in ends)
        return low * high <= 0.0

    @property
    def least(self) -> bool:
        """Whether its dollars are the smallest of several counts, and the others go far beyond."""
        low, high = (float(self.figures.get(end, 0.0)) for end in ("low_usd", "high_usd"))
        return low * high > 0.0 and abs(self.mid_usd) <= 1.02 * min(abs(low), abs(high))

    @property
    def evidence(self) -> str:
        """What its reading rests on, in a word or two."""
        return words.EVIDENCE[self.grade]

    @property
    def crowd(self) -> str:
        """What its traders are called within a sentence."""
        return words.CROWDS.get(self.slug, self.title)

    @property
    def published(self) -> bool:
        """Whether its dollars are a total worked back from figures published in other years."""
        return "backcast_fraction" in self.figures and "first_part" not in self.figures

    @property
    def sized_afterwards(self) -> bool:
        """Whether nobody knew at the time how large those behind its dollars were."""
        backcast = float(self.figures.get("backcast_fraction", 0.0)) >= MOSTLY
        return self.sized and (self.sized_later or backcast)

    @property
    def sized_later(self) -> bool:
        """Whether its dollars rest on how much money was run this way in a later year."""
        return "sized_in_year" in self.figures

    @property
    def weak(self) -> bool:
        """Whether a line is enough."""
        return self.strength in {"negligible", "mild"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmeasured:
    """A driver that could not be measured, and why."""

    slug: str
    title: str
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Why, as a clause that follows a comma."""
        return words.reason_clause(self.reasons)


def point_of(reading: Reading, report: FlowReport) -> Point:
    """Return what the phrases may know of a measured driver of the report."""
    side = "flat" if reading.score == 0 else "buying" if reading.score > 0 else "selling"
    tape = words.direction(report.index.day_return)
    undirected = "flat" in (side, tape)
    figures, parts = with_parts(driver_figures(reading, vix_before_of(report)))
    return Point(
        slug=reading.slug,
        title=reading.driver.title,
        grade=reading.driver.grade,
        side=side,
        strength=words.strength(reading.score),
        surprise=_surprise_word(reading),
        with_tape=None if undirected else (side == "buying") == (tape == "up"),
        figures={**figures, **_sized_in(reading, report.session)},
        parts=parts,
        missing=reading.missing,
        caveat=reading.caveat,
    )


def _surprise_word(reading: Reading) -> str:
    """Say whether a flow was more than a move of this size brings, or less, on its own side."""
    if reading.surprise is None:
        return words.surprise_word(None)
    beyond = reading.surprise if reading.score >= 0 else -reading.surprise
    return words.surprise_word(beyond) if beyond > -words.SURPRISES[0][0] else "lighter"


def _sized_in(reading: Reading, session: date) -> dict[str, Figure]:
    """Return the year on whose fund sizes the dollars rest, where that year came later."""
    year = SIZED_IN.get(reading.slug)
    if year is None or reading.flow_usd is None or session.year >= year:
        return {}
    standing = Standing(label="Year of the fund sizes behind the dollars", unit="year")
    return {"sized_in_year": Figure(float(year), "sized_in_year", standing)}
