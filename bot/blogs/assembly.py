"""From settings to blogs: which of them are on, and which combinations are refused."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from bot.blogs.channel import Blog, BlogChannel
from bot.clock import Clock
from bot.errors import BadArgumentError
from bot.ledger import Ledger
from bot.safety import is_local
from bot.settings import Settings, reveal


def blogs_of(settings: Settings, ledger: Ledger, clock: Clock) -> list[BlogChannel]:
    """Return the blogs that have their settings.

    Raises
    ------
    BadArgumentError
        If a setting cannot be what it should be.
    """
    found = (_folder(settings), _wordpress(settings), _ghost(settings))
    return [BlogChannel(blog, ledger, clock) for blog in found if blog is not None]


def _folder(settings: Settings) -> Blog | None:
    if settings.blog_folder is None:
        return None
    from bot.channels.blog import BlogFolder, Committing

    committing = Committing(settings.blog_git)
    return BlogFolder(settings.blog_folder, settings.blog_engine, committing)


def _wordpress(settings: Settings) -> Blog | None:
    password = reveal(settings.wordpress_password)
    if not (settings.wordpress_url and settings.wordpress_user and password):
        return None
    from bot.blogs.wordpress_api import WordPressApi
    from bot.channels.wordpress import WordPress

    api = WordPressApi(settings.wordpress_url, settings.wordpress_user, password)
    return WordPress(api, settings.wordpress_category)


def _ghost(settings: Settings) -> Blog | None:
    key = reveal(settings.ghost_admin_key)
    if not (settings.ghost_url and key):
        return None
    from bot.blogs.ghost_api import KEY_SETTING, GhostApi
    from bot.channels.ghost import Ghost

    try:
        return Ghost(GhostApi(settings.ghost_url, key))
    except ValueError as error:
        raise BadArgumentError(f"{KEY_SETTING}: {error}") from error


def unsafe_blogs(settings: Settings) -> list[str]:
    """Return why the desk must not start with these blogs; nothing means it may."""
    wordpress = {
        "WORDPRESS_URL": settings.wordpress_url,
        "WORDPRESS_USER": settings.wordpress_user,
        "WORDPRESS_PASSWORD": settings.wordpress_password,
    }
    ghost = {"GHOST_URL": settings.ghost_url, "GHOST_ADMIN_KEY": settings.ghost_admin_key}
    found = _half_on(wordpress) + _half_on(ghost)
    found += _open_line("WORDPRESS_URL", settings.wordpress_url)
    found += _open_line("GHOST_URL", settings.ghost_url)
    if settings.blog_folder is None and (settings.blog_git or settings.blog_engine):
        found.append("BLOG_GIT or BLOG_ENGINE is set without BLOG_FOLDER")
    return found


def _half_on(wanted: Mapping[str, object]) -> list[str]:
    there = [name for name, value in wanted.items() if value]
    lacking = [name for name, value in wanted.items() if not value]
    if not there or not lacking:
        return []
    return [f"{there[0]} is set without {' and '.join(lacking)}: set all of them or none"]


def _open_line(name: str, url: str | None) -> list[str]:
    if not url:
        return []
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return [f"{name} cannot be read as an address"]
    if parts.scheme not in ("http", "https") or not host:
        return [f"{name} must be a whole address, such as https://blog.example"]
    if parts.username or parts.password or parts.query or parts.fragment:
        return [f"{name} must be the site's plain address, without a password or query in it"]
    if parts.scheme == "http" and not is_local(host):
        return [f"{name} begins with http: anyone on the way could read the password; use https"]
    return []
