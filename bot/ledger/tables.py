"""The ledger's tables for notes, runs and deliveries.

The readers' tables (guilds, subscribers) stand in `bot.ledger.readers`, on the same metadata.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.ledger.columns import BIG_KEY, BODY, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

editions = Table(
    "editions",
    metadata,
    Column("id", BIG_KEY, primary_key=True),
    Column("session", Date, nullable=False),
    Column("edition", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("content_hash", String(80), nullable=False),
    Column("late", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("corrects", BIG_KEY, ForeignKey("editions.id")),
    Column("created_at", UtcTime, nullable=False),
    Column("frozen_at", UtcTime),
    UniqueConstraint("session", "edition"),
)

edition_texts = Table(
    "edition_texts",
    metadata,
    Column("edition_id", BIG_KEY, ForeignKey("editions.id"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("body", BODY, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BIG_KEY, primary_key=True),
    Column("edition_id", BIG_KEY, ForeignKey("editions.id"), nullable=False),
    Column("session", Date, nullable=False),
    Column("edition", String(20), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("target", String(200), nullable=False),
    Column("subscriber_id", BIG_KEY, ForeignKey("subscribers.id")),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("lease_owner", String(80)),
    Column("lease_until", UtcTime),
    Column("handed_at", UtcTime),
    Column("settled_at", UtcTime),
    Column("reference", String(200)),
    Column("code", String(20)),
    Column("detail", Text),
    UniqueConstraint("session", "edition", "channel", "target"),
    # Only unsettled rows are ever looked for, so the indexes stay small beside a long history.
    Index(
        "ix_deliveries_waiting",
        "channel",
        "not_before",
        "id",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index(
        "ix_deliveries_leased",
        "channel",
        "lease_until",
        sqlite_where=text("state = 'sending'"),
        postgresql_where=text("state = 'sending'"),
    ),
    Index(
        "ix_deliveries_expiring",
        "expires_at",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index(
        "ix_deliveries_in_doubt",
        "id",
        sqlite_where=text("state = 'in_doubt'"),
        postgresql_where=text("state = 'in_doubt'"),
    ),
    Index("ix_deliveries_subscriber_id", "subscriber_id"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", BIG_KEY, primary_key=True),
    Column("delivery_id", BIG_KEY, ForeignKey("deliveries.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("owner", String(80), nullable=False),
    Column("handed_at", UtcTime),
    Column("at", UtcTime, nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("code", String(20)),
    Column("detail", Text),
    Index("ix_attempts_delivery_id", "delivery_id"),
)

channel_states = Table(
    "channel_states",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("refilled_at", UtcTime, nullable=False),
    Column("paused_until", UtcTime),
    Column("reason", Text),
    Column("window_started_at", UtcTime, nullable=False),
    Column("window_total", Integer, nullable=False),
    Column("window_bad", Integer, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", BIG_KEY, primary_key=True),
    Column("session", Date, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("owner", String(80), nullable=False),
    Column("lease_until", UtcTime, nullable=False),
    Column("not_before", UtcTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("detail", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    UniqueConstraint("session", "kind"),
)

publications = Table(
    "publications",
    metadata,
    Column("id", BIG_KEY, primary_key=True),
    Column("edition_id", BIG_KEY, ForeignKey("editions.id"), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("target", String(200), nullable=False),
    Column("slug", String(80), nullable=False),
    Column("remote_id", String(200), nullable=False),
    Column("url", Text, nullable=False),
    Column("content_hash", String(80), nullable=False),
    Column("state", String(12), nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    UniqueConstraint("channel", "target", "slug"),
)

claims = Table(
    "claims",
    metadata,
    Column("id", BIG_KEY, primary_key=True),
    Column("edition_id", BIG_KEY, ForeignKey("editions.id"), nullable=False),
    Column("key", String(60), nullable=False),
    Column("words", Text, nullable=False),
    Column("probability", Float, nullable=False),
    Column("base_rate", Float, nullable=False),
    Column("interval_low", Float, nullable=False),
    Column("interval_high", Float, nullable=False),
    Column("n", Integer, nullable=False),
    Column("horizon_sessions", Integer, nullable=False),
    Column("resolves_on", Date, nullable=False),
    UniqueConstraint("edition_id", "key"),
    Index("ix_claims_resolves_on", "resolves_on"),
)

grades = Table(
    "grades",
    metadata,
    Column("claim_id", BIG_KEY, ForeignKey("claims.id"), primary_key=True),
    Column("came_true", Boolean, nullable=False),
    Column("brier", Float, nullable=False),
    Column("log_loss", Float, nullable=False),
    Column("base_rate_brier", Float, nullable=False),
    Column("control_brier", Float),
    Column("evidence", Text, nullable=False),
    Column("graded_at", UtcTime, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("words", Text, nullable=False),
    Column("first_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime, nullable=False),
    Column("times", Integer, nullable=False),
)
