"""``/ops``: for the operator, in the operator's own server only."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

import discord
from discord import app_commands

from bot.discord.again import question
from bot.discord.answers import Answer
from bot.discord.commands.choices import asked_session, sessions, withdrawn_sessions
from bot.discord.errors import RefusalError
from bot.discord.health import health_words
from bot.discord.operating import owner_only, write_down
from bot.discord.pending import withdraw
from bot.discord.replying import bot_of, reply
from bot.discord.wording import count_of, full_day, plain
from bot.edition import NOTE, REVISION
from bot.ledger.deliveries import DeliveryState, count_deliveries, list_deliveries
from bot.ledger.discord import CHANNEL, health_counts
from bot.ledger.editions import find_edition
from bot.ledger.guilds import GuildChannel
from bot.ledger.settling import retry_by_hand
from bot.ledger.story import read_story
from bot.outbox import enqueue_for_channel

if TYPE_CHECKING:
    from bot.discord.client import UndertowBot

Interaction = discord.Interaction[Any]

REPUBLISHED_FOR = timedelta(hours=18)
TRIED_AGAIN = (DeliveryState.FAILED, DeliveryState.EXPIRED)
LISTED = 15


class OpsGroup(app_commands.Group):
    """Refuses everyone but the application's owner, or the owning team."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Ask whose application this is."""
        await owner_only(interaction)
        return True


def ops_group() -> OpsGroup:
    """Return the group with its commands."""
    group = OpsGroup(
        name="ops",
        description="The operator's hands on the desk",
        default_permissions=discord.Permissions(administrator=True),
    )
    commands: tuple[app_commands.Command[Any, ..., Any], ...] = (
        republish,
        deliveries,
        channels,
        resync,
        retract,
        publish_again,
    )
    for command in commands:
        group.add_command(command)
    return group


@app_commands.command(name="republish", description="Post an edition where it is still missing")
@app_commands.rename(session="date")
@app_commands.describe(session="A session, such as 2025-04-09", edition="note or revision")
@app_commands.autocomplete(session=sessions)
async def republish(
    interaction: Interaction, session: str, edition: Literal["note", "revision"] = "note"
) -> None:
    """Promise an edition again; what was sent stays sent."""
    bot = bot_of(interaction)
    await interaction.response.defer(ephemeral=True)
    day = await asked_session(interaction, session)
    added, again = await _promise_again(bot, day, NOTE if edition == "note" else REVISION)
    write_down(interaction, "republish", day, edition=edition)
    words = f"{full_day(day)}: {count_of(added, 'channel')} in all, {again} tried again."
    await reply(interaction, Answer("Promised again", (words,)))


async def _promise_again(bot: UndertowBot, day: date, kind: str) -> tuple[int, int]:
    from bot.discord.run import discord_channel

    now = bot.clock()
    expires_at = now + REPUBLISHED_FOR
    async with bot.ledger.read() as tx:
        story = await read_story(tx, day)
        # What was published again stands in place of the note and of what corrected it.
        row = story.again or await find_edition(tx, day, kind)
    if story.withdrawn is not None:
        words = f"The note of {full_day(day)} is withdrawn. `/ops publish-again` puts it back."
        raise RefusalError(Answer("Nothing to post", (words,)))
    if row is None or not row.is_frozen:
        words = f"There is no published {kind} of {full_day(day)}."
        raise RefusalError(Answer("Nothing to post", (words,)))
    added = await enqueue_for_channel(bot.ledger, discord_channel(bot), row, expires_at)
    async with bot.ledger.write() as tx:
        lost = [
            one
            for one in await list_deliveries(tx, session=day, channel=CHANNEL, limit=None)
            if one.edition == row.edition and one.state in TRIED_AGAIN
        ]
        for one in lost:
            await retry_by_hand(tx, one.id, now, expires_at)
    return added, len(lost)


@app_commands.command(name="deliveries", description="How the last note's deliveries stand")
async def deliveries(interaction: Interaction) -> None:
    """Count by channel and state, and list those in doubt."""
    bot = bot_of(interaction)
    published = await bot.archive.sessions()
    async with bot.ledger.read() as tx:
        counts = await count_deliveries(tx, published[0] if published else None)
        doubtful = await list_deliveries(tx, state=DeliveryState.IN_DOUBT, limit=LISTED)
    lines = [f"{channel}: {count} {state}" for (channel, state), count in sorted(counts.items())]
    doubts = [
        f"{one.id}: {one.session} {one.channel} {plain(one.target)}, {plain(one.detail or '')}"
        for one in doubtful
    ]
    parts = ["\n".join(lines) or "Nothing was promised to anyone."]
    parts += ["**In doubt**\n" + "\n".join(doubts)] if doubts else []
    await reply(interaction, Answer("Deliveries", tuple(parts)))


@app_commands.command(name="channels", description="How every server's channels stand")
async def channels(interaction: Interaction) -> None:
    """Count channels by their health, worst first to the eye."""
    bot = bot_of(interaction)
    async with bot.ledger.read() as tx:
        counts = await health_counts(tx)
    lines = [
        f"{count} {health_words(GuildChannel(0, 0, health=health, enabled=is_on))}"
        for (is_on, health), count in sorted(counts.items(), key=lambda row: -row[1])
    ]
    words = "\n".join(lines) or "No channel gets the note yet."
    servers = count_of(len(bot.guilds), "server")
    small = f"{servers} on {count_of(bot.shard_count or 1, 'shard')}; looked at every night."
    await reply(interaction, Answer("Channels", (words,), small=small))


@app_commands.command(name="resync", description="Tell Discord of my commands again")
async def resync(interaction: Interaction) -> None:
    """Compare the commands, and replace them if they differ."""
    await interaction.response.defer(ephemeral=True)
    changed = await bot_of(interaction).sync_commands()
    words = "The commands were replaced." if changed else "Discord has today's commands already."
    await reply(interaction, Answer("Commands", (words,)))


@app_commands.command(name="retract", description="Take a note back: its posts will say so")
@app_commands.rename(session="date")
@app_commands.describe(session="A session, such as 2025-04-09", reason="What readers are told")
@app_commands.autocomplete(session=sessions)
async def retract(interaction: Interaction, session: str, reason: str) -> None:
    """Take a note back, through the outbox."""
    from bot.discord.run import discord_channel

    bot = bot_of(interaction)
    await interaction.response.defer(ephemeral=True)
    day = await asked_session(interaction, session)
    await withdraw(
        bot.ledger, discord_channel(bot), day, reason, bot.clock(), elsewhere=bot.elsewhere
    )
    write_down(interaction, "retract", day)
    bot.archive.look_anew()
    words = f"The note of {full_day(day)} is withdrawn: its posts will say so within a minute."
    await reply(interaction, Answer("Withdrawn", (words,)))


@app_commands.command(name="publish-again", description="Put a withdrawn note back as it stood")
@app_commands.rename(session="date")
@app_commands.describe(session="A session, such as 2025-04-09")
@app_commands.autocomplete(session=withdrawn_sessions)
async def publish_again(interaction: Interaction, session: str) -> None:
    """Say what it will do, with a button that does it."""
    day = await asked_session(interaction, session)
    await reply(interaction, await question(bot_of(interaction), day))
