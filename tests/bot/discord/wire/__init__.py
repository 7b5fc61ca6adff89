"""Discord on the loopback: REST and gateway for a bot that does not know it is being tested.

What a guild, a message or a permission is, is simcord's business; this folder puts it on a
wire, with the faults a wire has.
"""

from __future__ import annotations

from tests.bot.discord.wire.faults import Fault, Kind
from tests.bot.discord.wire.server import TOKEN, WireServer

__all__ = ["TOKEN", "Fault", "Kind", "WireServer"]
