"""Say figures as a person would: rounded to what the reader can use, sign left to the words.

Every filter drops the sign, because the sentence says "rose" or "sold"; `test_figures`
and the parse-back test hold each of them to half a unit of its last printed digit.
"""

from __future__ import annotations

import re
from datetime import date
from math import floor, log10
from pathlib import PurePosixPath

SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))

NOTHING_USD = 5e7
"""A flow under fifty million dollars is nothing in this market."""

NOTHING = 5e-4
"""A plain number under this is printed as nothing, not in powers of ten."""

LIKELY = ((0.75, "perhaps"), (0.90, "probably"), (float("inf"), "very likely"))
"""Upper ends of a chance for each adverb; none says that a thing is certain."""

FRACTIONS = (
    (0.035, "next to none"),
    (0.075, "about a twentieth"),
    (0.15, "about a tenth"),
    (0.225, "about a fifth"),
    (0.29, "about a quarter"),
    (0.37, "about a third"),
    (0.45, "about two fifths"),
    (0.55, "about half"),
    (0.62, "about three fifths"),
    (0.71, "about two thirds"),
    (0.8, "about three quarters"),
    (0.95, "most"),
    (1.0, "nearly all"),
)
"""Upper ends of the ranges that each word stands for."""

ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def usd(amount: float) -> str:
    """Say dollars with two digits that matter, more above ten of a unit.

    >>> usd(28_634_000_000), usd(-2_340_000_000), usd(463_000_000), usd(8_040_000)
    ('$29 billion', '$2.3 billion', '$460 million', '$8 million')
    """
    number, word = _scaled(amount)
    return f"${number} {word}".rstrip()


def usd_span(ends: tuple[float, float], joint: str = "to") -> str:
    """Say a range of dollars, nearer end first; across zero, say which end sold.

    >>> usd_span((8e9, 32.1e9)), usd_span((-1.9e9, -0.4e9), "and")
    ('$8 billion to $32 billion', '$400 million and $1.9 billion')
    >>> usd_span((-2e9, 3e9))
    '$2 billion of selling to $3 billion of buying'
    """
    low, high = ends
    if low < 0 < high:
        return f"{usd(low)} of selling {joint} {usd(high)} of buying"
    near, far = sorted((abs(low), abs(high)))
    return f"{usd(near)} {joint} {usd(far)}"


def pct_span(ends: tuple[float, float]) -> str:
    """Say a range of moves, nearer end first; across zero, say which end fell.

    >>> pct_span((0.01, 0.03)), pct_span((-0.03, -0.012)), pct_span((-0.001, 0.002))
    ('1% to 3%', '1.2% to 3%', '0.1% down to 0.2% up')
    """
    low, high = ends
    if low < 0 < high:
        return f"{pct(low)} down to {pct(high)} up"
    near, far = sorted((abs(low), abs(high)))
    return f"{pct(near)} to {pct(far)}"


def pct_reach(ends: tuple[float, float]) -> str:
    """Say the two ends of what followed, lower end first, each with its direction.

    >>> pct_reach((-0.018, 0.016)), pct_reach((0.001, 0.02))
    ('a 1.8% fall to a 1.6% rise', 'a 0.1% rise to a 2% rise')
    """
    return " to ".join(f"{article(pct(end))} {'rise' if end >= 0 else 'fall'}" for end in ends)


def order(amount: float) -> str:
    """Say a signed flow as an order, or that there is next to none.

    >>> order(-4.1e9), order(2e9), order(1e6)
    ('about $4.1 billion of selling', 'about $2 billion of buying', 'next to nothing')
    """
    if abs(amount) < NOTHING_USD:
        return "next to nothing"
    return f"about {usd(amount)} of {'buying' if amount > 0 else 'selling'}"


def bps(hundredths: float) -> str:
    """Say basis points as per cent, which is how a person says a move.

    >>> bps(113.3), bps(53.8)
    ('1.1%', '0.5%')
    """
    return pct(hundredths / 1e4)


def pct(fraction: float) -> str:
    """Say a move: one decimal, two when it is under a tenth of one per cent.

    >>> pct(0.0952), pct(-0.0004), pct(0.24), pct(0.0)
    ('9.5%', '0.04%', '24%', '0%')
    """
    size = abs(fraction)
    return _trim(f"{100 * size:.{_pct_decimals(size)}f}") + "%"


def pct_fine(fraction: float) -> str:
    """Say a small part of a move with two decimals, so that part and rest add up to the eye.

    >>> pct_fine(0.0016), pct_fine(-0.0132), pct_fine(0.00004)
    ('0.16%', '1.32%', '0.004%')
    """
    size = abs(fraction)
    return pct(size) if size < 0.0005 else _trim(f"{100 * size:.2f}") + "%"


