"""What the bot may do in a channel, and by what name a person finds what is missing."""

from __future__ import annotations

import discord

NEEDED = ("view_channel", "send_messages")
GOOD_TO_HAVE = ("embed_links", "attach_files", "read_message_history")
THREAD_NEEDED = ("view_channel", "send_messages_in_threads")
FORUM_NEEDED = ("view_channel", "send_messages", "send_messages_in_threads")

NAMES = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
"""As Discord's own settings call them, in English."""

WITHOUT = {
    "embed_links": "posts are plain text",
    "attach_files": "posts have bars in place of the picture",
    "read_message_history": "after a crash nobody can see whether the post is there",
}

INVITE = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)
"""What the invitation asks for."""


def kind_of(channel: object) -> str:
    """Return how a channel is posted to: text, news, thread or forum."""
    if isinstance(channel, discord.ForumChannel):
        return "forum"
    if isinstance(channel, discord.Thread):
        return "thread"
    if isinstance(channel, discord.TextChannel) and channel.is_news():
        return "news"
    return "text"


def ours(channel: object) -> discord.Permissions | None:
    """Return what we may do in a channel, or nothing where the cache does not know."""
    guild = getattr(channel, "guild", None)
    me = getattr(guild, "me", None)
    if me is None or not isinstance(
        channel, discord.TextChannel | discord.Thread | discord.ForumChannel
    ):
        return None
    if isinstance(channel, discord.Thread) and channel.parent is None:
        return None
    return channel.permissions_for(me)


def missing_here(permissions: discord.Permissions, kind: str) -> list[str]:
    """Return the permissions without which nothing can be posted."""
    needed = {"thread": THREAD_NEEDED, "forum": FORUM_NEEDED}.get(kind, NEEDED)
    return [name for name in needed if not getattr(permissions, name)]


def wished_here(permissions: discord.Permissions) -> list[str]:
    """Return the permissions without which posts are poorer."""
    return [name for name in GOOD_TO_HAVE if not getattr(permissions, name)]


def check_words(permissions: discord.Permissions | None, kind: str) -> str:
    """Say what is missing, by the names an administrator will look for."""
    if permissions is None:
        return "I cannot see that channel: give me **View Channel** there."
    missing = missing_here(permissions, kind)
    if missing:
        names = ", ".join(f"**{NAMES[name]}**" for name in missing)
        return f"I cannot post there. Missing: {names}."
    poorer = [f"**{NAMES[name]}** ({WITHOUT[name]})" for name in wished_here(permissions)]
    return f"I can post there. Without {'; '.join(poorer)}." if poorer else "I can post there."


def role_words(role: discord.Role | None, permissions: discord.Permissions | None) -> str:
    """Say whether a role can be called."""
    if role is None or permissions is None or role.mentionable or permissions.mention_everyone:
        return ""
    return (
        f"{role.mention} would not be notified: allow anyone to mention that role, "
        "or give me **Mention Everyone**."
    )
