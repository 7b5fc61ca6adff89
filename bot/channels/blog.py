"""Write the note into the folder of a Hugo or Jekyll site, and commit it where told to.

A session is one post, under one name: a correction rewrites it, a withdrawal marks it as a draft
and removes its picture. A file is there whole or not at all; the picture is written before the
page that shows it. A file of that name that is not ours is never touched.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.blogs import git
from bot.blogs.faults import BlogError
from bot.blogs.markdown_file import head_text, page_text, read_head
from bot.blogs.post import Post
from bot.blogs.sites import Engine, Place, Site, site_of
from bot.blogs.standing import Page
from bot.channels.folder import error_name, write_durably

Found = TypeVar("Found")

MARK = "content_hash"
"""What the head of each of our posts has."""

HIDING = ("draft", "published")
"""What a person may set in a post's head to take it off the site."""


class Committing(StrEnum):
    """What becomes of the files in git."""

    NEVER = ""
    COMMIT = "commit"
    PUSH = "push"


@dataclass(frozen=True)
class BlogFolder:
    """A folder of Markdown posts.

    Parameters
    ----------
    folder
        A site's root, or the folder of its posts.
    engine
        ``hugo``, ``jekyll`` or ``plain``; empty to look for their configuration.
    committing
        Whether our files are committed, and pushed, when they change.
    """

    folder: Path
    engine: str = ""
    committing: Committing = Committing.NEVER
    name: str = "blog"

    @property
    def target(self) -> str:
        """The folder's name, and a mark of where it is."""
        mark = hashlib.sha256(str(self.folder.absolute()).encode()).hexdigest()[:8]
        return f"{self.folder.absolute().name}-{mark}"

    async def put(self, post: Post, remote_id: str | None, *, show: bool) -> Page:
        """Write the post's files; writing them again changes nothing."""
        site, place = await _in_thread(partial(self._write, post, show))
        await self._commit(site, place, f"Market note of {post.slug}")
        return Page(str(place.note), str(place.note))

    async def take_down(self, slug: str, remote_id: str | None, reason: str) -> Page | None:
        """Mark the post as a draft and remove its picture."""
        site = site_of(self.folder, self.engine)
        place = site.place(slug)
        if not await _in_thread(partial(_hide, site, place, reason)):
            return None
        await self._commit(site, place, f"Withdraw the market note of {slug}")
        return Page(str(place.note), str(place.note))

    async def check(self) -> str:
        """Say what builds the site, where posts go, and that they can be written."""
        site = site_of(self.folder, self.engine)
        if not self.folder.is_dir() or not os.access(self.folder, os.W_OK | os.X_OK):
            raise BlogError(
                f"{self.folder} is no folder this account can write to; make it, or mend "
                "UNDERTOW_BLOG_FOLDER",
                "folder",
                permanent=True,
            )
        words = f"{site.engine.value} posts go to {site.root / site.posts}"
        if site.engine is Engine.PLAIN and not self.engine:
            words += " (no sign of Hugo or Jekyll; UNDERTOW_BLOG_ENGINE can name one)"
        if self.committing:
            words += f", committed to {await git.check(site.root)}"
        return words

    async def _commit(self, site: Site, place: Place, words: str) -> None:
        if self.committing:
            paths = [site.root / place.note, site.root / place.picture]
            push = self.committing is Committing.PUSH
            await git.commit(site.root, paths, words, push=push)

    def _write(self, post: Post, show: bool) -> tuple[Site, Place]:
        site = site_of(self.folder, self.engine)
        place = site.place(post.slug)
        note, picture = _inside(site, place)
        standing = _ours(note)
        head = site.head(post)
        if not show and standing is not None:
            # A person took it off the site; a correction does not put it back.
            head |= {key: standing[key] for key in HIDING if key in standing}
        if post.picture is None:
            picture.unlink(missing_ok=True)
        else:
            _keep(picture, post.picture.body)
        _keep(note, page_text(head, post, place.picture_url).encode())
        return site, place


def _hide(site: Site, place: Place, reason: str) -> bool:
    """Take a post off the site; say whether there was one of ours."""
    note, picture = _inside(site, place)
    standing = _ours(note)
    if standing is None:
        return False
    if site.engine is Engine.PLAIN:
        note.unlink()
    else:
        _, body = read_head(note.read_text("utf-8"))
        head = {**standing, "draft": True, "published": False, "withdrawn": reason}
        _keep(note, (head_text(head) + body).encode())
    picture.unlink(missing_ok=True)
    return True


def _inside(site: Site, place: Place) -> tuple[Path, Path]:
    """Return the two files, after making sure that no link leads them out of the site."""
    root = site.root.resolve()
    paths = site.root / place.note, site.root / place.picture
    for path in paths:
        if path.is_symlink() or not path.resolve().is_relative_to(root):
            raise BlogError(
                f"{path.relative_to(site.root)} leads out of the site by a link; remove the "
                "link, then `undertow deliveries retry`",
                "link",
                permanent=True,
            )
    return paths


def _ours(note: Path) -> dict[str, object] | None:
    """Return the head of our post, nothing where there is no file."""
    if not note.exists():
        return None
    head, _ = read_head(note.read_text("utf-8", errors="replace"))
    if MARK not in head:
        raise BlogError(
            f"{note.name} is there already and Undertow did not write it; move it away, then "
            "`undertow deliveries retry`",
            "not ours",
            permanent=True,
        )
    return head


def _keep(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_bytes() != body:
        write_durably(path, body)


async def _in_thread(act: Callable[[], Found]) -> Found:
    try:
        return await asyncio.to_thread(act)
    except OSError as error:
        raise BlogError(
            f"cannot write to the blog's folder: {error.strerror}", error_name(error)
        ) from error
