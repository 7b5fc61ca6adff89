"""What the desk does with a Ghost in a post's life: played to a real one, and to its recording."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.blogs.ghost_api import GhostApi
from bot.channels.ghost import Ghost, post_in
from bot.clock import Clock
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import DeliveryRow
from bot.ledger.migrate import upgrade
from tests.bot.blogs.posts import EVENING, BlogDesk
from tests.bot.fakes import FakeClock

WRONG = f"6b030efbe29b72736220f4e6:{'43' * 32}"


async def play(url: str, key: str, clock: Clock, folder: Path) -> list[str]:
    """Publish, lose the ledger, publish, correct, meet an editor, withdraw, put back; tell it all.

    ``clock`` is Ghost's, for the tokens; the desk lives on a Friday in 2025.
    """
    ghost = Ghost(GhostApi(url, key, clock=clock))
    first = BlogDesk(await _ledger(folder / "first"), ghost)
    again = BlogDesk(await _ledger(folder / "again"), ghost)
    try:
        told = [await ghost.check()]
        told.append(_said(await first.publish()))
        told.append(_said(await again.publish()))
        told.append(_said(await again.correct(shade=90)))
        told.append(await _meet_an_editor(ghost, again))
        told.append(_said(await again.withdraw()))
        told.append(_said(await again.publish_again()))
        wrong = BlogDesk(again.ledger, Ghost(GhostApi(url, WRONG, clock=clock)))
        wrong.clock = FakeClock(EVENING + timedelta(days=1))
        told.append(_said(await wrong.withdraw("removal")))
        return [line.replace(url, "").replace(ghost.target, "") for line in told]
    finally:
        await first.ledger.close()
        await again.ledger.close()


async def _meet_an_editor(ghost: Ghost, desk: BlogDesk) -> str:
    """Change a post that somebody has saved since we looked at it."""
    standing = await desk.standing()
    assert standing is not None
    path = f"posts/{standing.remote_id}"
    stale = post_in(await ghost.api.ask("GET", path))
    theirs = {"updated_at": stale["updated_at"], "custom_excerpt": "By hand"}
    await ghost.api.ask("PUT", path, json={"posts": [theirs]})
    changed = await ghost._change(stale, {"custom_excerpt": "By the desk"})
    return f"changed {changed['slug']} {changed['status']}"


async def _ledger(folder: Path) -> Ledger:
    folder.mkdir()
    ledger = open_ledger(str(folder / "undertow.sqlite3"))
    await upgrade(ledger)
    return ledger


def _said(row: DeliveryRow) -> str:
    return f"{row.edition} {row.state.value}: {row.reference or row.detail}"
