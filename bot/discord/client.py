"""The bot itself: one client for REST and gateway, and what it does when guilds change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord
import structlog
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket

from bot.channels import Channel
from bot.clock import Clock
from bot.discord import pressing, setting
from bot.discord.archive import Archive
from bot.discord.buttons import NoteButton, PageButton, SectionSelect
from bot.discord.callbacks import Callbacks
from bot.discord.coming import Coming
from bot.discord.commands.ops import ops_group
from bot.discord.errors import AnsweringTree, guarded
from bot.discord.guilds import Guilds
from bot.discord.health import Health
from bot.discord.ids import Mark
from bot.discord.in_hand import InHand
from bot.discord.panel_items import PANEL_ITEMS
from bot.discord.phrasebook import Phrasebook, read_words
from bot.discord.pictures import Pictures
from bot.discord.readers import Readers
from bot.discord.rest import DiscordValues, Rest, TokenRefusedError
from bot.discord.sync import sync_if_changed
from bot.errors import DeskError
from bot.ledger import Ledger

if TYPE_CHECKING:
    from bot.schedule.calendar import SessionCalendar

log = structlog.get_logger(__name__)

LONGEST_WAIT_SECONDS = 60.0
"""A longer rate limit is handed to the outbox, which can wait without holding a lease."""


class UndertowBot(commands.AutoShardedBot):
    """Answers from the ledger. It sees guilds and nothing that is said in them."""

    def __init__(
        self,
        values: DiscordValues,
        ledger: Ledger,
        clock: Clock,
        calendar: SessionCalendar | None = None,
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=AnsweringTree,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=LONGEST_WAIT_SECONDS,
            chunk_guilds_at_startup=False,
            max_messages=None,
        )
        self.values = values
        self.ledger = ledger
        self.clock = clock
        self.rest = Rest(self, values)
        self.callbacks = Callbacks(self.http.user_agent)
        self.in_hand = InHand()
        self.archive = Archive(ledger)
        self.readers = Readers(ledger, clock)
        self.coming = Coming(clock, calendar)
        self.pictures = Pictures()
        self.health = Health(ledger, self.rest, clock)
        self.guilds_desk = Guilds(self, ledger, clock, self.health)
        self.elsewhere: Sequence[Channel] = ()

    async def setup_hook(self) -> None:
        """Learn the commands and the buttons. Nothing is asked of Discord here."""
        from bot.discord.commands import add_commands

        await self.tree.set_translator(Phrasebook(read_words()))
        self.add_dynamic_items(NoteButton, SectionSelect, PageButton, *PANEL_ITEMS)
        add_commands(self)

    async def close(self) -> None:
        """Close what was opened; the library cannot close a client that never logged in."""
        await self.callbacks.close()
        if self.rest.was_used:
            await super().close()

    async def launch_shard(
        self, gateway: yarl.URL, shard_id: int, *, initial: bool = False
    ) -> None:
        """Connect to the gateway we were told of, by the settings or by REST.

        The library would begin a lost session again at Discord's own address.
        """
        told = yarl.URL(self.values.gateway_url) if self.values.gateway_url else gateway
        if self.values.gateway_url or self.values.api_base:
            DiscordWebSocket.DEFAULT_GATEWAY = told
        await super().launch_shard(told, shard_id, initial=initial)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a button that was pressed just before its post was changed and lost it.

        The library looks for it in the post as it is now, and would leave the person waiting.
        """
        mark = pressing.lost_mark(interaction)
        if mark is not None:
            await self.answer_button(interaction, mark)

    async def answer_button(self, interaction: discord.Interaction[Any], mark: Mark) -> None:
        """Answer a button of any note, however old."""
        await guarded(interaction, pressing.answer_button(self, interaction, mark))

    async def answer_section(
        self, interaction: discord.Interaction[Any], mark: Mark, section: str
    ) -> None:
        """Explain a part of a note, however old."""
        await guarded(interaction, pressing.answer_section(self, interaction, mark, section))

    async def answer_page(self, interaction: discord.Interaction[Any], page: int) -> None:
        """Turn to a page of the archive."""
        await guarded(interaction, pressing.answer_page(self, interaction, page))

    async def change_panel(
        self,
        interaction: discord.Interaction[Any],
        action: str,
        channel_id: int,
        values: Sequence[str],
    ) -> None:
        """Do what a server's panel asks for."""
        await guarded(
            interaction, setting.change_panel(self, interaction, action, channel_id, values)
        )

    async def sync_commands(self) -> bool:
        """Tell Discord of our commands if they are not those it knows."""
        changed = await sync_if_changed(self.tree)
        home = await self._home()
        if home is not None:
            if self.tree.get_command("ops", guild=home) is None:
                self.tree.add_command(ops_group(), guild=home)
            changed = await sync_if_changed(self.tree, home) or changed
        return changed

    async def _home(self) -> discord.Object | None:
        """Return the server of the operator's own channel; only there is /ops offered."""
        if self.values.channel_id is None:
            return None
        channel = await self.http.get_channel(self.values.channel_id)
        guild_id = channel.get("guild_id")
        return discord.Object(int(str(guild_id))) if guild_id is not None else None

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Write a guild down."""
        await self.guilds_desk.joined(guild)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """See whether a guild is new to us; at the start `on_ready` asks for all at once."""
        if self.is_ready():
            await self.guilds_desk.appeared(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Stop posting to a guild. An outage does not come here."""
        await self.guilds_desk.left(guild.id)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Stop posting to a channel."""
        await self.health.gone(channel.id)

    async def on_thread_delete(self, thread: discord.Thread) -> None:
        """Stop posting to a thread."""
        await self.health.gone(thread.id)

    async def on_guild_channel_update(
        self, _before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """See whether a permission came back."""
        await self.guilds_desk.recheck(after.guild)

    async def on_guild_role_update(self, _before: discord.Role, after: discord.Role) -> None:
        """See whether a permission came back."""
        await self.guilds_desk.recheck(after.guild)

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """Call a role no more that is gone."""
        await self.guilds_desk.role_gone(role.guild.id, role.id)

    async def on_member_update(self, _before: discord.Member, after: discord.Member) -> None:
        """See whether a role of ours brought a permission back."""
        if self.user is not None and after.id == self.user.id:
            await self.guilds_desk.recheck(after.guild)

    async def on_ready(self) -> None:
        """Find out which guilds left while we were away. Fires at every new session."""
        await self.guilds_desk.compare(
            {guild.id: str(guild.preferred_locale) for guild in self.guilds}
        )
        log.info("discord_ready", guilds=len(self.guilds), shards=self.shard_count)

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        """Log what an event handler fails with; the next event has its own chance."""
        log.exception("discord_event_failed", event=event_method)


class GatewayLostError(DeskError):
    """The connection cannot be had again in this process."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"Discord's gateway was lost for good ({cause}); start the desk again")


