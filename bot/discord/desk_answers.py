"""What the bot says about itself: terms, status, its record, what it stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.discord.answers import Answer, fitted
from bot.discord.health import health_words
from bot.discord.published import PublishedNote
from bot.discord.wording import full_day, plain, stamp
from bot.ledger.guilds import GuildChannel
from bot.ledger.record import ClaimRow, Grade
from bot.ledger.runs import RunRow
from templates.figures import odds
from templates.glossary import Term


def term_answer(term: Term) -> Answer:
    """Return a word of the trade: what it is, how it is measured, what to beware of."""
    also = f"-# also: {plain(', '.join(term.also))}" if term.also else ""
    parts = (
        also,
        plain(term.plain),
        f"**How we measure it** {plain(term.measured)}",
        f"**Beware** {plain(term.caveat)}",
    )
    return Answer(term.term, tuple(part for part in parts if part))


@dataclass(frozen=True, slots=True)
class DeskState:
    """What is known of the desk and of one server's channels."""

    note: PublishedNote | None
    run: RunRow | None
    coming: datetime | None
    places: Sequence[GuildChannel] = ()


def status_answer(state: DeskState) -> Answer:
    """Say when the desk last worked, how its sources stood, what comes next."""
    parts = []
    if state.run is not None:
        said = plain(state.run.detail) or state.run.state.value
        parts.append(
            f"**Last run** {state.run.job.kind} of {full_day(state.run.job.session)}: {said}"
        )
    if state.note is not None:
        parts.append(f"**Last note** {full_day(state.note.session)}: {plain(state.note.title)}")
        rows = "\n".join(_source(one) for one in state.note.sources)
        parts.append(f"**Sources that evening**\n{rows}")
    else:
        parts.append("Nothing has been published yet.")
    if state.coming is not None:
        parts.append(f"**Next note** {stamp(state.coming)} ({stamp(state.coming, 'R')})")
    if state.places:
        rows = "\n".join(f"<#{one.channel_id}>: {health_words(one)}" for one in state.places)
        parts.append(f"**This server**\n{rows}")
    return fitted(Answer("How the desk stands", tuple(parts)))


def _source(row: Mapping[str, object]) -> str:
    day = f", as of {row['as_of']}" if row.get("as_of") else ""
    note = f" ({plain(str(row['note']))})" if row.get("note") else ""
    return f"- {plain(str(row['name']))}: {row['status']}{day}{note}"


Graded = Sequence[tuple[ClaimRow, Grade]]


def within(graded: Graded, sessions: int | None) -> Graded:
    """Return the claims of the last sessions that have any, of all without a number."""
    days = sorted({row.session for row, _ in graded}, reverse=True)
    kept = set(days[:sessions] if sessions else days)
    return [(row, grade) for row, grade in graded if row.session in kept]


def accuracy_answer(rows: Graded) -> Answer:
    """Say how often claims came true, against what they said and against base rates."""
    kept = {row.session for row, _ in rows}
    if not rows:
        words = "No claim of a published note has been marked yet. The first are marked when due."
        return Answer("What followed", (words,))
    parts = [
        f"{len(rows)} claims of {len(kept)} sessions, "
        f"{full_day(min(kept))} to {full_day(max(kept))}."
    ]
    for key in dict.fromkeys(row.claim.key for row, _ in rows):
        parts.append(_kind([(row, grade) for row, grade in rows if row.claim.key == key]))
    return fitted(
        Answer(
            "What followed",
            tuple(parts),
            small="Brier score: 0 is perfect. Skill below zero is said, not hidden.",
        )
    )


def _kind(rows: list[tuple[ClaimRow, Grade]]) -> str:
    n = len(rows)
    said = sum(row.claim.probability for row, _ in rows) / n
    true = sum(grade.came_true for _, grade in rows) / n
    ours = sum(grade.brier for _, grade in rows) / n
    base = sum(grade.base_rate_brier for _, grade in rows) / n
    skill = "no base to compare" if base == 0 else f"skill over base rate {1 - ours / base:+.3f}"
    return (
        f"**{plain(rows[-1][0].claim.words)}**\n"
        f"n {n} · said {odds(said)} on average, came true {true:.0%} · "
        f"Brier {ours:.3f} against {base:.3f}, {skill}"
    )


def newsletter_answer(public_url: str | None) -> Answer:
    """Point to the web form; addresses are never taken here."""
    if not public_url:
        words = "This desk has no newsletter page. Nobody can subscribe through Discord."
        return Answer("Newsletter", (words,))
    words = (
        "The note comes by mail too. Subscribe on the web: I never take an address in Discord, "
        "so please do not type one here."
    )
    url = f"{public_url.rstrip('/')}/subscribe"
    return Answer("Newsletter", (words,), links=(("Subscribe on the web", url),))


def privacy_answer(traces: Mapping[str, int]) -> Answer:
    """List what is stored, and whether anything is stored of the one who asks."""
    stored = (
        "**Of a server** its id, the ids of the channels that get the note and of the role that "
        "is called, the settings of the panel, the id of whoever set it up or changed it last.\n"
        "**Of a reader** nothing, unless you chose a level with `/flow level`: then your id and "
        "that level.\n"
        "**Never** names, messages, members, or addresses. I cannot read what is said here.\n"
        "Everything of a server is deleted thirty days after I leave it; everything of yours at "
        "once with `/delete-my-data`."
    )
    yours = [words for key, words in TRACES.items() if traces.get(key)]
    said = f"**Of you** I have {' and '.join(yours)}." if yours else "**Of you** I have nothing."
    return Answer("What is stored", (stored, said))


TRACES = {
    "reader": "your reading level",
    "panel": "your id beside a channel's settings",
    "installer": "your id as the one who set me up",
}


def nearest_sessions(asked: date, sessions: Sequence[date], count: int = 2) -> list[date]:
    """Return the published sessions nearest to a day, in order.

    >>> nearest_sessions(date(2025, 4, 12), [date(2025, 4, 11), date(2025, 4, 9)], 1)
    [datetime.date(2025, 4, 11)]
    """
    return sorted(sorted(sessions, key=lambda day: abs((day - asked).days))[:count])
