"""What stands under every mail: why it came, how to leave, and who sent it.

A reader's own words stay open: they come as marks that the sender fills in, see `bot.mail.quoted`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the footer says.

    ``address``, ``leave`` and ``preferences`` are the reader's; ``site`` and ``note`` are
    addresses on the web, ``postal`` is where the sender can be written to.
    """

    address: str
    leave: str
    preferences: str
    site: str
    note: str
    postal: str


def footer(imprint: Imprint, kind: str) -> str:
    """Return the footer as ``html`` or ``txt``."""
    template = _environment().get_template(f"mail/footer.{kind}.j2")
    return template.render(i=imprint).strip()


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("templates", ""),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html.j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