GATEWAY_AGAIN_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Pauses before the gateway is asked again; a handshake that was refused counts as no session."""


async def stay_connected(
    bot: UndertowBot, pauses: tuple[float, ...] = GATEWAY_AGAIN_SECONDS
) -> None:
    """Keep the gateway connected until the bot is closed.

    Raises
    ------
    TokenRefusedError
        If Discord refuses the token: then trying again is worse than stopping.
    GatewayLostError
        If the library has given up and closed the client; only a new process helps.
    """
    tried = 0
    while not bot.is_closed():
        pause = pauses[min(tried, len(pauses) - 1)]
        tried += 1
        try:
            await bot.rest.ready()
            await _tell_commands(bot)
            await bot.connect(reconnect=True)
            return
        except discord.ConnectionClosed as error:
            if error.code == AUTHENTICATION_FAILED:
                bot.rest.refuse()
                raise TokenRefusedError from error
            if bot.is_closed():
                raise GatewayLostError(error) from error
            log.warning("gateway_closed", code=error.code)
        except (discord.DiscordException, OSError, TimeoutError) as error:
            if bot.is_closed():
                raise GatewayLostError(error) from error
            log.warning("gateway_away", problem=type(error).__name__, again_in_seconds=pause)
        await asyncio.sleep(pause)


AUTHENTICATION_FAILED = 4004


async def _tell_commands(bot: UndertowBot) -> None:
    # Old commands go on working with an old list, so this must not hold up the gateway.
    try:
        await bot.sync_commands()
    except (discord.DiscordException, OSError, TimeoutError) as error:
        log.warning("commands_not_synced", problem=type(error).__name__)
