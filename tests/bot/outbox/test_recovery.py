"""A worker may die at any moment; what it leaves behind is picked up or put in doubt."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.channels import AfterSilence, HandOver, InDoubt, LeaseLostError, Sent
from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.claiming import Lease, claim_deliveries, mark_handed
from bot.ledger.deliveries import DeliveryRow, Target, list_deliveries
from bot.ledger.editions import Terms, freeze
from bot.ledger.settling import history, settle
from bot.outbox import Outbox, enqueue_edition
from bot.outbox.group import Group
from bot.outbox.policy import settlement_of
from tests.bot.fakes import NOW, AlarmBook, FakeClock, LibraryChannel, PaperChannel, a_delivery

LEASE = timedelta(minutes=2)


async def die_while_sending(
    ledger: Ledger, edition: Edition, channel: PaperChannel, *, handed: bool
) -> DeliveryRow:
    """Promise a note, claim it as a worker that is never heard of again."""
    async with ledger.write() as tx:
        row = await freeze(tx, edition, Terms(NOTE), NOW)
    await enqueue_edition(ledger, [channel], row, NOW)
    async with ledger.write() as tx:
        [claimed] = await claim_deliveries(tx, channel.name, Lease("the dead", NOW, LEASE), 5)
        if handed:
            await mark_handed(tx, [claimed], NOW)
    return claimed


async def run_later(ledger: Ledger, channel: PaperChannel, minutes: float = 3) -> DeliveryRow:
    """Let another worker run after the lease, and return the delivery."""
    clock = FakeClock(NOW + timedelta(minutes=minutes))
    await Outbox(ledger, [channel], clock, "the living", AlarmBook()).drain()
    async with ledger.read() as tx:
        [row] = await list_deliveries(tx)
    return row


async def test_dead_before_the_hand_over_the_note_is_sent_by_another(
    ledger: Ledger, edition: Edition
) -> None:
    paper = PaperChannel()
    await die_while_sending(ledger, edition, paper, handed=False)

    during_the_lease = await run_later(ledger, paper, minutes=1)
    after_the_lease = await run_later(ledger, paper)

    assert (during_the_lease.state, after_the_lease.state) == ("sending", "sent")
    assert (paper.read_by, after_the_lease.attempts) == (["ana"], 2)


async def test_dead_after_the_hand_over_nobody_can_know(ledger: Ledger, edition: Edition) -> None:
    paper = PaperChannel()
    await die_while_sending(ledger, edition, paper, handed=True)

    row = await run_later(ledger, paper)

    assert (row.state, paper.got) == ("in_doubt", [])
    async with ledger.read() as tx:
        [line] = await history(tx, row.id)
    assert (line.outcome, line.handed_at, line.owner) == ("in_doubt", NOW, "the living")


async def test_where_twice_is_as_good_as_once_it_is_sent_again(
    ledger: Ledger, edition: Edition
) -> None:
    paper = PaperChannel(after_silence=AfterSilence.RESEND)
    await die_while_sending(ledger, edition, paper, handed=True)

    row = await run_later(ledger, paper)

    assert (row.state, paper.read_by) == ("sent", ["ana"])


@pytest.mark.parametrize(
    ("shelf", "is_open", "expected"),
    [
        (["ana"], True, ("sent", "shelf 3", ["ana"])),
        ([], True, ("sent", "page 1", ["ana"])),
        (["ana"], False, ("in_doubt", None, ["ana"])),
    ],
    ids=["it is there", "it is not there", "nobody answers"],
)
async def test_a_far_side_that_can_be_asked_is_asked(
    ledger: Ledger,
    edition: Edition,
    shelf: list[str],
    is_open: bool,
    expected: tuple[str, str | None, list[str]],
) -> None:
    library = LibraryChannel(got=[a_delivery(name) for name in shelf], shelves_open=is_open)
    await die_while_sending(ledger, edition, library, handed=True)

    row = await run_later(ledger, library)

    assert (row.state, row.reference, library.read_by) == expected


async def test_where_no_answer_came_the_far_side_is_asked_at_once(
    ledger: Ledger, edition: Edition
) -> None:
    library = LibraryChannel(script=[InDoubt("cut off")])
    await die_while_sending(ledger, edition, library, handed=False)

    row = await run_later(ledger, library)

    assert (row.state, row.reference, library.read_by) == ("sent", "shelf 3", ["ana"])


async def test_a_slow_worker_whose_lease_ran_out_does_not_send(
    ledger: Ledger, edition: Edition
) -> None:
    paper = PaperChannel()
    slow = await die_while_sending(ledger, edition, paper, handed=False)
    await run_later(ledger, paper)

    hand_over: HandOver = Group(ledger, FakeClock(), [slow]).hand_over_of(slow)
    with pytest.raises(LeaseLostError, match="taken over"):
        await hand_over()

    assert paper.read_by == ["ana"]


async def test_a_late_answer_ends_the_doubt(ledger: Ledger, edition: Edition) -> None:
    paper = PaperChannel()
    slow = await die_while_sending(ledger, edition, paper, handed=True)
    doubtful = await run_later(ledger, paper)

    async with ledger.write() as tx:
        late = settlement_of(slow, Sent("page 9"), NOW)
        await settle(tx, [late], "the slow", NOW + timedelta(minutes=5))
        [row] = await list_deliveries(tx)

    assert doubtful.state == "in_doubt"
    assert (row.state, row.reference) == ("sent", "page 9")


async def test_a_late_failure_does_not_undo_what_another_sent(
    ledger: Ledger, edition: Edition
) -> None:
    paper = PaperChannel()
    slow = await die_while_sending(ledger, edition, paper, handed=False)
    await run_later(ledger, paper)

    async with ledger.write() as tx:
        await settle(tx, [settlement_of(slow, InDoubt("cut"), NOW)], "the slow", NOW)
        [row] = await list_deliveries(tx)
        lines = await history(tx, row.id)

    assert (row.state, [line.number for line in lines]) == ("sent", [2, 1])


async def test_deaths_of_our_own_do_not_open_the_breaker(ledger: Ledger, edition: Edition) -> None:
    paper = PaperChannel(readers=tuple(Target(f"reader {n}") for n in range(50)))
    async with ledger.write() as tx:
        row = await freeze(tx, edition, Terms(NOTE), NOW)
    await enqueue_edition(ledger, [paper], row, NOW)
    async with ledger.write() as tx:
        claimed = await claim_deliveries(tx, paper.name, Lease("the dead", NOW, LEASE), 30)
        await mark_handed(tx, claimed, NOW)

    alarms, clock = AlarmBook(), FakeClock(NOW + timedelta(minutes=3))
    await Outbox(ledger, [paper], clock, "the living", alarms).drain()

    assert set(alarms.keys) == {"in_doubt:paper"}
    assert len(paper.got) == 20
