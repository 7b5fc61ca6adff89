"""Read the time a browser wrote into a download, whatever its language.

Cboe's quote tables carry one line such as ``Date: January 7, 2024 at 10:52 AM
EST``, worded by the reader's own browser: ``17 April 2023, 22:53 UTC-4``, ``23
de marzo de 2022``, Russian, Japanese, numbers only. A wording can have more
than one reading (04/05, or a month name two languages share), so every reading
is returned and the caller keeps those that fit the chain.
"""

import re
import unicodedata
from datetime import datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from itertools import pairwise, permutations, product

from analysis.options.clock import new_york

CLOCKS = (
    re.compile(r"(?<![\d.])(\d{1,2}):(\d{2})(?::\d{2})?(?!\d)"),
    re.compile(r"(?<!\d)(\d{1,2})\s?[h時시点點]\s?(\d{2})(?!\d)"),
    re.compile(r"(?<![\d.])(\d{1,2})\.(\d{2})(?:\.\d{2})?(?![.\d])"),
)
"""How a time of day is written; a dotted one last, for a dotted date looks the same."""

OFFSETS = (
    re.compile(r"(?:GMT|UTC)\s?([+-])\s?(\d{1,2})(?::?(\d{2}))?(?!\d)"),
    re.compile(r"(?<=\s)([+-])(\d{2}):?(\d{2})(?!\d)"),
)
BETWEEN_WORDS = re.compile(r"[\s\d,:()\[\]/'\u2019\-]+")
ZONES_HOURS = {
    "gmt": 0, "utc": 0, "bst": 1, "cet": 1, "mez": 1, "cest": 2, "mesz": 2, "eet": 2, "eest": 3,
    "msk": 3, "jst": 9, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
NEW_YORK_ZONES = frozenset({"est", "edt", "et", "hee", "hne"})
AFTERNOON = ("pm", "下午", "午後", "오후", "晚上", "م", "μμ", "ch", "ptg", "du")
MORNING = ("am", "上午", "午前", "오전", "凌晨", "早上", "ص", "πμ", "sa", "pg")
NOON = 12
LAST_DAY = 31
WIDEST_OFFSET = timedelta(hours=14)
BUDDHIST_ERA = 543


def readings(text: str) -> list[datetime]:
    """Return every New York moment a stated time can mean, each once, in order of time."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    clock = _clock_of(plain)
    if clock is None:
        hours: set[tuple[int, int]] = {(0, 0), (23, 59)}
        rest = plain
    else:
        rest = plain[: clock.start()] + " " + plain[clock.end() :]
        hours = _hours(clock, rest)
    offset, rest = _offset(rest, known_time=clock is not None)
    moments = set()
    for (year, month, day), (hour, minute) in product(_dates(rest), hours):
        moment = _moment((year, month, day, hour, minute), offset)
        if moment is not None:
            moments.add(moment)
    return sorted(moments)


def _clock_of(text: str) -> re.Match[str] | None:
    for pattern in CLOCKS:
        matches = [found for found in pattern.finditer(text) if _is_clock(found)]
        if matches:
            return matches[0] if ":" in matches[0][0] else matches[-1]
    return None


def _is_clock(found: re.Match[str]) -> bool:
    return int(found[1]) <= 24 and int(found[2]) < 60


def _hours(clock: re.Match[str], rest: str) -> set[tuple[int, int]]:
    hour, minute = int(clock[1]) % 24, int(clock[2])
    if hour > NOON:
        return {(hour, minute)}
    words = _words(rest)
    pairs = {a + b for a, b in pairwise(words) if len(a) == len(b) == 1}
    seen = pairs.union(words)
    late = any(_plain(mark) in seen for mark in AFTERNOON)
    early = any(_plain(mark) in seen for mark in MORNING)
    if late != early:
        return {(hour % NOON + NOON * late, minute)}
    return {(hour, minute)}


def _offset(text: str, *, known_time: bool) -> tuple[timedelta | None, str]:
    """Find the zone: hours from UTC, or None for New York; and the text without it."""
    if not known_time:
        return None, text
    for match in (found for pattern in OFFSETS for found in pattern.finditer(text)):
        sign = 1 if match[1] == "+" else -1
        zone = sign * timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        if abs(zone) <= WIDEST_OFFSET:
            return zone, text[: match.start()] + " " + text[match.end() :]
    words = set(_words(text))
    if words & NEW_YORK_ZONES:
        return None, text
    hours = [ZONES_HOURS[word] for word in words if word in ZONES_HOURS]
    return (timedelta(hours=hours[0]) if hours else None), text


def _dates(text: str) -> set[tuple[int, int, int]]:
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    named = {month for word in _words(text) for month in _months(word)}
    if named:
        orders = [(y, m, d) for m in named for d, y in permutations(numbers[:2], 2)]
    elif len(numbers) < len(("year", "month", "day")):
        return set()
    else:
        a, b, c = numbers[:3]
        orders = [(a, b, c)] if a > LAST_DAY else [(c, a, b), (c, b, a), (a, b, c)]
    return {(_year(y), m, d) for y, m, d in orders if _plausible(y, m, d)}


def _months(word: str) -> frozenset[int]:
    table = month_names()
    return table.get(word) or table.get(word.removeprefix("ב"), frozenset())


def _words(text: str) -> list[str]:
    return [_plain(word) for word in BETWEEN_WORDS.split(text)]


def _plausible(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= LAST_DAY and (year < 100 or 1900 < year < 2700)


def _year(year: int) -> int:
    if year > 2400:
        return year - BUDDHIST_ERA
    return year + 2000 if year < 100 else year


def _moment(parts: tuple[int, int, int, int, int], offset: timedelta | None) -> datetime | None:
    try:
        moment = datetime(*parts, tzinfo=new_york() if offset is None else timezone(offset))
    except ValueError:
        return None
    return moment.astimezone(new_york())


def _plain(word: str) -> str:
    """Lower-case a word and strip accents, dots and signs, as the table of months has it."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in decomposed if letter.isalpha())


@cache
def month_names() -> dict[str, frozenset[int]]:
    """Map month names of many languages to the months they can mean."""
    table: dict[str, frozenset[int]] = {}
    text = files("analysis.options.readers").joinpath("month_names.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for month, line in enumerate(lines, start=1):
        for word in line.split():
            table[word] = table.get(word, frozenset()) | {month}
    return table