def share(fraction: float) -> str:
    """Say a part of a whole: whole per cent from two up, one decimal below.

    >>> share(0.0374), share(0.0042), share(0.98999), share(0.00004), share(0.9988)
    ('4%', '0.4%', '99%', '0.004%', 'more than 99%')
    """
    size = abs(fraction)
    if 0.995 <= size < 1.0:
        return "more than 99%"
    if size >= 0.02:
        return f"{100 * size:.0f}%"
    return _trim(f"{100 * size:.{1 if size >= 0.001 else 3}f}") + "%"


def fraction(part: float) -> str:
    """Say a part of a whole in words.

    >>> fraction(0.52), fraction(0.34), fraction(0.97)
    ('about half', 'about a third', 'nearly all')
    """
    return next(word for end, word in FRACTIONS if abs(part) <= end or end == 1.0)


def points(change: float) -> str:
    """Say a change of an index such as the VIX in points.

    >>> points(-18.71), points(0.42)
    ('18.7 points', '0.4 points')
    """
    number = _trim(f"{abs(change):.1f}")
    return f"{number} point" if number == "1" else f"{number} points"


def pp(difference: float) -> str:
    """Say a difference between two moves in percentage points.

    >>> pp(-0.0121), pp(0.01), pp(0.0004)
    ('1.2 percentage points', '1 percentage point', '0.04 percentage points')
    """
    number = pct(difference).rstrip("%")
    return f"{number} percentage {'point' if number == '1' else 'points'}"


def reading(value: float, unit: str) -> str:
    """Say a signed figure by its unit, for readers who want the figure itself.

    >>> reading(-0.0123, "fraction"), reading(2.4e9, "USD"), reading(1.5, "x")
    ('-1.2%', '$2.4 billion', '1.5x')
    >>> reading(-2.4e9, "usd"), reading(113.3, "bps"), reading(14.2, "days")
    ('-$2.4 billion', '113 bp', '14.2 days')
    >>> reading(-0.0000072, "x")
    '0x'
    """
    sign = "-" if value < 0 else ""
    size = abs(value)
    kind = unit.lower()
    if kind.startswith("fraction"):
        return sign + pct(size)
    if kind == "usd":
        return sign + usd(size)
    if kind == "bps":
        return f"{sign}{size:.0f} bp"
    if size < NOTHING:
        sign, size = "", 0.0
    said = f"{size:,.0f}" if size >= 100 else _trim(f"{size:.2g}" if size < 1 else f"{size:.1f}")
    return sign + said + {"x": "x", "days": " days", "sigma": " sigma"}.get(kind, "")


def percentile(rank: float) -> str:
    """Say a rank in its own past as a percentile.

    >>> percentile(0.93), percentile(0.214), percentile(0.999), percentile(0.0)
    ('93rd percentile', '21st percentile', 'top percentile', 'lowest percentile')
    """
    whole = round(100 * rank)
    if whole >= 100 or whole <= 0:
        return "top percentile" if whole else "lowest percentile"
    return f"{_place(whole)} percentile"


