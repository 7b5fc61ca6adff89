"""Words and figures short enough for a picture, and the frame every chart shares."""

from __future__ import annotations

import re
import textwrap
from datetime import date
from typing import TYPE_CHECKING

from templates.charts.drawing.facts import Chart, Spec
from templates.figures import usd

if TYPE_CHECKING:
    import altair as alt

TITLE_COLUMNS, SUBTITLE_COLUMNS, NAME_COLUMNS = 40, 62, 42
"""What fits on one line of a telephone [characters]."""

MINUS = "\N{MINUS SIGN}"
SIMULATED = "Simulated market"
AMOUNT = re.compile(r"(\$[\d.,]+) (\w+)")
SHORT = ((" trillion", "tn"), (" billion", "bn"), (" million", "m"))


def short_usd(amount: float) -> str:
    """Say signed dollars in a few characters, rounded as in the text.

    >>> short_usd(28_634_000_000), short_usd(463_000_000), short_usd(0.0)
    ('+$29bn', '+$460m', '$0')
    >>> short_usd(-2e9) == f"{MINUS}$2bn"
    True
    """
    text = usd(amount)
    for word, letters in SHORT:
        text = text.replace(word, letters)
    return text if amount == 0.0 else ("+" if amount > 0 else MINUS) + text


def side_of(amount: float) -> str:
    """Say which side a flow is on."""
    return "buying" if amount > 0 else "selling"


def of_side(amount: float) -> str:
    """Say dollars with their side in words, as the alternative text does.

    >>> of_side(-2e9), of_side(0.0)
    ('$2 billion of selling', '$0')
    """
    return f"{usd(amount)} of {side_of(amount)}" if amount else usd(amount)


def day(when: date) -> str:
    """Say a date with its year, as a picture travels without its note.

    >>> day(date(2025, 4, 9))
    '9 April 2025'
    """
    return f"{when.day} {when:%B %Y}"


def dollar_axis(largest_usd: float) -> tuple[float, str]:
    """Return the dollars in one unit of an axis, and what that unit is called.

    >>> dollar_axis(3.2e10), dollar_axis(-4e8)
    ((1000000000.0, '$ billion'), (1000000.0, '$ million'))
    """
    return (1e9, "$ billion") if abs(largest_usd) >= 1e9 else (1e6, "$ million")


def sides_title(ends: tuple[float, float], unit: str) -> str:
    """Name an axis of flows with the sides that are on it.

    >>> sides_title((-3.0, 2.0), "$ billion"), sides_title((0.0, 2.0), "$ billion")
    ('← selling · $ billion · buying →', '$ billion · buying →')
    """
    left = "← selling · " if ends[0] < 0.0 else ""
    return left + unit + (" · buying →" if ends[1] > 0.0 else "")


def framed(
    slug: str,
    figure: alt.LayerChart | alt.VConcatChart,
    words: tuple[str, str, str],
    *,
    demo: bool,
) -> Chart:
    """Put a title and a line beneath it over a figure, and mark a simulated market.

    ``words`` are the title, what is shown in which unit, and the alternative text.
    """
    title, shown, alt_text = words
    beneath = wrapped(shown, SUBTITLE_COLUMNS)
    spec: Spec = figure.to_dict()
    del spec["config"]
    spec["title"] = {
        "text": wrapped(title, TITLE_COLUMNS),
        "subtitle": [SIMULATED.upper(), *beneath] if demo else beneath,
    }
    said = f"{title}. {alt_text}"
    return Chart(slug=slug, title=title, alt=f"{SIMULATED}. {said}" if demo else said, spec=spec)


def wrapped(text: str, columns: int) -> list[str]:
    r"""Break a text into as few lines as fit, of about the same length; amounts stay whole.

    >>> wrapped("We put forced selling at about $100 billion", 40)
    ['We put forced selling', 'at about $100\xa0billion']
    """
    whole = AMOUNT.sub("\\1\N{NO-BREAK SPACE}\\2", text)
    lines = textwrap.wrap(whole, columns)
    return min(
        (textwrap.wrap(whole, width) for width in range(columns // 2, columns + 1)),
        key=lambda tried: (len(tried) != len(lines), max(map(len, tried))),
    )
