"""Publish the note on a WordPress site, over its REST API with an application password.

The traps, all met on a real WordPress:

- A second post under the same slug is not refused but becomes ``2025-04-09-2``. So every attempt
  asks first what stands there, drafts and the trash included, and a post that came out under
  another slug than asked for is taken back if ours stands already.
- A post of that slug may be somebody else's. Ours end with a comment that only the editor sees;
  without it a post is never touched, and ours stands beside it under the next free slug.
- A picture is uploaded before the post, so a failure in between leaves it in the media library,
  where it is found again.
- A person may have taken the post down by hand. A correction changes its words and leaves it
  where that person put it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from html import escape
from typing import Any

from bot.blogs.faults import BlogError
from bot.blogs.markup import blocks_of, image_block
from bot.blogs.post import Post
from bot.blogs.standing import Page
from bot.blogs.wordpress_api import Json, WordPressApi
from bot.blogs.wordpress_library import Library, number_of

SEEN_BY_EDITORS = {
    "status": "publish,future,draft,pending,private,trash",
    "context": "edit",
    "_fields": "id,slug,status,link,content",
}
TRASHED = "__trashed"
OUT_OF_SIGHT = ("draft", "trash")


@dataclass(frozen=True)
class WordPress:
    """A WordPress site.

    Parameters
    ----------
    api
        Where it is, and an account of the role Author or above.
    category
        The name of a category for the notes; empty for the site's default one.
    """

    api: WordPressApi
    category: str = ""
    name: str = "wordpress"

    @property
    def target(self) -> str:
        """The site's host and folder."""
        return self.api.site

    async def put(self, post: Post, remote_id: str | None, *, show: bool) -> Page:
        """Make the post stand there, once."""
        standing = await self._find(post.slug, remote_id)
        library = Library(self.api)
        body = await self._body(post, library)
        if standing is None:
            made = await self.api.ask("POST", "posts", json={**body, "status": "publish"})
            return page_of(await self._only(made, post.slug, body))
        if show:
            body["status"] = "publish"
        if not str(standing["slug"]).endswith(TRASHED):
            body["slug"] = standing["slug"]
        changed = await self.api.ask("POST", f"posts/{number_of(standing)}", json=body)
        await library.sweep(post)
        return page_of(changed)

    async def take_down(self, slug: str, remote_id: str | None, reason: str) -> Page | None:
        """Turn our post into a draft: its text is kept, readers no longer see it."""
        standing = await self._find(slug, remote_id)
        if standing is None:
            return None
        if standing["status"] not in OUT_OF_SIGHT:
            await self.api.ask("POST", f"posts/{number_of(standing)}", json={"status": "draft"})
        return page_of(standing)

    async def check(self) -> str:
        """Say who we are there and that this account may publish."""
        me = await self.api.ask("GET", "users/me", params={"context": "edit"})
        may = me.get("capabilities", {})
        lacking = [one for one in ("publish_posts", "upload_files") if not may.get(one)]
        if lacking:
            raise BlogError(self.api.lacking(", ".join(lacking)), "403", permanent=True)
        roles = ", ".join(me.get("roles", [])) or "no role"
        return f"WordPress at {self.target}: signed in as {self.api.user} ({roles}), may publish"

    async def _find(self, slug: str, remote_id: str | None) -> Json | None:
        """Return our post, wherever it is; nothing if there is none."""
        if remote_id is not None:
            answer = await self.api.fetch("GET", f"posts/{remote_id}", params={"context": "edit"})
            if answer.status not in (404, 410):
                self.api.refuse(answer)
                return answer.fields
        slugs = (slug, f"{slug}-2", f"{slug}-3", f"{slug}{TRASHED}")
        ours = [
            one
            for one in await self._called(",".join(slugs))
            if mark_of(slug) in str((one.get("content") or {}).get("raw", ""))
        ]
        # The one in the trash only if there is no other, and never a second one.
        ours.sort(key=lambda one: (one["status"] == "trash", number_of(one)))
        return ours[0] if ours else None

    async def _called(self, slugs: str) -> Sequence[Json]:
        """Return the posts of these slugs, whatever their state."""
        try:
            return await self.api.list("posts", slug=slugs, **SEEN_BY_EDITORS)
        except BlogError as error:
            if error.code == "400":
                # To one who is not signed in WordPress calls the state a wrong parameter.
                await self.check()
            raise

    async def _only(self, made: Json, slug: str, body: Mapping[str, Any]) -> Json:
        """Return the post just made, or the one that stood there already."""
        if made.get("slug") == slug:
            return made
        # An earlier attempt of ours that the site finished after we had given it up.
        first = await self._find(slug, None)
        if first is None or number_of(first) == number_of(made):
            return made
        await self.api.ask("DELETE", f"posts/{number_of(made)}", params={"force": "true"})
        return await self.api.ask("POST", f"posts/{number_of(first)}", json=body)

    async def _body(self, post: Post, library: Library) -> dict[str, Any]:
        uploaded = await library.picture(post)
        drawn = ""
        if uploaded is not None and post.picture is not None:
            drawn = image_block(str(uploaded["source_url"]), post.picture.alt, number_of(uploaded))
        parts = (blocks_of(post.lead), drawn, blocks_of(post.rest), mark_of(post.slug))
        body: dict[str, Any] = {
            "title": escape(post.title, quote=False),
            "slug": post.slug,
            "content": "\n\n".join(part for part in parts if part),
            "excerpt": escape(post.description, quote=False),
            "date_gmt": f"{post.dated.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
            "tags": [await library.term("tags", name) for name in post.tags],
        }
        if self.category:
            body["categories"] = [await library.term("categories", self.category)]
        return body


def mark_of(slug: str) -> str:
    """Return the comment that marks a post as ours.

    >>> mark_of("2025-04-09")
    '<!-- undertow 2025-04-09 -->'
    """
    return f"<!-- undertow {slug} -->"


def page_of(post: Json) -> Page:
    """Return where a post stands."""
    return Page(str(number_of(post)), str(post.get("link", "")))
