"""Nobody is sent a note without their own yes, and everybody can go."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.edition import ALREADY, CONFIRM, Edition
from bot.ledger import Ledger
from bot.ledger.deliveries import DeliveryRow, DeliveryState, list_deliveries
from bot.ledger.dossier import forget_unconfirmed
from bot.ledger.editions import edition_texts_of
from bot.ledger.subscribers import (
    Preferences,
    SubscriberState,
    add_subscriber,
    address_key,
    find_subscriber,
    is_suppressed,
    subscriber_by_id,
    suppress,
)
from bot.newsletter.fanout import still_wanted
from bot.newsletter.letters import LETTER_HTML, LETTER_TEXT, filled, letter_link
from bot.newsletter.lifecycle import (
    Asked,
    LetterCaps,
    ask,
    choose,
    confirm,
    dossier,
    end,
    erase,
    leave,
    pause,
    reader_of,
    resume,
)
from bot.newsletter.tokens import (
    Purpose,
    address_hash,
    confirm_token,
    preferences_token,
    unsubscribe_token,
)
from tests.bot.newsletter.desk import CAPS, KEY, NOW, ORIGIN, a_reader, at

SITE = "https://news.example"


async def asked(ledger: Ledger, address: str = "ana@reader.test", hours: float = 0.0) -> Asked:
    async with ledger.write() as tx:
        return await ask(tx, KEY, address, ORIGIN, CAPS, NOW + timedelta(hours=hours))


async def letters(ledger: Ledger) -> list[DeliveryRow]:
    async with ledger.read() as tx:
        return await list_deliveries(tx)


def link_of(row: DeliveryRow) -> str:
    return letter_link(row.edition, row.target, KEY, SITE)


async def confirmed(ledger: Ledger, token: str, hours: float = 0.0) -> bool:
    async with ledger.write() as tx:
        return await confirm(tx, KEY, token, ORIGIN, NOW + timedelta(hours=hours))


async def test_a_stranger_gets_one_letter_and_no_note_until_they_say_yes(ledger: Ledger) -> None:
    outcome = await asked(ledger)

    [letter] = await letters(ledger)
    ana = await at(ledger)
    assert outcome is Asked.WRITTEN_TO
    assert (letter.edition, letter.channel, letter.subscriber_id) == (CONFIRM, "mail", ana.id)
    assert ana.state is SubscriberState.PENDING


async def test_the_link_in_the_letter_confirms_and_a_second_click_is_harmless(
    ledger: Ledger,
) -> None:
    await asked(ledger)
    [letter] = await letters(ledger)
    token = link_of(letter).removeprefix(f"{SITE}/confirm/")

    clicks = [await confirmed(ledger, token), await confirmed(ledger, token)]

    assert clicks == [True, False]
    assert (await at(ledger)).state is SubscriberState.CONFIRMED


async def test_a_letters_texts_hold_the_readers_own_link_and_no_gap(ledger: Ledger) -> None:
    await asked(ledger)
    [letter] = await letters(ledger)
    async with ledger.read() as tx:
        texts = await edition_texts_of(tx, letter.edition_id, [LETTER_TEXT, LETTER_HTML])

    sent = filled(texts, link_of(letter))

    assert sent[LETTER_TEXT].startswith(b"Subject: Please confirm")
    assert sent[LETTER_TEXT].count(link_of(letter).encode()) == 1
    assert sent[LETTER_HTML].count(link_of(letter).encode()) == 3
    assert not any(b"link.invalid" in body for body in sent.values())


async def test_a_confirm_link_dies_after_two_days(ledger: Ledger) -> None:
    await asked(ledger)
    [letter] = await letters(ledger)
    token = link_of(letter).rpartition("/")[2]

    assert not await confirmed(ledger, token, hours=48)
    assert await confirmed(ledger, token, hours=47.9)


async def test_an_address_gets_a_letter_an_hour_and_three_a_day(ledger: Ledger) -> None:
    hours = (0, 0.5, 1, 2, 3, 4, 20, 26.5)

    outcomes = [await asked(ledger, hours=hour) for hour in hours]

    written = [hour for hour, one in zip(hours, outcomes, strict=True) if one is Asked.WRITTEN_TO]
    assert written == [0, 1, 2, 26.5]


async def test_a_reader_who_asks_again_is_told_so_and_stays_as_they_were(ledger: Ledger) -> None:
    ana = await a_reader(ledger, preferences=Preferences(cadence="weekly"))

    outcome = await asked(ledger, "ANA@reader.test")

    [letter] = await letters(ledger)
    assert (outcome, letter.edition) == (Asked.WRITTEN_TO, ALREADY)
    assert link_of(letter) == f"{SITE}/preferences/{preferences_token(KEY, ana.id)}"
    assert (await at(ledger)) == ana


async def test_all_letters_together_have_a_limit(ledger: Ledger) -> None:
    async with ledger.write() as tx:
        outcomes = [
            await ask(tx, KEY, f"r{n}@reader.test", ORIGIN, LetterCaps(3, 2), NOW) for n in range(3)
        ]

    assert outcomes == [Asked.WRITTEN_TO, Asked.WRITTEN_TO, Asked.ENOUGH_LETTERS]


@pytest.mark.parametrize("reason", ["erased", "bounced", "complained"])
async def test_nobody_can_have_a_shut_address_written_to(ledger: Ledger, reason: str) -> None:
    async with ledger.write() as tx:
        await suppress(tx, address_hash(KEY, address_key("ana@reader.test")), reason, NOW)

    assert await asked(ledger, "Ana@Reader.test") is Asked.SUPPRESSED
    assert await letters(ledger) == []


async def test_leaving_works_at_once_and_any_number_of_times(ledger: Ledger) -> None:
    ana = await a_reader(ledger)
    token = unsubscribe_token(KEY, ana.id)

    async with ledger.write() as tx:
        clicks = [await leave(tx, KEY, token, ORIGIN, NOW) for _ in range(2)]

    assert clicks == [True, False]
    assert (await at(ledger)).state is SubscriberState.UNSUBSCRIBED


async def test_who_left_may_come_back_by_a_new_yes_and_not_by_the_old_link(
    ledger: Ledger,
) -> None:
    await asked(ledger)
    [first] = await letters(ledger)
    old = link_of(first).rpartition("/")[2]
    await confirmed(ledger, old)
    async with ledger.write() as tx:
        await leave(tx, KEY, unsubscribe_token(KEY, (await _ana(ledger))), ORIGIN, NOW)

    revived = await confirmed(ledger, old)
    await asked(ledger, hours=2)
    new = link_of((await letters(ledger))[-1]).rpartition("/")[2]

    assert not revived
    assert await confirmed(ledger, new, hours=2)


async def _ana(ledger: Ledger) -> int:
    return (await at(ledger)).id


async def test_leaving_cancels_the_letter_that_waits(ledger: Ledger) -> None:
    await asked(ledger)
    ana = await at(ledger)

    async with ledger.write() as tx:
        await leave(tx, KEY, unsubscribe_token(KEY, ana.id), ORIGIN, NOW)

    assert [row.state for row in await letters(ledger)] == [DeliveryState.SKIPPED]


@pytest.mark.parametrize("purpose", list(Purpose))
async def test_forged_cut_foreign_and_swapped_links_belong_to_nobody(
    ledger: Ledger, purpose: Purpose
) -> None:
    await asked(ledger)
    ana, [letter] = await at(ledger), await letters(ledger)
    links = {
        Purpose.CONFIRM: link_of(letter).rpartition("/")[2],
        Purpose.LEAVE: unsubscribe_token(KEY, ana.id),
        Purpose.PREFERENCES: preferences_token(KEY, ana.id),
    }
    good = links.pop(purpose)
    wrong = [
        *links.values(),
        good[:-1],
        good + "A",
        good.swapcase(),
        "",
        unsubscribe_token("another key of thirty-two characters", ana.id),
        confirm_token(KEY, ana.id, 1),
        unsubscribe_token(KEY, ana.id + 1),
    ]

    async with ledger.read() as tx:
        found = [await reader_of(tx, KEY, token, purpose, NOW) for token in wrong]
        mine = await reader_of(tx, KEY, good, purpose, NOW)

    assert set(found) == {None}
    assert mine is not None


async def test_a_pause_holds_and_resuming_goes_on(ledger: Ledger) -> None:
    ana = await a_reader(ledger)
    async with ledger.write() as tx:
        await pause(tx, ana, ORIGIN, NOW)
        nobody = await still_wanted(tx, "note", [ana.id], {"daily"})
    async with ledger.write() as tx:
        await resume(tx, await at(ledger), ORIGIN, NOW)
        again = await still_wanted(tx, "note", [ana.id], {"daily"})

    assert (nobody, list(again)) == ({}, [ana.id])


async def test_a_choice_made_after_the_note_was_promised_still_counts(ledger: Ledger) -> None:
    ana = await a_reader(ledger)

    async with ledger.write() as tx:
        await choose(tx, ana, Preferences(cadence="weekly"), NOW)
        daily = await still_wanted(tx, "note", [ana.id], {"daily"})
        weekly = await still_wanted(tx, "weekly", [ana.id], {"weekly"})

    assert (daily, list(weekly)) == ({}, [ana.id])


async def test_only_who_is_asked_gets_the_confirm_letter(ledger: Ledger) -> None:
    await asked(ledger)
    ana = await at(ledger)

    async with ledger.write() as tx:
        before = await still_wanted(tx, CONFIRM, [ana.id])
        await end(tx, ana, ORIGIN, NOW)
        after = await still_wanted(tx, CONFIRM, [ana.id])

    assert (list(before), after) == ([ana.id], {})


async def test_erasure_leaves_a_mark_that_only_the_key_can_read(ledger: Ledger) -> None:
    ana = await a_reader(ledger)
    token = preferences_token(KEY, ana.id)

    async with ledger.write() as tx:
        await erase(tx, KEY, ana, ORIGIN, NOW)

    async with ledger.read() as tx:
        marked = await is_suppressed(tx, address_hash(KEY, "ana@reader.test"))
        other = await is_suppressed(tx, address_hash("x" * 32, "ana@reader.test"))
        opens = await reader_of(tx, KEY, token, Purpose.PREFERENCES, NOW)
        erased = await subscriber_by_id(tx, ana.id)
    assert (marked, other, opens) == (True, False, None)
    assert erased is not None
    assert (erased.address, erased.state) == (None, SubscriberState.ERASED)
    assert await asked(ledger) is Asked.SUPPRESSED


async def test_a_reader_sees_every_row_about_them_and_no_secret(
    ledger: Ledger, edition: Edition
) -> None:
    await asked(ledger)
    [letter] = await letters(ledger)
    await confirmed(ledger, link_of(letter).rpartition("/")[2])

    async with ledger.read() as tx:
        told = await dossier(tx, await at(ledger))

    assert [row["action"] for row in _rows(told, "consents")] == ["asked", "confirmed"]
    assert [row["purpose"] for row in _rows(told, "links")] == ["confirm", "leave", "preferences"]
    assert [row["edition"] for row in _rows(told, "deliveries")] == ["confirm"]
    assert _rows(told, "subscriber")[0]["address"] == "ana@reader.test"
    assert "hash" not in str(told).replace("agent_hash", "")


def _rows(told: object, name: str) -> list[dict[str, object]]:
    assert isinstance(told, dict)
    rows: list[dict[str, object]] = told[name]
    return rows


async def test_who_never_confirms_is_forgotten_after_a_week_and_may_ask_again(
    ledger: Ledger,
) -> None:
    await asked(ledger)
    await a_reader(ledger, "bo@reader.test")
    async with ledger.write() as tx:
        forgotten = await forget_unconfirmed(tx, NOW, NOW + timedelta(days=7))
        left = await forget_unconfirmed(tx, NOW, NOW + timedelta(days=7))
        gone = await find_subscriber(tx, "ana@reader.test")
        _, is_new = await add_subscriber(tx, "ana@reader.test", Preferences(), NOW)

    assert (forgotten, left, gone, is_new) == (1, 0, None, True)
    assert (await at(ledger, "bo@reader.test")).state is SubscriberState.CONFIRMED


async def test_consents_say_which_words_when_and_from_which_network(ledger: Ledger) -> None:
    await asked(ledger)
    async with ledger.read() as tx:
        told = await dossier(tx, await at(ledger))

    [entry] = _rows(told, "consents")
    assert entry["text_version"] == "2026-11"
    assert entry["address_prefix"] == "203.0.113.0/24"
    assert str(entry["at"]).startswith("2025-11-21 22:15")
