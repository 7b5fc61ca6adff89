"""The site's templates, filled: whole pages, and the pieces that are kept with a note."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from analysis.drivers import all_drivers
from templates.compiled import compiled_templates
from templates.figures import FILTERS, pct, usd
from templates.words import strength

FOLDER = Path(__file__).parent

NBSP_MINUS = "\N{MINUS SIGN}"

VERDICTS = {
    "mechanical": "Mostly forced {side}",
    "conviction": "Mostly chosen {side}",
    "mixed": "Forced and chosen met",
    "quiet": "Quiet",
    "unclear": "Too little seen to say",
}
"""What a verdict's label is called in a few words."""


def page(name: str, **known: object) -> str:
    """Return a whole page or feed; ``name`` is a template's, such as ``session.html``."""
    return environment().get_template(f"site/{name}.j2").render(**known)


def fragment(name: str, **known: object) -> str:
    """Return a piece of a page that is kept with the note."""
    return environment().get_template(f"site/kept/{name}.html.j2").render(**known).strip() + "\n"


@cache
def asset(name: str) -> str:
    """Return a file of the site as it stands: its style or its script."""
    return (FOLDER / name).read_text("utf-8")


def signed_pct(fraction: float) -> str:
    """Say a move with its sign, as tables do.

    >>> signed_pct(0.0178), signed_pct(-0.0004) == f"{NBSP_MINUS}0.04%", signed_pct(0.0)
    ('+1.8%', True, '0%')
    """
    return _signed(fraction) + pct(fraction)


def signed_usd(amount: float) -> str:
    """Say a flow with its sign, as tables do.

    >>> signed_usd(28.6e9), signed_usd(-2.3e9) == f"{NBSP_MINUS}$2.3bn"
    ('+$29bn', True)
    """
    text = usd(amount)
    for word, letters in ((" trillion", "tn"), (" billion", "bn"), (" million", "m")):
        text = text.replace(word, letters)
    return _signed(amount) + text


def signed(value: float) -> str:
    """Say a score with its sign and two decimals.

    >>> signed(0.956), signed(0.0)
    ('+0.96', '0.00')
    """
    return _signed(round(value, 2)) + f"{abs(value):.2f}"


def thousandths(value: float) -> str:
    """Say a skill with its sign and three decimals.

    >>> thousandths(0.0123)
    '+0.012'
    """
    return _signed(round(value, 3)) + f"{abs(value):.3f}"


def verdict_words(label: str, side: str) -> str:
    """Say a verdict in a few words.

    >>> verdict_words("mechanical", "buying"), verdict_words("mixed", "flat")
    ('Mostly forced buying', 'Forced and chosen met')
    """
    return VERDICTS[label].format(side="trading" if side == "flat" else side)


@cache
def driver_titles() -> dict[str, str]:
    """Return every driver's title by its slug."""
    return {driver.slug: driver.title for driver in all_drivers()}


def driver_title(slug: str) -> str:
    """Return a driver's title, its slug for one that this version no longer has."""
    return driver_titles().get(slug, slug.replace("_", " "))


@cache
def environment() -> Environment:
    """Return the templates with all their filters; HTML and XML are escaped."""
    made = Environment(
        loader=PackageLoader("templates", ""),
        bytecode_cache=compiled_templates(),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html.j2", "xml.j2", "svg.j2"]),
        optimized=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    own = (signed_pct, signed_usd, signed, thousandths, verdict_words, driver_title, strength)
    made.filters |= FILTERS | {filter_.__name__: filter_ for filter_ in own}
    return made


def _signed(value: float) -> str:
    return "" if value == 0 else "+" if value > 0 else NBSP_MINUS
