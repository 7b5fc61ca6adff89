"""What lists, feeds and calendars need to know of a note without opening it."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.reading import Reading
from templates.charts import Chart
from templates.commentary import Commentary
from templates.mailing import cut_at_word
from templates.note import Note

PAGE_VERSION = 1

DESCRIPTION_LIMIT = 160
"""What search engines show of a page [characters]."""


def page_facts(commentary: Commentary, note: Note, charts: Iterable[Chart]) -> dict[str, object]:
    """Return a note's facts for the site: title, verdict, one line a driver, its charts.

    Figures are as the words were written from: rounded twice, the head of a page could differ
    from them in its last digit.
    """
    report = commentary.report
    lead = " ".join(paragraph.text for paragraph in note.lead)
    return {
        "version": PAGE_VERSION,
        "session": report.session.isoformat(),
        "title": note.title.text,
        "description": cut_at_word(lead, DESCRIPTION_LIMIT),
        "as_of": report.as_of,
        "content_hash": report.content_hash,
        "demo": report.demo,
        "index_close": report.index.close,
        "day_return": report.index.day_return,
        "vix_close": report.index.vix_close,
        "vix_change": report.index.vix_change,
        "label": report.verdict.label.value,
        "side": report.verdict.side.value,
        "confidence": report.verdict.confidence,
        "leader": leader(note),
        "drivers": [driver_facts(one) for one in report.readings],
        "charts": [{"slug": one.slug, "title": one.title, "alt": one.alt} for one in charts],
    }


def leader(note: Note) -> str | None:
    """Return the driver whose section comes first, None where none has a section."""
    return next((section.id for section in note.sections if section.number == 1), None)


def driver_facts(one: Reading) -> dict[str, object]:
    """Return one driver's line."""
    flow = one.flow_usd
    return {
        "slug": one.slug,
        "measured": one.measured,
        "score": one.score,
        "surprise": one.surprise,
        "low_usd": None if flow is None else flow.low,
        "mid_usd": None if flow is None else flow.mid,
        "high_usd": None if flow is None else flow.high,
        "share_of_adv": one.share_of_adv,
        "confidence": one.confidence,
    }
