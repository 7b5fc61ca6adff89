"""What a post says, before it is set for one of the ways Discord can show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.discord.ids import DRIVERS, NEXT, SHOW, WHY, Mark
from bot.discord.published import PublishedNote
from bot.discord.wording import (
    cut_at_sentence,
    dateline,
    driver_line,
    full_day,
    plain,
    stamp,
    strongest,
    unmeasured,
)
from templates.words import direction

TEXT_LIMIT = 1_500
"""Longest post [characters]: more than this nobody reads in a chat."""

SUMMARY_LIMIT = 560
ALT_LIMIT = 1_024
UP, DOWN, NEITHER = 0x1F8B6F, 0xB5532A, 0x6B7280
"""Teal, rust and grey: told apart by every eye, and legible on dark and light."""

BUTTONS = ((DRIVERS, "Drivers"), (WHY, "Why?"), (NEXT, "What next"))
SKIPPED_IN_SUMMARY = ("_lead.tape", "_lead.vix", "_lead.title")
"""The dateline has these figures already."""

WHAT_IS_MISSING = "What is missing"
SIMULATED = "**Simulated market: no figure here is real.**"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture that goes with the post, and what it says in words."""

    name: str
    png: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class Post:
    """A post in parts. ``mark`` names the note its buttons and later corrections belong to."""

    mark: Mark
    headline: str
    dateline: str
    summary: str
    drivers: tuple[str, ...] = ()
    bar_drivers: tuple[str, ...] = ()
    missing: str = ""
    notice: str = ""
    footer: str = ""
    accent: int = NEITHER
    buttons: tuple[tuple[str, str], ...] = ()
    url: str | None = None
    attachments: tuple[Attachment, ...] = ()
    role_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What one channel asked for."""

    drivers: tuple[str, ...] = ()
    role_id: int | None = None
    public_url: str | None = None


def post_of(
    note: PublishedNote, attachments: tuple[Attachment, ...] = (), wish: Wish | None = None
) -> Post:
    """Return a note's post, no longer than `TEXT_LIMIT` however it is set."""
    wish = wish or Wish()
    chosen = strongest(note, wish.drivers)
    accent = {"up": UP, "down": DOWN, "flat": NEITHER}[direction(note.day_return)]
    post = Post(
        mark=Mark("post", note.session, note.edition),
        headline=plain(note.title),
        dateline=dateline(note),
        summary=summary_of(note),
        drivers=tuple(driver_line(one) for one in chosen),
        bar_drivers=tuple(driver_line(one, bars=True) for one in chosen),
        missing=missing_of(note),
        notice=SIMULATED if note.demo else "Published late." if note.late else "",
        footer=footer_of(note),
        accent=accent,
        buttons=BUTTONS,
        url=note_url(wish.public_url, note.session),
        attachments=attachments,
        role_id=wish.role_id,
    )
    return fitted(post)


def summary_of(note: PublishedNote) -> str:
    """Return the lead without the figures that the dateline has."""
    told = [
        line.text
        for line in note.lines
        if line.id.startswith("_lead.") and not line.id.startswith(SKIPPED_IN_SUMMARY)
    ]
    return cut_at_sentence(plain(" ".join(told)), SUMMARY_LIMIT)


def missing_of(note: PublishedNote) -> str:
    """Say what was absent from the tape, and what could not be measured."""
    heading = note.heading("real_money") or note.heading("_absent")
    told = [plain(_capital(heading.removeprefix(f"{WHAT_IS_MISSING}: ")))]
    unseen = unmeasured(note)
    if unseen:
        told.append(f"Not measured today: {', '.join(unseen)}")
    return ". ".join(one for one in told if one)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def footer_of(note: PublishedNote) -> str:
    """Return the standing line."""
    return (
        "Estimates from public end-of-day data; commentary, not advice. "
        f"Data as of {stamp(note.as_of)}."
    )


def note_url(public_url: str | None, session: date) -> str | None:
    """Return where the full note stands, if there are pages.

    >>> note_url("https://desk.example/", date(2025, 4, 9))
    'https://desk.example/2025/04/09/'
    """
    return None if not public_url else f"{public_url.rstrip('/')}/{session:%Y/%m/%d}/"


def corrected(post: Post, at: datetime) -> Post:
    """Return a post that says it replaces an earlier one."""
    return fitted(replace(post, notice=f"{post.notice} Corrected {stamp(at)}.".strip()))


def published_again(post: Post, at: datetime) -> Post:
    """Return a post that says it was withdrawn for a while."""
    words = f"{post.notice} Withdrawn for a while; published again {stamp(at)}."
    return fitted(replace(post, notice=words.strip()))


def pending_post(session: date, edition: str) -> Post:
    """Return the post of a session whose data are late."""
    return Post(
        mark=Mark("post", session, edition),
        headline="Data pending",
        dateline=f"Close of {full_day(session)}",
        summary=(
            "The data for this session have not come, or did not pass our checks. "
            "This post will become the note when they do; until then we say nothing."
        ),
        # Not only a courtesy: without a button the post could not be found again.
        buttons=((SHOW, "Last note"),),
    )


def withdrawn_post(session: date, edition: str, reason: str) -> Post:
    """Return what stands in place of a note that was taken back."""
    return Post(
        mark=Mark("post", session, edition),
        headline="This note was withdrawn",
        dateline=f"Close of {full_day(session)}",
        summary=cut_at_sentence(plain(reason), SUMMARY_LIMIT),
    )


def body_of(post: Post, *, bars: bool) -> list[str]:
    """Return the post's paragraphs in order, with or without bars for a missing picture."""
    drivers = post.bar_drivers if bars else post.drivers
    return [
        part
        for part in (
            post.notice,
            post.summary,
            "\n".join(drivers),
            f"**{WHAT_IS_MISSING}**\n{post.missing}" if post.missing else "",
        )
        if part
    ]


def text_length(post: Post) -> int:
    """Return how long the post is at its longest [characters]."""
    parts = [post.headline, post.dateline, *body_of(post, bars=True), post.footer]
    return sum(len(part) for part in parts) + 2 * len(parts)


def fitted(post: Post) -> Post:
    """Cut the summary, then the drivers, until the post is short enough."""
    excess = text_length(post) - TEXT_LIMIT
    if excess > 0:
        room = max(120, len(post.summary) - excess)
        post = replace(post, summary=cut_at_sentence(post.summary, room))
    while text_length(post) > TEXT_LIMIT and len(post.drivers) > 1:
        post = replace(post, drivers=post.drivers[:-1], bar_drivers=post.bar_drivers[:-1])
    return post


PICTURES = ("drivers.png",)
"""The pictures a post carries, by the names of the edition's texts."""

PICTURE_TEXTS = tuple(text for name in PICTURES for text in (name, f"{name}.alt.txt"))


def attachments_of(note: PublishedNote, texts: Mapping[str, bytes]) -> tuple[Attachment, ...]:
    """Return the pictures that were frozen with a note; without alt text, its figures serve."""
    found = []
    for name in PICTURES:
        if name in texts:
            said = texts.get(f"{name}.alt.txt", b"").decode("utf-8").strip()
            found.append(Attachment(name, texts[name], (said or alt_of(note))[:ALT_LIMIT]))
    return tuple(found)


def alt_of(note: PublishedNote) -> str:
    """Say the scores of all drivers, as a picture of them would show them."""
    scores = [
        f"{one.title} {100 * one.score:+.0f}" for one in strongest(note, count=len(note.drivers))
    ]
    return f"Driver scores from -100 to +100, above zero buys: {', '.join(scores)}."
