"""The ledger's tables for readers: Discord guilds and users, newsletter subscribers.

Ids and preferences only. An address is kept in the clear until its reader asks to be erased;
what stays then is a keyed hash in ``suppressions``, which cannot be turned back.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
)

from bot.ledger.columns import BIG_KEY, UtcTime
from bot.ledger.tables import metadata

guilds = Table(
    "guilds",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("locale", String(10), nullable=False),
    Column("installed_by", BigInteger),
    Column("joined_at", UtcTime, nullable=False),
    Column("left_at", UtcTime),
    # Nothing of a guild we left is kept longer than this.
    Column("purge_after", UtcTime),
)

guild_channels = Table(
    "guild_channels",
    metadata,
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "guild_id", BigInteger, ForeignKey("guilds.guild_id", ondelete="CASCADE"), nullable=False
    ),
    Column("kind", String(10), nullable=False),
    Column("at_publication", Boolean, nullable=False),
    Column("local_time", Time),
    Column("zone", String(40), nullable=False),
    Column("role_id", BigInteger),
    Column("drivers", JSON, nullable=False),
    Column("level", String(10), nullable=False),
    Column("crosspost", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("health", String(60), nullable=False),
    Column("health_told_at", UtcTime),
    Column("failures", Integer, nullable=False),
    Column("updated_by", BigInteger),
    Column("updated_at", UtcTime, nullable=False),
    Index("ix_guild_channels_guild_id", "guild_id"),
)

discord_readers = Table(
    "discord_readers",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("level", String(10), nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", BIG_KEY, primary_key=True),
    # Null once erased: the row stays so that old deliveries still count.
    Column("address_key", String(320), unique=True),
    Column("address", String(320)),
    Column("state", String(12), nullable=False),
    Column("cadence", String(10), nullable=False),
    Column("level", String(10), nullable=False),
    Column("text_only", Boolean, nullable=False),
    Column("zone", String(40), nullable=False),
    # Null means at publication.
    Column("hour", SmallInteger),
    Column("topics", JSON, nullable=False),
    Column("bounce_score", Float, nullable=False),
    Column("bounced_on", Date),
    Column("confirms_sent", Integer, nullable=False),
    Column("confirm_sent_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("confirmed_at", UtcTime),
    Column("changed_at", UtcTime, nullable=False),
    Index("ix_subscribers_state_cadence", "state", "cadence", "zone", "hour"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", BIG_KEY, primary_key=True),
    Column("subscriber_id", BIG_KEY, ForeignKey("subscribers.id"), nullable=False),
    Column("action", String(20), nullable=False),
    Column("text_version", String(40), nullable=False),
    Column("source", String(40), nullable=False),
    Column("address_prefix", String(50)),
    Column("agent_hash", String(64)),
    Column("at", UtcTime, nullable=False),
    Index("ix_consents_subscriber_id", "subscriber_id"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("subscriber_id", BIG_KEY, ForeignKey("subscribers.id"), nullable=False),
    Column("purpose", String(12), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Index("ix_tokens_subscriber_id", "subscriber_id"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("reason", String(20), nullable=False),
    Column("at", UtcTime, nullable=False),
)

bounces = Table(
    "bounces",
    metadata,
    Column("id", BIG_KEY, primary_key=True),
    Column("delivery_id", BIG_KEY, ForeignKey("deliveries.id"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("status", String(12), nullable=False),
    Column("headers", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_bounces_delivery_id", "delivery_id"),
)
