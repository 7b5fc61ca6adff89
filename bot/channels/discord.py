"""Post the note to Discord: once in effect, into every channel that asked, over REST alone.

A delivery that was handed over and never answered is looked for in the channel before it is
sent again, and sent again under the same nonce, so that Discord itself drops the second of two.
A revision changes the post that stands. A channel that refuses us is not tried again until it
is put right: ten thousand refusals in ten minutes would get the whole address banned.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import discord
import structlog

from bot.channels import (
    AfterSilence,
    Delivery,
    HandOver,
    Load,
    Receipt,
    Refused,
    RetryLater,
    Sent,
)
from bot.clock import Clock
from bot.discord.editions import PENDING, WANTS, delivered_post
from bot.discord.health import Health
from bot.discord.ids import nonce_of
from bot.discord.layout import Rung, best_rung
from bot.discord.permissions import NAMES, missing_here, ours
from bot.discord.posts import Post, Wish
from bot.discord.published import PLAIN, UnreadableNoteError
from bot.discord.receipts import TOKEN_REFUSED_FOR, receipt_of, refuses_token
from bot.discord.reconcile import (
    cannot_look,
    find_message,
    find_thread,
    first_message,
    looked,
)
from bot.discord.rest import Rest, StoppingError, TokenRefusedError
from bot.discord.sending import (
    WIRE_FAULTS,
    Posted,
    change_message,
    post_down_the_ladder,
    put_message,
    put_thread,
    with_patience,
)
from bot.discord.traces import Trace, Traces
from bot.edition import AGAIN, NOTE, RETRACTION, REVISION, WEEKLY
from bot.ledger import Ledger
from bot.ledger.deliveries import Target
from bot.ledger.discord import CHANNEL, find_guild_channel, guild_channels_after
from bot.ledger.editions import EditionRow
from bot.ledger.guilds import GuildChannel
from bot.ledger.pacing import Pace

log = structlog.get_logger(__name__)

PAGE = 500
WITHIN_GLOBAL_LIMIT = Pace(per_second=40.0, burst=40)
"""Discord allows a bot fifty requests a second; the commands need some of them."""

FIVE_AT_ONCE = Load(connections=5, group=1)
LONGEST_HOLD = timedelta(hours=17)
"""A channel's hour further off than this would come after the note has expired."""


