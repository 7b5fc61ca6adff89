"""Which program builds the site a folder belongs to, and where a session's files lie in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

import yaml

from bot.blogs.faults import BlogError
from bot.blogs.post import PICTURE_TEXT, Post

SETTING = "UNDERTOW_BLOG_ENGINE"
SUFFIXES = ("toml", "yaml", "yml", "json")
SECTIONS = ("posts", "post", "blog")
"""What themes of Hugo call their posts; the first that there is takes ours."""


class Engine(StrEnum):
    """What builds the site."""

    HUGO = "hugo"
    JEKYLL = "jekyll"
    PLAIN = "plain"
    """Nothing we know: plain files with a head."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session's files lie, from the site's root; ``picture_url`` as its page names it."""

    note: PurePosixPath
    picture: PurePosixPath
    picture_url: str


@dataclass(frozen=True, slots=True)
class Site:
    """A site's root, its engine, and the folder of its posts from there."""

    root: Path
    engine: Engine
    posts: PurePosixPath

    def place(self, session: str) -> Place:
        """Return where a session's files lie."""
        match self.engine:
            case Engine.HUGO:
                bundle = self.posts / session
                return Place(bundle / "index.md", bundle / PICTURE_TEXT, PICTURE_TEXT)
            case Engine.JEKYLL:
                picture = PurePosixPath("assets", "undertow", session, PICTURE_TEXT)
                # A site may live in a folder of its host, which only Jekyll knows.
                url = f'{{{{ "/{picture}" | relative_url }}}}'
                return Place(self.posts / f"{session}-market-note.md", picture, url)
            case Engine.PLAIN:
                picture = self.posts / f"{session}-{PICTURE_TEXT}"
                return Place(self.posts / f"{session}.md", picture, picture.name)

    def head(self, post: Post) -> dict[str, object]:
        """Return what the post's head says to this engine."""
        head: dict[str, object] = {"title": post.title, "date": post.dated.isoformat()}
        if post.revised is not None:
            head["last_modified_at" if self.engine is Engine.JEKYLL else "lastmod"] = (
                post.revised.isoformat()
            )
        head |= {"description": post.description, "tags": list(post.tags), "draft": False}
        if self.engine is Engine.JEKYLL:
            head["excerpt"] = post.description
            layout = layout_of(self.root)
            head |= {"layout": layout} if layout else {}
        else:
            head |= {"slug": post.slug, "summary": post.description}
        head["content_hash"] = post.content_hash
        return head | ({"simulated": True} if post.simulated else {})


def site_of(folder: Path, forced: str = "") -> Site:
    """Return the site that a folder is, or lies in.

    Parameters
    ----------
    folder
        A site's root, or the folder of its posts: ``content/…`` of Hugo, ``_posts`` of Jekyll.
    forced
        ``hugo``, ``jekyll`` or ``plain``; empty to look for their configuration.

    Raises
    ------
    BlogError
        If it might be either.
    """
    folder = folder.absolute()
    for root in (folder, *folder.parents) if forced != Engine.PLAIN else ():
        engine = _engine(root, forced)
        inside = PurePosixPath(folder.relative_to(root).as_posix())
        if engine is not None and (root == folder or _holds_posts(engine, inside)):
            return Site(root, engine, _posts(root, engine, inside))
    if folder.name == "_posts" and forced in ("", Engine.JEKYLL):
        return Site(folder.parent, Engine.JEKYLL, PurePosixPath("_posts"))
    engine = Engine(forced) if forced else Engine.PLAIN
    return Site(folder, engine, _posts(folder, engine, PurePosixPath()))


def _engine(root: Path, forced: str) -> Engine | None:
    is_jekyll = any((root / f"_config.{suffix}").is_file() for suffix in SUFFIXES)
    names = [f"{stem}.{suffix}" for stem in ("hugo", "config") for suffix in SUFFIXES]
    is_hugo = (root / "config" / "_default").is_dir() or any(
        (root / name).is_file() for name in names
    )
    found = {Engine.HUGO: is_hugo, Engine.JEKYLL: is_jekyll}
    if forced:
        return Engine(forced) if found[Engine(forced)] else None
    if is_hugo and is_jekyll:
        raise BlogError(
            f"{root.name} has configuration of both Hugo and Jekyll; set {SETTING} to hugo or "
            "jekyll, then `undertow deliveries retry`",
            "engine",
            permanent=True,
        )
    return next((engine for engine, is_there in found.items() if is_there), None)


def _holds_posts(engine: Engine, inside: PurePosixPath) -> bool:
    if engine is Engine.HUGO:
        return inside.parts[0] == "content"
    return inside.name == "_posts"


def _posts(root: Path, engine: Engine, inside: PurePosixPath) -> PurePosixPath:
    if inside.parts or engine is Engine.PLAIN:
        return inside
    if engine is Engine.JEKYLL:
        return PurePosixPath("_posts")
    there = [name for name in SECTIONS if (root / "content" / name).is_dir()]
    return PurePosixPath("content", there[0] if there else SECTIONS[0])


def layout_of(root: Path) -> str:
    """Return the layout a Jekyll post must name, nothing where the site's configuration does."""
    config = _config(root)
    if _default_layout(config.get("defaults")):
        return ""
    own = [name for name in ("post", "default") if (root / "_layouts" / f"{name}.html").is_file()]
    has_theme = "theme" in config or "remote_theme" in config
    return "post" if has_theme or not own else own[0]


def _config(root: Path) -> Mapping[str, object]:
    for suffix in ("yml", "yaml"):
        path = root / f"_config.{suffix}"
        try:
            config = yaml.safe_load(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            continue
        if isinstance(config, Mapping):
            return config
    return {}


def _default_layout(defaults: object) -> bool:
    if not isinstance(defaults, list):
        return False
    values = [one.get("values") for one in defaults if isinstance(one, Mapping)]
    return any(isinstance(one, Mapping) and "layout" in one for one in values)
