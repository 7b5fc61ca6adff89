"""How the bot says figures: the words of the note, set for Discord."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache

from bot.discord.published import DriverFigures, PublishedNote
from templates.figures import level, odds, pct, points, usd, usd_span
from templates.words import direction, strength, surprise_word

MINUS = "\N{MINUS SIGN}"
TOP_DRIVERS = 3
CELLS = 5

_MARKUP = re.compile(r"([\\*_~`|\[\]])|^(#|>|-#|- )", re.MULTILINE)


def plain(text: str) -> str:
    r"""Escape what Discord would take for markup.

    >>> print(plain("a *b* [c] # d"))
    a \*b\* \[c\] # d
    """
    return _MARKUP.sub(lambda found: f"\\{found[0]}", text)


def stamp(moment: datetime, style: str = "f") -> str:
    """Return a moment that each reader sees in their own time zone.

    >>> stamp(datetime.fromisoformat("2025-04-09T20:00:00Z"))
    '<t:1744228800:f>'
    """
    return f"<t:{int(moment.timestamp())}:{style}>"


@lru_cache(maxsize=4_096)
def count_of(number: int, thing: str) -> str:
    """Return a count with its word, which takes an s but after one.

    >>> count_of(1, "server"), count_of(2_500, "server")
    ('1 server', '2,500 servers')
    """
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def full_day(session: date) -> str:
    """Say a session's day.

    >>> full_day(date(2025, 4, 9))
    'Wed 9 Apr 2025'
    """
    return f"{session:%a} {session.day} {session:%b %Y}"


def signed_pct(fraction: float) -> str:
    """Say a return with its sign.

    >>> signed_pct(0.0132), signed_pct(-0.0952) == MINUS + "9.5%", signed_pct(0.0)
    ('+1.3%', True, '0%')
    """
    sign = {"up": "+", "down": MINUS, "flat": ""}[direction(fraction)]
    return f"{sign}{pct(fraction)}"


def dateline(note: PublishedNote) -> str:
    """Return the small line under the headline: day, index, VIX, confidence.

    The figures are those of the report; what was not known is left out.
    """
    parts = [f"Close of {full_day(note.session)}", f"S&P 500 **{signed_pct(note.day_return)}**"]
    if note.vix_close is not None:
        change = "" if note.vix_change is None else f" ({_signed_points(note.vix_change)})"
        parts.append(f"VIX {level(note.vix_close)}{change}")
    parts.append(f"confidence {odds(note.confidence) if note.confidence else 'none'}")
    return " · ".join(parts)


def _signed_points(change: float) -> str:
    number = points(change).split()[0].lstrip(f"-{MINUS}")
    return f"{MINUS if change < 0 else '+'}{number}"


def side_of(driver: DriverFigures) -> str:
    """Say how strong a driver was and on which side."""
    word = strength(driver.score)
    if driver.score == 0 or word == "negligible":
        return "negligible"
    return f"{word} {'buying' if driver.score > 0 else 'selling'}"


def driver_line(driver: DriverFigures, *, bars: bool = False) -> str:
    """Return one driver: its side in a line, and under it in small how much and how sure."""
    if not driver.measured:
        why = driver.missing[0] if driver.missing else "inputs too old or too few"
        return f"**{driver.title}** · not measured: {plain(why)}"
    parts = []
    if driver.flow_usd is not None:
        low, mid, high = driver.flow_usd
        parts.append(f"about {usd(mid)} ({usd_span((low, high))})")
    if surprise_word(driver.surprise) == "unusual":
        parts.append("unusual for such a day")
    parts.append(f"confidence {odds(driver.confidence)}")
    line = f"**{driver.title}** · {side_of(driver)}\n-# {' · '.join(parts)}"
    return f"{bar(driver.score)} {line}" if bars else line


def short_usd(amount: float) -> str:
    """Say dollars in a table, below zero for sales.

    >>> short_usd(8.82e9), short_usd(-463e6) == MINUS + "$460m"
    ('$8.8bn', True)
    """
    sign = MINUS if amount < 0 else ""
    return sign + usd(amount).replace(" billion", "bn").replace(" million", "m")


def bar(score: float) -> str:
    """Draw a score's size in five cells; the words beside it say which side.

    >>> bar(0.9), bar(-0.3), bar(0.0)
    ('▰▰▰▰▰', '▰▰▱▱▱', '▱▱▱▱▱')
    """
    full = min(CELLS, round(abs(score) * CELLS + 0.49)) if score else 0
    return "▰" * full + "▱" * (CELLS - full)


def strongest(
    note: PublishedNote, only: tuple[str, ...] = (), count: int = TOP_DRIVERS
) -> list[DriverFigures]:
    """Return the measured drivers with the largest scores, those asked for if any were."""
    wanted = [one for one in note.drivers if one.measured and (not only or one.slug in only)]
    return sorted(wanted, key=lambda one: (-abs(one.score), one.slug))[:count]


def unmeasured(note: PublishedNote) -> list[str]:
    """Return the titles of what the note could not measure."""
    return [one.title for one in note.drivers if not one.measured]


def verdict_words(note: PublishedNote) -> str:
    """Say the verdict and the day in a few words, as for a list."""
    tape = {"up": "rise", "down": "fall", "flat": "day"}[direction(note.day_return)]
    return f"{note.label} {tape} {signed_pct(note.day_return)}"


def cut_at_sentence(text: str, limit: int) -> str:
    """Cut a text after the last whole sentence that fits.

    >>> cut_at_sentence("One two. Three four. Five.", 22)
    'One two. Three four.'
    >>> cut_at_sentence("No sentence fits here at all", 12)
    'No…'
    """
    if len(text) <= limit:
        return text
    ends = [found.end() for found in re.finditer(r"[.!?](?=\s|$)", text) if found.end() <= limit]
    if ends:
        return text[: ends[-1]]
    return text[: limit - 1].rsplit(" ", 1)[0] + "…"
