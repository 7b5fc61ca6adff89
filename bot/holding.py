"""Looking after what is held back: what the commands do."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from bot.errors import DeskError
from bot.ledger.runs import RunRow, RunState, held_runs
from bot.schedule.held import drop, release
from bot.service import Service, prepare

if TYPE_CHECKING:
    from bot.ledger import Ledger


async def listed(ledger: Ledger, *, as_json: bool) -> str:
    """Return the held jobs with their reasons, as a table or JSON."""
    await prepare(ledger)
    async with ledger.read() as tx:
        rows = await held_runs(tx)
    if as_json:
        return json.dumps([_body(row) for row in rows], ensure_ascii=False, indent=2)
    return "\n".join(_line(row) for row in rows) or "nothing is held"


async def released(service: Service, session: date) -> str:
    """Publish a held note over its objections; a running desk's workers send it.

    Raises
    ------
    DeskError
        If it is not held, or cannot go out at all.
    """
    await prepare(service.ledger)
    end = await release(service.runner(), session)
    if end.state is not RunState.DONE:
        raise DeskError(f"the note of {session} cannot go out: {end.detail}")
    await service.outbox().drain()
    return f"{session}: {end.detail}"


async def dropped(service: Service, session: date) -> str:
    """Give a held note up for good."""
    await prepare(service.ledger)
    await drop(service.runner(), session)
    return f"{session}: given up, and its reason kept"


def _line(row: RunRow) -> str:
    tries = f"{row.tries} {'try' if row.tries == 1 else 'tries'}"
    return f"{row.job.session}  {row.job.kind:<8}  {tries}  {row.detail}"


def _body(row: RunRow) -> dict[str, object]:
    return {
        "session": row.job.session.isoformat(),
        "kind": row.job.kind,
        "tries": row.tries,
        "reason": row.detail,
        "next_try_at": row.not_before.isoformat(),
    }
