"""Old deliveries may be forgotten; the record, the readers and open questions may not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.channels import InDoubt
from bot.edition import NOTE, Edition
from bot.ledger import Ledger, LedgerError
from bot.ledger.deliveries import DeliveryState, Target, enqueue, list_deliveries
from bot.ledger.editions import Terms, edition_text, freeze, list_editions
from bot.ledger.pruning import AT_ONCE, prune, pruned_through
from bot.ledger.record import ungraded_claims
from bot.ledger.tables import attempts
from bot.outbox import Outbox
from tests.bot.fakes import AlarmBook, FakeClock, PaperChannel

OLD, NEW = date(2025, 1, 6), date(2025, 11, 21)
NOW = datetime(2025, 11, 22, 12, tzinfo=UTC)


async def sent(ledger: Ledger, edition: Edition, session: date, readers: int) -> None:
    """Publish a session to so many readers; of the first it is never known whether they got it."""
    at = datetime(session.year, session.month, session.day, 22, tzinfo=UTC)
    names = tuple(Target(f"reader {number:05}") for number in range(readers))
    paper = PaperChannel(readers=names, script=[InDoubt("no answer")])
    dated = Edition(session, edition.texts, edition.content_hash, edition.claims)
    async with ledger.write() as tx:
        row = await freeze(tx, dated, Terms(NOTE), at)
        await enqueue(tx, row, "paper", names, at + timedelta(hours=18))
    await Outbox(ledger, [paper], FakeClock(at), "ana", AlarmBook()).drain()


async def test_what_is_settled_and_old_goes_and_everything_else_stays(
    ledger: Ledger, edition: Edition
) -> None:
    await sent(ledger, edition, OLD, 5)
    await sent(ledger, edition, NEW, 3)

    gone = await prune(ledger, 90, NOW)

    async with ledger.read() as tx:
        left = [(row.session, row.state) for row in await list_deliveries(tx)]
        tries = (await tx.execute(select(func.count()).select_from(attempts))).scalar_one()
        [first, _] = await list_editions(tx)
        assert await edition_text(tx, first.id, "blog.md") == edition.texts["blog.md"]
        assert len(await ungraded_claims(tx, date.max)) == 2
        assert await pruned_through(tx) == date(2025, 8, 24)
    assert (gone.deliveries, gone.attempts) == (4, 4)
    assert left == [
        (OLD, DeliveryState.IN_DOUBT),
        (NEW, DeliveryState.IN_DOUBT),
        (NEW, DeliveryState.SENT),
        (NEW, DeliveryState.SENT),
    ]
    assert tries == 4


async def test_pruning_again_finds_nothing(ledger: Ledger, edition: Edition) -> None:
    await sent(ledger, edition, OLD, 3)
    await prune(ledger, 90, NOW)

    again = await prune(ledger, 90, NOW)

    assert (again.deliveries, again.attempts) == (0, 0)


@pytest.mark.slow
async def test_many_are_forgotten_in_small_commits(ledger: Ledger, edition: Edition) -> None:
    await sent(ledger, edition, OLD, AT_ONCE + 5)

    assert (await prune(ledger, 90, NOW)).deliveries == AT_ONCE + 4


async def test_what_the_desk_itself_may_need_is_kept(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="at least 60"):
        await prune(ledger, 59, NOW)
