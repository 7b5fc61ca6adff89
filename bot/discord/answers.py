"""What the bot says to one person: an answer in paragraphs, before Discord sets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.discord.ids import DRIVERS, NEXT, SHOW, WHY, Mark
from bot.discord.posts import NEITHER, Attachment, footer_of, note_url, post_of
from bot.discord.published import DriverFigures, Line, PublishedNote
from bot.discord.wording import (
    MINUS,
    bar,
    cut_at_sentence,
    dateline,
    driver_line,
    full_day,
    plain,
    short_usd,
    signed_pct,
    stamp,
    strongest,
)
from templates.figures import odds, usd

ANSWER_LIMIT = 3_800
"""Longest answer [characters]; Discord refuses components with more than 4,000."""

SCALE = f"Scores from {MINUS}100 (selling) to +100 (buying)"
"""What stands under scores."""

SECTION_NAMES = {
    "_lead": "The lead",
    "also": "Also today",
    "_also": "Also today",
    "_attribution": "How much was forced",
    "_stick": "Will it stick?",
    "_checkable": "What can be checked",
    "_settled": "How an earlier day turned out",
    "_known": "How we know",
    "_absent": "What is missing",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A title, paragraphs, and what can be asked next.

    ``marks`` are buttons by label, ``links`` addresses by label, ``choices`` a menu of sections.
    """

    title: str
    parts: tuple[str, ...]
    small: str = ""
    accent: int = NEITHER
    marks: tuple[tuple[str, Mark], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    choices_mark: Mark | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def text_length(self) -> int:
        """How long it is [characters]."""
        return len(self.title) + len(self.small) + sum(map(len, self.parts)) + 10


def fitted(answer: Answer) -> Answer:
    """Drop paragraphs from the end until Discord will take the answer."""
    while answer.text_length > ANSWER_LIMIT and len(answer.parts) > 1:
        answer = replace(answer, parts=answer.parts[:-1])
    if answer.text_length > ANSWER_LIMIT:
        answer = replace(answer, parts=(cut_at_sentence(answer.parts[0], ANSWER_LIMIT - 300),))
    return answer


def note_answer(
    note: PublishedNote,
    *,
    lead: str = "",
    pictures: tuple[Attachment, ...] = (),
    public_url: str | None = None,
) -> Answer:
    """Return a whole note as an answer; ``lead`` is said above it."""
    post = post_of(note)
    parts = [lead, post.notice, post.summary, "\n".join(post.drivers)]
    if post.missing:
        parts.append(f"**What is missing**\n{post.missing}")
    url = note_url(public_url, note.session)
    return Answer(
        title=post.headline,
        parts=(f"-# {dateline(note)}", *(part for part in parts if part)),
        small=footer_of(note),
        accent=post.accent,
        marks=marks_of(note),
        links=(("Full note", url),) if url else (),
        attachments=pictures,
    )


def marks_of(note: PublishedNote) -> tuple[tuple[str, Mark], ...]:
    """Return the three questions that can be asked of any note."""
    labels = (("Drivers", DRIVERS), ("Why?", WHY), ("What next", NEXT))
    return tuple((label, Mark(what, note.session, note.edition)) for label, what in labels)


def withdrawn_answer(note: PublishedNote, reason: str) -> Answer:
    """Say that a note was taken back, and why."""
    said = plain(reason) or "No reason was given."
    return Answer("This note was withdrawn", (f"-# Close of {full_day(note.session)}", said))


def drivers_answer(note: PublishedNote) -> Answer:
    """Return every driver of a note, strongest first, then those not measured."""
    everyone = strongest(note, count=len(note.drivers))
    unseen = [one for one in note.drivers if not one.measured]
    lines = [driver_line(one, bars=True) for one in (*everyone, *unseen)]
    return fitted(
        Answer(
            "Every driver that day",
            (f"-# {dateline(note)}", "\n".join(lines)),
            small=footer_of(note),
        )
    )


def driver_answer(note: PublishedNote, driver: DriverFigures) -> Answer:
    """Return one driver of one day: how strong, on what evidence, and what to beware of."""
    told = " ".join(line.text for line in note.part(driver.slug))
    parts = [f"-# {dateline(note)}", driver_line(driver, bars=True), plain(told)]
    parts.append("\n".join(_evidence(one) for one in driver.evidence[:8]))
    parts.append(f"**Beware** {plain(driver.caveat)}" if driver.caveat else "")
    return fitted(
        Answer(driver.title, tuple(p for p in parts if p), footer_of(note), marks=marks_of(note))
    )


def _evidence(row: object) -> str:
    if not isinstance(row, dict):
        return ""
    value, unit = row.get("value"), row.get("unit")
    said = "not known" if value is None else _figure(float(value), str(unit))
    source = f" ({plain(str(row['source']))}, {row['as_of']})" if row.get("source") else ""
    return f"- {plain(str(row['label']))}: {said}{source}"


def _figure(value: float, unit: str) -> str:
    if unit == "usd":
        return usd(value)
    if unit in {"fraction", "return"}:
        return signed_pct(value)
    return f"{value:,.2f} {unit}".strip()


def history_answer(driver: DriverFigures, notes: Sequence[PublishedNote], days: int) -> Answer:
    """Return one driver over the published sessions, newest first."""
    rows = [_row(note.session, note.driver(driver.slug)) for note in notes]
    table = "```\n" + "\n".join(rows)[: ANSWER_LIMIT - 900] + "\n```"
    newest = notes[0]
    said = f"{len(notes)} of {days} sessions asked for are published."
    parts = (driver_line(driver), table, said if len(notes) < days else "")
    return fitted(
        Answer(
            f"{driver.title}, session by session",
            tuple(part for part in parts if part),
            small=f"{SCALE}, most likely dollars. {footer_of(newest)}",
        )
    )


def _row(session: date, past: DriverFigures | None) -> str:
    # Narrow enough for a telephone, which shows 26 characters.
    day = f"{session:%d %b}"
    if past is None or not past.measured:
        return f"{day} not measured"
    dollars = "" if past.flow_usd is None else f" {short_usd(past.flow_usd[1]):>7}"
    return f"{day} {bar(past.score)} {_score(past):>4}{dollars}"


def compare_answer(a: PublishedNote, b: PublishedNote) -> Answer:
    """Set two sessions side by side, driver by driver."""
    rows = [
        f"{one.title}: **{_score(one)}** and **{_score(b.driver(one.slug))}**" for one in a.drivers
    ]
    days = "\n".join(
        f"**{full_day(note.session)}** · {note.label} · S&P 500 {signed_pct(note.day_return)}"
        for note in (a, b)
    )
    return fitted(
        Answer(
            "Two days side by side",
            (days, "\n".join(rows)),
            small=f"{SCALE}. Commentary, not advice.",
        )
    )


def _score(driver: DriverFigures | None) -> str:
    if driver is None or not driver.measured:
        return "not measured"
    score = round(100 * driver.score)
    return f"{score:+d}".replace("-", MINUS) if score else "0"


def why_answer(note: PublishedNote) -> Answer:
    """Offer the parts of a note whose sentences can be asked about."""
    names = list(dict.fromkeys(line.id.split(".")[0] for line in note.lines))
    choices = tuple((name, section_name(note, name)) for name in names)[:25]
    return Answer(
        "Why does it say that?",
        (
            "Choose a part of the note: every sentence comes with the rule that chose it and the "
            "figures it rests on.",
        ),
        choices=choices,
        choices_mark=Mark("why", note.session, note.edition),
    )


def section_name(note: PublishedNote, section: str) -> str:
    """Return what a part of the note is called."""
    driver = note.driver(section)
    return driver.title if driver else SECTION_NAMES.get(section, section.strip("_"))


def sentences_answer(note: PublishedNote, section: str) -> Answer:
    """Return every sentence of a part, with its rule and its figures."""
    lines = [line for line in note.lines if line.id.split(".")[0] == section]
    return fitted(
        Answer(
            f"Why: {section_name(note, section)}",
            tuple(_reason(line) for line in lines) or ("The note has no such part.",),
            small=f"Close of {full_day(note.session)} · {note.content_hash[:19]}",
        )
    )


def _reason(line: Line) -> str:
    facts = ", ".join(f"{key} = {value:.6g}" for key, value in line.facts.items())
    rest = f"\n-# figures: {plain(facts)}" if facts else ""
    return f"{plain(line.text)}\n-# {plain(line.id)} · rule: {plain(line.rule)}{rest}"


def next_answer(note: PublishedNote) -> Answer:
    """Return what is known of the days after: base rates, claims, what would change our mind."""
    told = plain(" ".join(line.text for line in note.part("_stick")))
    claims = [
        f"- {plain(str(one['claim']).rstrip('.'))}: **{odds(float(one['probability']))}** "
        f"(base rate {odds(float(one['base_rate']))} over {one['n']} days), marked on "
        f"{full_day(date.fromisoformat(str(one['resolves_on'])))}"
        for one in note.odds
    ]
    parts = [f"-# {dateline(note)}", told, "\n".join(claims)]
    return fitted(
        Answer(
            "Will it stick?",
            tuple(part for part in parts if part),
            small="Base rates, not forecasts. Commentary, not advice.",
        )
    )


def no_note_answer(coming: datetime | None) -> Answer:
    """Say plainly that the ledger has nothing."""
    when = f" The next is due {stamp(coming, 'R')}." if coming is not None else ""
    return Answer("No note yet", (f"Nothing has been published here so far.{when}",))


def not_a_session_answer(asked: date, nearest: Sequence[date]) -> Answer:
    """Say that a day has no note, and offer those next to it."""
    marks = tuple((full_day(day), Mark(SHOW, day, "note")) for day in nearest)
    words = f"There is no published note of {full_day(asked)}."
    return Answer("No note of that day", (words + (" The nearest:" if marks else ""),), marks=marks)


def archive_answer(page: int, rows: Sequence[tuple[date, str, str]], pages: int) -> Answer:
    """List published notes, newest first: day, verdict, title."""
    lines = [f"**{full_day(day)}** · {words}\n-# {plain(title)}" for day, words, title in rows]
    return fitted(Answer(f"Published notes, page {page + 1} of {pages}", ("\n".join(lines),)))
