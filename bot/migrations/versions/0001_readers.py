"""Readers: guilds and their channels, subscribers and their consents."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Take the ledger forward."""
    create_discord_readers()
    create_guilds()
    create_subscribers()
    create_suppressions()
    create_consents()
    create_guild_channels()
    create_tokens()


def downgrade() -> None:
    """Take the ledger back, with all these tables hold."""
    for table in (
        "tokens",
        "guild_channels",
        "consents",
        "suppressions",
        "subscribers",
        "guilds",
        "discord_readers",
    ):
        op.drop_table(table)


def create_discord_readers() -> None:
    """Create discord_readers."""
    op.create_table(
        "discord_readers",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_discord_readers"),
    )


def create_guilds() -> None:
    """Create guilds."""
    op.create_table(
        "guilds",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("installed_by", sa.BigInteger(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purge_after", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("guild_id", name="pk_guilds"),
    )


def create_subscribers() -> None:
    """Create subscribers."""
    op.create_table(
        "subscribers",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("address_key", sa.String(length=320), nullable=True),
        sa.Column("address", sa.String(length=320), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("cadence", sa.String(length=10), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("text_only", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=True),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("bounce_score", sa.Float(), nullable=False),
        sa.Column("bounced_on", sa.Date(), nullable=True),
        sa.Column("confirms_sent", sa.Integer(), nullable=False),
        sa.Column("confirm_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscribers"),
        sa.UniqueConstraint("address_key", name="uq_subscribers_address_key"),
    )
    op.create_index(
        "ix_subscribers_state_cadence",
        "subscribers",
        ["state", "cadence", "zone", "hour"],
        unique=False,
    )


def create_suppressions() -> None:
    """Create suppressions."""
    op.create_table(
        "suppressions",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name="pk_suppressions"),
    )


def create_consents() -> None:
    """Create consents."""
    op.create_table(
        "consents",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("subscriber_id", BIG_KEY, nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("text_version", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("address_prefix", sa.String(length=50), nullable=True),
        sa.Column("agent_hash", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name="fk_consents_subscriber_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_subscriber_id", "consents", ["subscriber_id"], unique=False)


def create_guild_channels() -> None:
    """Create guild_channels."""
    op.create_table(
        "guild_channels",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at_publication", sa.Boolean(), nullable=False),
        sa.Column("local_time", sa.Time(), nullable=True),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=True),
        sa.Column("drivers", sa.JSON(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("crosspost", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("health", sa.String(length=60), nullable=False),
        sa.Column("health_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.guild_id"], name="fk_guild_channels_guild_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("channel_id", name="pk_guild_channels"),
    )
    op.create_index("ix_guild_channels_guild_id", "guild_channels", ["guild_id"], unique=False)


def create_tokens() -> None:
    """Create tokens."""
    op.create_table(
        "tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", BIG_KEY, nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name="fk_tokens_subscriber_id"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_tokens"),
    )
    op.create_index("ix_tokens_subscriber_id", "tokens", ["subscriber_id"], unique=False)
