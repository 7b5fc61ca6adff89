"""Readers for the operator: listed, written to a file, forgotten, let back in."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TextIO

from bot.clock import Clock
from bot.errors import DeskError
from bot.ledger import Ledger
from bot.ledger.importing import lift_suppression
from bot.ledger.slots import subscribers_after
from bot.ledger.subscribers import Subscriber, address_key, count_subscribers, find_subscriber
from bot.newsletter.addresses import mailbox
from bot.newsletter.lifecycle import Origin, erase
from bot.newsletter.table_file import COLUMNS, TableFileError, cells_of, csv_lines
from bot.newsletter.tokens import address_hash
from templates.consents import current_consent

AT_ONCE = 2_000


async def each_reader(ledger: Ledger, state: str | None) -> AsyncIterator[list[Subscriber]]:
    """Give the readers whose address is known, a page at a time."""
    after = 0
    while True:
        async with ledger.read() as tx:
            found = await subscribers_after(tx, after, AT_ONCE, state)
        if not found:
            return
        yield found
        after = found[-1].id


async def print_readers(ledger: Ledger, state: str | None, out: TextIO, *, as_json: bool) -> None:
    """Print the readers as one JSON array, or as a table with the counts above it."""
    if not as_json:
        async with ledger.read() as tx:
            counts = await count_subscribers(tx)
        told = ", ".join(f"{n} {state.value}" for state, n in sorted(counts.items()))
        out.write(f"{told or 'nobody has subscribed yet'}\n")
    line = _json_line if as_json else _table_line
    first = True
    async for part in each_reader(ledger, state):
        for reader in part:
            out.write(("[\n" if first else ",\n") if as_json else "")
            out.write(line(reader))
            first = False
    if as_json:
        out.write("[]\n" if first else "\n]\n")


def _json_line(reader: Subscriber) -> str:
    confirmed = reader.confirmed_at
    body = {
        "id": reader.id,
        **cells_of(reader),
        "text_only": reader.preferences.text_only,
        "created_at": reader.created_at.isoformat(),
        "confirmed_at": None if confirmed is None else confirmed.isoformat(),
    }
    return json.dumps(body, ensure_ascii=False)


def _table_line(reader: Subscriber) -> str:
    chosen = reader.preferences
    hour = "at publication" if chosen.hour is None else f"{chosen.hour:02d}:00"
    return (
        f"{reader.id:>8}  {reader.state.value:<12}  {chosen.cadence:<6}  {chosen.level:<6}  "
        f"{chosen.zone:<20}  {hour:<14}  {reader.address}\n"
    )


async def write_readers(
    ledger: Ledger, path: Path, state: str | None, tick: Callable[[int], None]
) -> int:
    """Write the readers to a CSV file that only its owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    count = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123
            file.write(csv_lines([COLUMNS]))
            async for part in each_reader(ledger, state):
                file.write(csv_lines([list(cells_of(reader).values()) for reader in part]))
                count += len(part)
                tick(count)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise TableFileError(f"cannot write {path}: {error.strerror}; choose another") from error
    finally:
        draft.unlink(missing_ok=True)
    return count


async def erase_address(ledger: Ledger, key: str, typed: str, clock: Clock) -> str:
    """Forget the reader at an address, as they asked of the operator.

    Raises
    ------
    DeskError
        If there is none.
    """
    address = mailbox(typed)
    origin = Origin(current_consent().version, "operator")
    async with ledger.write() as tx:
        reader = await find_subscriber(tx, address)
        if reader is None:
            raise DeskError("no reader has that address; `undertow subscribers list` shows all")
        await erase(tx, key, reader, origin, clock())
    return f"reader {reader.id} is erased; a keyed mark keeps the address from being signed up"


async def allow_address(ledger: Ledger, key: str, typed: str) -> str:
    """Let an address be written to again that was erased, bounced or complained.

    Raises
    ------
    DeskError
        If it was not shut.
    """
    hashed = address_hash(key, address_key(mailbox(typed)))
    async with ledger.write() as tx:
        if not await lift_suppression(tx, hashed):
            raise DeskError("that address is not shut; nothing was changed")
    return "the address may subscribe again"