def level(value: float) -> str:
    """Say an index level: whole from a hundred up, one decimal below.

    >>> level(5456.9), level(33.62)
    ('5,457', '33.6')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else _trim(f"{value:.1f}")


def multiple(ratio: float) -> str:
    """Say how many times the usual something was.

    >>> multiple(2.71), multiple(12.3), multiple(0.98)
    ('2.7 times', '12 times', '1 times')
    """
    size = abs(ratio)
    return (f"{size:.0f}" if size >= 10 else _trim(f"{size:.1f}")) + " times"


def fold(ratio: float) -> str:
    """Say in words how many times an ordinary one something was.

    >>> fold(1.9), fold(5.1), fold(1.6), fold(2.4), fold(12.3)
    ('about twice', 'about five times', 'about one and a half times', \
'about two and a half times', 'about 12 times')
    """
    halves = round(2 * abs(ratio))
    if halves == 4:
        return "about twice"
    if halves in (3, 5):
        return f"about {spelled(halves // 2)} and a half times"
    return f"about {spelled(max(1, round(abs(ratio))))} times"


def odds(probability: float) -> str:
    """Say a probability in whole per cent, and never that a thing is certain.

    >>> odds(0.461), odds(0.998), odds(0.002)
    ('46%', 'more than 99%', 'less than 1%')
    """
    if probability > 0.99:
        return "more than 99%"
    return "less than 1%" if probability < 0.01 else f"{100 * probability:.0f}%"


def likely(probability: float) -> str:
    """Say a chance as an adverb: one ladder of words for one ladder of chances.

    >>> likely(0.55), likely(0.8), likely(0.97), likely(0.9999)
    ('perhaps', 'probably', 'very likely', 'very likely')
    """
    return next(word for end, word in LIKELY if probability < end)


def margin(half_width: float) -> str:
    """Say the half width of an interval in whole points, no less than one.

    >>> margin(0.045), margin(0.009), margin(0.12)
    ('five points', 'one point', '12 points')
    """
    half = max(1, floor(100 * half_width + 0.5))
    return f"{spelled(half)} {'point' if half == 1 else 'points'}"


def printable(text: str) -> str:
    r"""Drop what a terminal would obey rather than show, and close up the gaps.

    >>> printable("red \x1b[31m alert\n")
    'red [31m alert'
    """
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def clause(text: str) -> str:
    """Fit words from elsewhere into a sentence of ours.

    >>> clause("Moves by more than 1 %. ")
    'Moves by more than 1%'
    """
    return printable(text).rstrip(".").replace(" %", "%")


def count(number: float) -> str:
    """Say a count in digits, with its thousands marked.

    >>> count(1505.0), count(92)
    ('1,505', '92')
    """
    return f"{number:,.0f}"


def spelled(number: float) -> str:
    """Spell a small count, as in running text.

    >>> spelled(3), spelled(14)
    ('three', '14')
    """
    whole = round(number)
    return NUMBERS[whole] if 0 <= whole < len(NUMBERS) else f"{whole:,}"


def ordinal(number: float) -> str:
    """Say a place in a row, spelled up to ten.

    >>> ordinal(4), ordinal(12), ordinal(21)
    ('fourth', '12th', '21st')
    """
    whole = round(number)
    if 0 < whole < len(NUMBERS):
        return ORDINALS[whole - 1]
    return _place(whole)


def nth(words: tuple[str, ...], place: int) -> str:
    """Take one of several words by its place."""
    return words[place]


def day(when: date) -> str:
    """Say a date without its year.

    >>> day(date(2025, 4, 9))
    '9 April'
    """
    return f"{when.day} {when:%B}"


def day_within(when: date, session: date) -> str:
    """Say a date, with its year where that is not the session's.

    >>> day_within(date(2025, 7, 24), date(2026, 7, 29))
    '24 July 2025'
    >>> day_within(date(2026, 7, 28), date(2026, 7, 29))
    '28 July'
    """
    return day(when) if when.year == session.year else f"{day(when)} {when.year}"


def source_name(name: str) -> str:
    """Say a source's name without its folder, ending and underscores.

    >>> source_name("positioning/put_call_ratio.csv"), source_name("Cboe chains")
    ('put call ratio', 'Cboe chains')
    """
    return PurePosixPath(printable(name)).name.partition(".")[0].replace("_", " ")


def full_day(when: date) -> str:
    """Say a date in full.

    >>> full_day(date(2025, 4, 9))
    'Wednesday, 9 April 2025'
    """
    return f"{when:%A}, {when.day} {when:%B} {when.year}"


def article(word: str) -> str:
    """Put the article that a word takes before it.

    >>> article("extreme"), article("mild"), article("8.5%"), article("1.8%")
    ('an extreme', 'a mild', 'an 8.5%', 'a 1.8%')
    """
    vowel = word[:1] in "aeiou" or re.match(r"(8|11|18)(\D|$)|8\d", word)
    return f"{'an' if vowel else 'a'} {word}"


def capital(text: str) -> str:
    """Begin a sentence with a capital, leaving the rest alone.

    >>> capital("about half of NDX")
    'About half of NDX'
    """
    return text[:1].upper() + text[1:]


def listed(words: list[str] | tuple[str, ...]) -> str:
    """Join words as a sentence does.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]


def bar(part: float) -> str:
    """Draw a part of a whole as ten cells.

    >>> bar(0.74)
    '■■■■■■■□□□'
    """
    full = min(10, max(0, round(10 * part)))
    return "■" * full + "□" * (10 - full)


def _scaled(amount: float) -> tuple[str, str]:
    size = abs(amount)
    # Two digits first, so that 999.7 million is said as one billion.
    rounded = float(f"{size:.2g}") if size else 0.0
    for scale, word in SCALES:
        if rounded >= scale:
            number = size / scale
            if rounded >= 100 * scale:
                return f"{round(number, -1):.0f}", word
            decimals = 0 if rounded >= 10 * scale else 1
            return _trim(f"{number:.{decimals}f}"), word
    return f"{rounded:,.0f}", ""


def _place(whole: int) -> str:
    tens, last = divmod(whole, 10)
    ending = "th" if tens % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(last, "th")
    return f"{whole}{ending}"


def _pct_decimals(size: float) -> int:
    if size >= 0.2:
        return 0
    if size >= 0.001 or size == 0.0:
        return 1
    return min(6, -floor(log10(100 * size)))


def _trim(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


FILTERS = {
    filter_.__name__: filter_
    for filter_ in (
        usd,
        usd_span,
        pct,
        pct_fine,
        pct_span,
        pct_reach,
        ordinal,
        nth,
        reading,
        percentile,
        order,
        bps,
        share,
        fraction,
        points,
        pp,
        level,
        multiple,
        fold,
        odds,
        likely,
        margin,
        clause,
        count,
        spelled,
        day,
        day_within,
        source_name,
        full_day,
        article,
        capital,
        listed,
        bar,
    )
}
"""What a template may call, by name."""
