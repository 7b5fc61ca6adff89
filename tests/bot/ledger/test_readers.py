"""Readers are known by as little as will do, and forgotten when they ask."""

from __future__ import annotations

from datetime import timedelta

from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.deliveries import DeliveryState, Target, enqueue, list_deliveries
from bot.ledger.editions import Terms, freeze
from bot.ledger.guilds import (
    GuildChannel,
    forget_reader,
    join_guild,
    leave_guild,
    list_guild_channels,
    purge_guilds,
    reader_level,
    save_guild_channel,
    save_reader_level,
)
from bot.ledger.publications import Publication, find_publication, save_publication
from bot.ledger.subscribers import (
    Consent,
    Preferences,
    SubscriberState,
    add_subscriber,
    count_subscribers,
    each_confirmed,
    erase_subscriber,
    find_subscriber,
    is_suppressed,
    move_subscriber,
    save_preferences,
    subscriber_by_id,
)
from tests.bot.conftest import AFTER_THE_CLOSE as NOW

CONFIRM = Consent("confirm", "2025-01", "form")
GUILD, CHANNEL, USER = 81384788765712384, 381870553235193857, 155149108183695360


async def test_two_spellings_of_an_address_are_one_reader(ledger: Ledger) -> None:
    async with ledger.write() as tx:
        ana, first = await add_subscriber(tx, "Ana@Reader.test", Preferences(), NOW)
        again, second = await add_subscriber(tx, "ana@reader.TEST", Preferences(), NOW)

    assert (ana.id, first, second) == (again.id, True, False)
    assert again.address == "Ana@Reader.test"


async def test_only_confirmed_readers_of_a_cadence_are_written_to(ledger: Ledger) -> None:
    async with ledger.write() as tx:
        for name in ("ana", "bo", "cy"):
            reader, _ = await add_subscriber(tx, f"{name}@reader.test", Preferences(), NOW)
            if name != "cy":
                await move_subscriber(tx, reader.id, SubscriberState.CONFIRMED, CONFIRM, NOW)
            if name == "bo":
                await save_preferences(tx, reader.id, Preferences(cadence="weekly"), NOW)
        daily = [r.address for page in [p async for p in each_confirmed(tx, "daily")] for r in page]
        counts = await count_subscribers(tx)

    assert daily == ["ana@reader.test"]
    assert counts == {SubscriberState.CONFIRMED: 2, SubscriberState.PENDING: 1}


async def test_erasure_forgets_the_address_and_cancels_what_waits(
    ledger: Ledger, edition: Edition
) -> None:
    async with ledger.write() as tx:
        ana, _ = await add_subscriber(tx, "ana@reader.test", Preferences(), NOW)
        await move_subscriber(tx, ana.id, SubscriberState.CONFIRMED, CONFIRM, NOW)
        row = await freeze(tx, edition, Terms(NOTE), NOW)
        target = Target(f"subscriber:{ana.id}", subscriber_id=ana.id)
        await enqueue(tx, row, "mail", [target], NOW + timedelta(hours=18))

        await erase_subscriber(tx, ana.id, "5f2c", NOW)

        [delivery] = await list_deliveries(tx)
        erased = await subscriber_by_id(tx, ana.id)
        found = await find_subscriber(tx, "ana@reader.test")
        never_again = await is_suppressed(tx, "5f2c")
    assert delivery.state is DeliveryState.SKIPPED
    assert erased is not None
    assert (erased.address, erased.state) == (None, SubscriberState.ERASED)
    assert (found, never_again) == (None, True)


async def test_a_guild_that_left_gets_no_posts_and_is_forgotten_after_thirty_days(
    ledger: Ledger,
) -> None:
    async with ledger.write() as tx:
        await join_guild(tx, GUILD, NOW)
        await save_guild_channel(tx, GuildChannel(CHANNEL, GUILD, drivers=("short_covering",)), NOW)
        before = await list_guild_channels(tx, enabled_only=True)
        await leave_guild(tx, GUILD, NOW)
        after = await list_guild_channels(tx, enabled_only=True)
        early = await purge_guilds(tx, NOW + timedelta(days=29))
        late = await purge_guilds(tx, NOW + timedelta(days=30))
        left = await list_guild_channels(tx, guild_id=GUILD)

    assert [channel.drivers for channel in before] == [("short_covering",)]
    assert (after, early, late, left) == ([], 0, 1, [])


async def test_a_guild_that_comes_back_is_not_forgotten(ledger: Ledger) -> None:
    async with ledger.write() as tx:
        await join_guild(tx, GUILD, NOW)
        await leave_guild(tx, GUILD, NOW)
        await join_guild(tx, GUILD, NOW + timedelta(days=3))

        assert await purge_guilds(tx, NOW + timedelta(days=60)) == 0


async def test_a_discord_user_can_have_every_trace_removed(ledger: Ledger) -> None:
    async with ledger.write() as tx:
        await join_guild(tx, GUILD, NOW)
        await save_guild_channel(tx, GuildChannel(CHANNEL, GUILD, updated_by=USER), NOW)
        await save_reader_level(tx, USER, "trader", NOW)
        await save_reader_level(tx, USER, "quant", NOW)
        chosen = await reader_level(tx, USER)

        await forget_reader(tx, USER)

        [channel] = await list_guild_channels(tx)
        assert (chosen, await reader_level(tx, USER)) == ("quant", None)
        assert channel.updated_by is None


async def test_a_page_published_twice_is_one_page(ledger: Ledger, edition: Edition) -> None:
    async with ledger.write() as tx:
        row = await freeze(tx, edition, Terms(NOTE), NOW)
        for content_hash in ("sha256:a", "sha256:b"):
            page = Publication(
                row.id, "ghost", "blog", "2025-11-21", "64f", "https://blog.test/2", content_hash
            )
            await save_publication(tx, page, NOW)
        found = await find_publication(tx, "ghost", "blog", "2025-11-21")

    assert found is not None
    assert (found.remote_id, found.content_hash) == ("64f", "sha256:b")