@dataclass(frozen=True)
class DiscordChannel:
    """Every channel, thread and forum that asked for the note."""

    ledger: Ledger
    rest: Rest
    clock: Clock
    health: Health
    name: str = CHANNEL
    wants: tuple[str, ...] = WANTS
    carries: frozenset[str] = frozenset({NOTE, REVISION, WEEKLY, PENDING, RETRACTION, AGAIN})
    keeps_archive: bool = False
    after_silence: AfterSilence = AfterSilence.LOOK_UP
    pace: Pace = field(default=WITHIN_GLOBAL_LIMIT)
    load: Load = field(default=FIVE_AT_ONCE)

    async def targets(self, edition: EditionRow) -> AsyncIterator[Sequence[Target]]:
        """Give the channels a page at a time, each held back until its own hour."""
        alone = self.rest.values.channel_id
        after, seen_alone = 0, alone is None
        while True:
            async with self.ledger.read() as tx:
                page = await guild_channels_after(tx, after, PAGE)
            if not page:
                break
            after = page[-1].channel_id
            seen_alone = seen_alone or any(one.channel_id == alone for one in page)
            yield [Target(str(one.channel_id), hour_of(one, edition)) for one in page]
        if not seen_alone:
            yield [Target(str(alone))]

    async def send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
        """Post a note, or change the one that stands."""
        with self.rest.in_use():
            return await self._send(delivery, hand_over)

    async def _send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
        place = await self._place(int(delivery.target))
        traces = Traces(self.ledger, self.clock, delivery)
        try:
            client = await self.rest.ready()
            if delivery.attempt > 1:
                receipt = await self._find(delivery)
                if not is_absent(receipt):
                    return receipt
            trace = await traces.standing()
            if await traces.is_superseded(trace):
                return Sent("a later edition stands")
            act = partial(self._act, client, delivery, place, trace)
            receipt = await self._handed(act, traces, hand_over)
        except TokenRefusedError as error:
            return RetryLater(str(error), "401", TOKEN_REFUSED_FOR, whole_channel=True)
        except StoppingError:
            return RetryLater("the desk is stopping", "stopping", timedelta(0))
        except UnreadableNoteError as error:
            return Refused(str(error), "unreadable", our_fault=True)
        except (discord.DiscordException, *WIRE_FAULTS) as error:
            receipt = self._receipt(error)
        await self.health.after(place, receipt)
        return receipt

    async def _handed(
        self, act: Callable[[HandOver], Awaitable[Posted]], traces: Traces, hand_over: HandOver
    ) -> Receipt:
        posted = await act(hand_over)
        await traces.save(posted)
        return Sent(str(posted.message_id))

    async def _act(
        self,
        client: discord.Client,
        delivery: Delivery,
        place: GuildChannel,
        trace: Trace | None,
        hand_over: HandOver,
    ) -> Posted:
        wish = Wish(place.drivers, role_there(client, place), self.rest.values.public_url)
        post = delivered_post(delivery, place.level, wish, self.clock())
        known = client.get_channel(place.channel_id)
        permissions = ours(known) if isinstance(known, discord.abc.GuildChannel) else None
        permissions = ours(known) if isinstance(known, discord.Thread) else permissions
        if permissions is not None and missing_here(permissions, place.kind):
            raise MissingPermissionsError(missing_here(permissions, place.kind))
        await hand_over()
        if trace is not None:
            return await self._change(client, place, trace, post)
        rung = best_rung(post, permissions)
        posted = await self._put(client, delivery, place, post, rung)
        if place.crosspost and place.kind == "news":
            await self._crosspost(client, place, posted.message_id)
        return posted

    async def _change(
        self, client: discord.Client, place: GuildChannel, trace: Trace, post: Post
    ) -> Posted:
        channel_id = trace.message_id if place.kind == "forum" else place.channel_id
        message = client.get_partial_messageable(channel_id).get_partial_message(trace.message_id)
        rung = Rung.PICTURE if trace.rung.is_layout and post.attachments else trace.rung
        rung = Rung.BARS if trace.rung.is_layout and not post.attachments else rung
        try:
            await with_patience(lambda: change_message(message, post, rung))
        except discord.NotFound:
            first = await first_message(client, channel_id) if place.kind == "forum" else None
            if first is None:
                raise
            await with_patience(lambda: change_message(first, post, rung))
        return Posted(trace.message_id, rung)

    async def _put(
        self,
        client: discord.Client,
        delivery: Delivery,
        place: GuildChannel,
        post: Post,
        rung: Rung,
    ) -> Posted:
        if place.kind == "forum":
            forum = await client.fetch_channel(place.channel_id)
            if not isinstance(forum, discord.ForumChannel):
                raise MissingPermissionsError(["view_channel"])
            name = thread_name(delivery)
            # A forum knows no nonce, so there is one try, and a search if it is not answered.
            return await post_down_the_ladder(
                post, rung, lambda one, how: put_thread(forum, one, how, name)
            )
        target = client.get_partial_messageable(place.channel_id)
        nonce = nonce_of(delivery.key)
        return await post_down_the_ladder(
            post,
            rung,
            lambda one, how: with_patience(lambda: put_message(target, one, how, nonce)),
        )

    async def _crosspost(
        self, client: discord.Client, place: GuildChannel, message_id: int
    ) -> None:
        # Followers are a courtesy: whatever goes wrong here, the note is posted.
        message = client.get_partial_messageable(place.channel_id).get_partial_message(message_id)
        try:
            await message.publish()
        except (discord.DiscordException, *WIRE_FAULTS) as error:
            log.warning("crosspost_failed", channel=place.channel_id, problem=str(error)[:200])

    async def find(self, delivery: Delivery) -> Receipt:
        """Look in the channel for a post that was handed over and never answered."""
        with self.rest.in_use():
            return await self._find(delivery)

    async def _find(self, delivery: Delivery) -> Receipt:
        place = await self._place(int(delivery.target))
        traces = Traces(self.ledger, self.clock, delivery)
        trace = await traces.standing()
        if trace is not None:
            # What changes a post may be done twice; it was done if its content is what stands.
            done = trace.content_hash == traces.content_hash or await traces.is_superseded(trace)
            return Sent(str(trace.message_id)) if done else looked(None, delivery.attempt)
        try:
            client = await self.rest.ready()
            found = await self._search(client, delivery, place)
        except TokenRefusedError as error:
            return RetryLater(str(error), "401", TOKEN_REFUSED_FOR, whole_channel=True)
        except StoppingError:
            return RetryLater("the desk is stopping", "unasked", timedelta(0))
        except (discord.DiscordException, *WIRE_FAULTS) as error:
            return cannot_look(error)
        if found is not None:
            await traces.save(Posted(found, Rung.BARS))
        return looked(found, delivery.attempt)

    async def _search(
        self, client: discord.Client, delivery: Delivery, place: GuildChannel
    ) -> int | None:
        if place.kind == "forum":
            return await find_thread(client, place.channel_id, thread_name(delivery))
        return await find_message(client, place.channel_id, delivery.session, delivery.edition)

    async def _place(self, channel_id: int) -> GuildChannel:
        async with self.ledger.read() as tx:
            found = await find_guild_channel(tx, channel_id)
        return found or GuildChannel(channel_id, 0, level=PLAIN)

    def _receipt(self, error: Exception) -> Receipt:
        if isinstance(error, MissingPermissionsError):
            return Refused(str(error), f"missing:{error.names[0]}"[:20])
        if refuses_token(error):
            self.rest.refuse()
        return receipt_of(error)


class MissingPermissionsError(discord.ClientException):
    """We know before asking that Discord would refuse."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(f"missing permissions: {', '.join(NAMES[name] for name in names)}")


def role_there(client: discord.Client, place: GuildChannel) -> int | None:
    """Return the role a post calls, unless the cache knows that it is gone."""
    guild = client.get_guild(place.guild_id)
    if place.role_id is None or guild is None or guild.unavailable:
        return place.role_id
    return place.role_id if guild.get_role(place.role_id) is not None else None


def is_absent(receipt: Receipt) -> bool:
    """Say whether a search found that a post is certainly not there."""
    return isinstance(receipt, RetryLater) and receipt.code == "absent"


def thread_name(delivery: Delivery) -> str:
    """Return what a forum post is called; it is found again by this name."""
    session = delivery.session
    what = "Week in review" if delivery.edition == WEEKLY else "Market note"
    return f"{what} · {session:%a} {session.day} {session:%b %Y}"


def hour_of(place: GuildChannel, edition: EditionRow) -> datetime | None:
    """Return when a channel wants the note, nothing for at once.

    An hour so far off that the note would expire before it counts as at once.
    """
    if place.at_publication or place.local_time is None or edition.frozen_at is None:
        return None
    if edition.edition != NOTE:
        return None
    zone = ZoneInfo(place.zone)
    local = edition.frozen_at.astimezone(zone)
    at = datetime.combine(local.date(), place.local_time, zone)
    if at < local:
        at = datetime.combine(local.date() + timedelta(days=1), place.local_time, zone)
    return at if at - edition.frozen_at <= LONGEST_HOLD else None
