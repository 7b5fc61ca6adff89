"""Editions: a draft may change, a frozen one never does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Row, delete, func, insert, select

from bot.edition import Edition, kind_of
from bot.ledger.database import Transaction
from bot.ledger.insert import insert_into
from bot.ledger.record import note_claims
from bot.ledger.tables import edition_texts, editions


class EditionState(StrEnum):
    """How far an edition has come."""

    DRAFT = "draft"
    HELD = "held"
    FROZEN = "frozen"
    ARCHIVED = "archived"
    """Frozen too, but too old to be sent to anyone: it went to the archive only."""


UNFINISHED = (EditionState.DRAFT, EditionState.HELD)


@dataclass(frozen=True, slots=True)
class EditionRow:
    """An edition as the ledger holds it, without its texts."""

    id: int
    session: date
    edition: str
    state: EditionState
    content_hash: str
    late: bool
    reason: str
    corrects: int | None
    created_at: datetime
    frozen_at: datetime | None

    @property
    def kind(self) -> str:
        """What sort of edition it is, whichever turn."""
        return kind_of(self.edition)

    @property
    def is_frozen(self) -> bool:
        """Whether its texts can no longer change."""
        return self.state not in UNFINISHED


@dataclass(frozen=True, slots=True)
class Terms:
    """What an edition is frozen as."""

    kind: str
    state: EditionState = EditionState.FROZEN
    late: bool = False
    reason: str = ""
    corrects: int | None = None


async def find_edition(tx: Transaction, session: date, kind: str) -> EditionRow | None:
    """Return the edition of a session, whatever its state."""
    query = select(editions).where(editions.c.session == session, editions.c.edition == kind)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _edition(row)


async def edition_by_id(tx: Transaction, edition_id: int) -> EditionRow:
    """Return an edition that is known to exist."""
    return _edition((await tx.execute(select(editions).where(editions.c.id == edition_id))).one())


async def latest_edition(tx: Transaction, kind: str) -> EditionRow | None:
    """Return the newest edition of a kind that readers may see."""
    query = (
        select(editions)
        .where(editions.c.edition == kind, editions.c.state.not_in(UNFINISHED))
        .order_by(editions.c.session.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _edition(row)


async def latest_edition_before(tx: Transaction, session: date, kind: str) -> EditionRow | None:
    """Return the last edition of a kind that readers got before a session."""
    query = (
        select(editions)
        .where(
            editions.c.edition == kind,
            editions.c.session < session,
            editions.c.state.not_in(UNFINISHED),
        )
        .order_by(editions.c.session.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _edition(row)


async def list_editions(tx: Transaction, kind: str | None = None) -> list[EditionRow]:
    """Return all editions, oldest first."""
    query = select(editions).order_by(editions.c.session, editions.c.id)
    if kind is not None:
        query = query.where(editions.c.edition == kind)
    return [_edition(row) for row in await tx.execute(query)]


async def count_frozen(tx: Transaction) -> int:
    """Return how many editions are frozen; while it stays, so does every one of them."""
    query = select(func.count()).where(editions.c.state.not_in(UNFINISHED))
    return (await tx.execute(query.select_from(editions))).scalar_one()


async def editions_of(tx: Transaction, session: date) -> list[EditionRow]:
    """Return every edition of one session, in the order they were begun."""
    query = select(editions).where(editions.c.session == session).order_by(editions.c.id)
    return [_edition(row) for row in await tx.execute(query)]


async def edition_text(tx: Transaction, edition_id: int, name: str) -> bytes | None:
    """Return one text of an edition, or nothing where it has none of that name."""
    query = select(edition_texts.c.body).where(
        edition_texts.c.edition_id == edition_id, edition_texts.c.name == name
    )
    return (await tx.execute(query)).scalar_one_or_none()


async def every_text_of(tx: Transaction, edition_id: int) -> dict[str, bytes]:
    """Return all texts of an edition."""
    query = select(edition_texts.c.name, edition_texts.c.body)
    rows = await tx.execute(query.where(edition_texts.c.edition_id == edition_id))
    return {row.name: row.body for row in rows}


async def edition_texts_of(
    tx: Transaction, edition_id: int, names: Collection[str]
) -> dict[str, bytes]:
    """Return those of the named texts that the edition has."""
    query = select(edition_texts.c.name, edition_texts.c.body).where(
        edition_texts.c.edition_id == edition_id, edition_texts.c.name.in_(names)
    )
    return {row.name: row.body for row in await tx.execute(query)}


async def keep_draft(
    tx: Transaction, edition: Edition, kind: str, problems: Collection[str], now: datetime
) -> EditionRow:
    """Store what the note would be, in place of an earlier draft; with problems it is held.

    A frozen edition is left as it is and returned.
    """
    state = EditionState.HELD if problems else EditionState.DRAFT
    terms = Terms(kind, state, reason="; ".join(problems))
    return (await _store(tx, edition, terms, now))[0]


async def freeze(tx: Transaction, edition: Edition, terms: Terms, now: datetime) -> EditionRow:
    """Fix an edition for good, with its texts and claims, and return it.

    The first one wins: if the session has a frozen edition of this kind already, that one is
    returned and the new texts are dropped, whoever brings them.
    """
    row, is_ours = await _store(tx, edition, terms, now)
    if is_ours:
        await note_claims(tx, row.id, edition.claims)
    return row


async def _store(
    tx: Transaction, edition: Edition, terms: Terms, now: datetime
) -> tuple[EditionRow, bool]:
    key = {"session": edition.session, "edition": terms.kind}
    frozen_at = None if terms.state in UNFINISHED else now
    values = {
        "state": terms.state,
        "content_hash": edition.content_hash,
        "late": terms.late,
        "reason": terms.reason,
        "corrects": terms.corrects,
        "frozen_at": frozen_at,
    }
    written = await tx.execute(
        insert_into(tx, editions)
        .values(**key, **values, created_at=now)
        .on_conflict_do_update(
            index_elements=["session", "edition"],
            set_=values,
            where=editions.c.state.in_(UNFINISHED),
        )
        .returning(editions.c.id)
    )
    edition_id = written.scalar_one_or_none()
    if edition_id is not None:
        await _replace_texts(tx, edition_id, edition.texts)
    found = await find_edition(tx, edition.session, terms.kind)
    if found is None:
        raise LookupError(f"the {terms.kind} of {edition.session} vanished while it was written")
    return found, edition_id is not None


async def _replace_texts(tx: Transaction, edition_id: int, texts: Mapping[str, bytes]) -> None:
    await tx.execute(delete(edition_texts).where(edition_texts.c.edition_id == edition_id))
    rows = [{"edition_id": edition_id, "name": n, "body": b} for n, b in sorted(texts.items())]
    if rows:
        await tx.execute(insert(edition_texts), rows)


async def forget_draft(tx: Transaction, session: date, kind: str) -> None:
    """Drop a draft that will not be needed; frozen editions stay."""
    unfinished = (
        (editions.c.session == session)
        & (editions.c.edition == kind)
        & editions.c.state.in_(UNFINISHED)
    )
    ids = select(editions.c.id).where(unfinished)
    await tx.execute(delete(edition_texts).where(edition_texts.c.edition_id.in_(ids)))
    await tx.execute(delete(editions).where(unfinished))


def _edition(row: Row[tuple[object, ...]]) -> EditionRow:
    fields = dict(row._mapping)
    return EditionRow(**{**fields, "state": EditionState(row.state)})
