"""Gather a week's figures under the names that sentences use. Missing figures are left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from analysis.week import DriverWeek, Settled, Week
from analysis.week_days import Day
from templates import words
from templates.facts import Figures, Named, named_figures, range_values

VERDICTS = {
    "mechanical": "forced",
    "conviction": "chosen",
    "mixed": "mixed",
    "quiet": "quiet",
    "unclear": "unclear",
}
"""What a verdict is called in a digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPoint:
    """One session of the week, ready to be put into words; without a note, no figures."""

    session: date
    verdict: str
    direction: str
    figures: Figures

    @property
    def weekday(self) -> str:
        """The session's day of the week."""
        return f"{self.session:%A}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverPoint:
    """One driver's week, ready to be put into words."""

    week: DriverWeek
    figures: Figures

    @property
    def crowd(self) -> str:
        """What its traders are called within a sentence."""
        return words.CROWDS.get(self.week.slug, self.week.title)

    @property
    def grade(self) -> str:
        """How firmly its method stands."""
        return self.week.grade.value

    @property
    def side(self) -> str:
        """The side of its dollars, or of most of its days; ``both`` where neither leads."""
        net = self.week.net_usd
        lean = net.mid if net else self.week.days_buying - self.week.days_selling
        return "buying" if lean > 0 else "selling" if lean < 0 else "both"

    @property
    def heaviest(self) -> str:
        """The weekday it was heaviest on."""
        return f"{self.week.heaviest.session:%A}"


def week_figures(week: Week) -> Figures:
    """Gather the figures of the week itself; what is not known is left out."""
    first, last = week.days[0], week.days[-1]
    before = None
    if first.vix_close is not None and first.vix_change is not None:
        before = first.vix_close - first.vix_change
    counts = {f"{word}_days": week.labels[label] for label, word in VERDICTS.items()}
    return named_figures(
        {
            "index_return": (week.index_return, "fraction"),
            "close": (last.close, "points"),
            "best_return": (max(day.day_return for day in week.days), "fraction"),
            "worst_return": (min(day.day_return for day in week.days), "fraction"),
            "vix_before": (before, "points"),
            "vix_close": (last.vix_close, "points"),
            "sessions": (float(len(week.sessions)), "sessions"),
            "noted": (float(len(week.days)), "sessions"),
            **range_values("forced", week.forced_usd),
            "forced_gross_usd": (gross_usd(week) or None, "USD"),
            "forced_share": (week.forced_share, "fraction"),
            **{name: (float(count), "days") for name, count in counts.items()},
            **_settled_values(week.settled),
        }
    )


def _settled_values(settled: tuple[Settled, ...] | None) -> Named:
    if settled is None:
        return {}
    return {
        "due": (float(len(settled)), "claims"),
        "came_true": (float(sum(one.came_true for one in settled)), "claims"),
        "expected": (sum(one.probability for one in settled), "claims"),
        "base_expected": (sum(one.base_rate for one in settled), "claims"),
    }


def driver_point(one: DriverWeek) -> DriverPoint:
    """Return what the phrases may know of a driver's week."""
    heaviest = one.heaviest.flow_usd
    return DriverPoint(
        week=one,
        figures=named_figures(
            {
                **range_values("net", one.net_usd),
                "heaviest_usd": (None if heaviest is None else heaviest.mid, "USD"),
                "days_measured": (float(one.days_measured), "days"),
                "days_strong": (float(one.days_strong), "days"),
                "days_buying": (float(one.days_buying), "days"),
                "days_selling": (float(one.days_selling), "days"),
                "days_unusual": (float(one.days_unusual), "days"),
            }
        ),
    )


def day_point(session: date, day: Day | None) -> DayPoint:
    """Return what the phrases may know of a session; ``day`` is None where no note stands."""
    if day is None:
        return DayPoint(session=session, verdict="", direction="flat", figures={})
    forced = None if day.forced_usd is None else day.forced_usd.mid
    return DayPoint(
        session=session,
        verdict=VERDICTS[day.label],
        direction=words.direction(day.day_return),
        figures=named_figures(
            {"day_return": (day.day_return, "fraction"), "forced_usd": (forced, "USD")}
        ),
    )


def gross_usd(week: Week) -> float:
    """Add up the days' forced dollars, whatever their side [USD]."""
    return sum(abs(day.forced_usd.mid) for day in week.days if day.forced_usd is not None)
