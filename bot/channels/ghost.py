"""Publish the note on a Ghost site, over its Admin API.

The traps, all met on a real Ghost:

- A second post under the same slug is not refused but becomes ``2025-04-09-2``; so the slug is
  looked up first, and what came out under another is taken back if ours stands already.
- A change must bring the post's ``updated_at``. If somebody saved it meanwhile Ghost answers 409,
  and the post is fetched again.
- Pictures cannot be looked up, and a second upload of the same name becomes another file. The
  name bears the content's mark, so the place where Ghost would keep it is tried first.
- A post of that slug may be somebody else's. Ours bear the internal tag ``#undertow``, which
  readers never see; without it a post is never touched, and ours stands beside it.
- Publishing over the API sends no newsletter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from bot.blogs.faults import BlogError
from bot.blogs.ghost_api import GhostApi, Json
from bot.blogs.markup import html_of, image_html
from bot.blogs.post import Post
from bot.blogs.standing import Page

OURS = "#undertow"
OUR_TAG = "hash-undertow"
"""Our internal tag, as an editor sees it and as Ghost's filters call it."""

TRIES = 3
"""How often a change is begun anew because somebody else saved the post meanwhile."""

SUMMARY_LIMIT = 300


@dataclass(frozen=True)
class Ghost:
    """A Ghost site."""

    api: GhostApi
    name: str = "ghost"

    @property
    def target(self) -> str:
        """The site's host and folder."""
        return self.api.site

    async def put(self, post: Post, remote_id: str | None, *, show: bool) -> Page:
        """Make the post stand there, once."""
        standing = await self._find(post.slug, remote_id)
        body = await self._body(post, standing or {})
        if standing is None:
            made = await self._write("POST", "posts", {**body, "status": "published"})
            return page_of(await self._only(made, post.slug, body))
        if show:
            body["status"] = "published"
        body["slug"] = standing["slug"]
        return page_of(await self._change(standing, body))

    async def take_down(self, slug: str, remote_id: str | None, reason: str) -> Page | None:
        """Turn our post into a draft: its text is kept, readers no longer see it."""
        standing = await self._find(slug, remote_id)
        if standing is None:
            return None
        if standing.get("status") != "draft":
            await self._change(standing, {"status": "draft"})
        return page_of(standing)

    async def check(self) -> str:
        """Say which Ghost it is and that the key is taken."""
        site = (await self.api.ask("GET", "site")).get("site", {})
        await self.api.ask("GET", "posts", params={"limit": "1", "fields": "id"})
        return f"Ghost {site.get('version', '')} at {self.target}: the key is taken"

    async def _find(self, slug: str, remote_id: str | None) -> Json | None:
        """Return our post, wherever it is; nothing if there is none."""
        if remote_id is not None:
            answer = await self.api.fetch("GET", f"posts/{remote_id}")
            if answer.status != 404 or not answer.fields.get("errors"):
                self.api.refuse(answer)
                return post_in(answer.fields)
        called = ",".join(f"'{one}'" for one in (slug, f"{slug}-2", f"{slug}-3"))
        params = {"filter": f"tag:{OUR_TAG}+slug:[{called}]", "order": "created_at asc"}
        found = await self.api.ask("GET", "posts", params=params)
        return post_in(found) if found.get("posts") else None

    async def _change(self, standing: Json, changes: Json) -> Json:
        """Change a post, fetching it again if somebody saved it meanwhile."""
        number = id_of(standing)
        for _ in range(TRIES):
            seen = {**changes, "updated_at": standing["updated_at"]}
            answer = await self.api.fetch(
                "PUT", f"posts/{number}", params={"source": "html"}, json={"posts": [seen]}
            )
            if answer.status != 409:
                self.api.refuse(answer)
                return post_in(answer.fields)
            standing = post_in(await self.api.ask("GET", f"posts/{number}"))
        raise BlogError("somebody is editing the post in Ghost", "409")

    async def _only(self, made: Json, slug: str, body: Json) -> Json:
        """Return the post just made, or the one that stood there already."""
        if made.get("slug") == slug:
            return made
        # An earlier attempt of ours that the site finished after we had given it up.
        first = await self._find(slug, None)
        if first is None or id_of(first) == id_of(made):
            return made
        self.api.refuse(await self.api.fetch("DELETE", f"posts/{id_of(made)}"))
        return await self._change(first, body)

    async def _write(self, method: str, path: str, post: Json) -> Json:
        params = {"source": "html"}
        return post_in(await self.api.ask(method, path, params=params, json={"posts": [post]}))

    async def _body(self, post: Post, standing: Json) -> dict[str, Any]:
        url = await self._picture(post, standing)
        drawn = ""
        if post.picture is not None:
            drawn = f"<figure>{image_html(url, post.picture.alt)}</figure>"
        body: dict[str, Any] = {
            "title": post.title[:255],
            "slug": post.slug,
            "html": "\n".join((html_of(post.lead), drawn, html_of(post.rest))),
            "custom_excerpt": post.description[:SUMMARY_LIMIT],
            "tags": [{"name": name} for name in (*post.tags, OURS)],
            "published_at": f"{post.dated.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}",
        }
        return body | ({"og_image": url, "twitter_image": url} if url else {})

    async def _picture(self, post: Post, standing: Json) -> str:
        """Return the picture's address, uploading it where it is missing."""
        if post.picture is None:
            return ""
        name = f"undertow-{post.slug}-{post.picture.mark}.png"
        month = self.api.clock()
        used = str(standing.get("og_image") or "")
        likely = f"{self.api.url.rstrip('/')}/content/images/{month:%Y/%m}/{name}"
        for url in [used] * used.endswith(f"/{name}") + [likely]:
            if await self.api.has_file(url):
                return url
        answer = await self.api.ask(
            "POST",
            "images/upload",
            data={"purpose": "image", "ref": name},
            files={"file": (name, post.picture.body, "image/png")},
        )
        try:
            return str(answer["images"][0]["url"])
        except (KeyError, IndexError, TypeError) as error:
            raise BlogError("Ghost's answer to the upload has no address", "unreadable") from error


def post_in(answer: Json) -> Json:
    """Return the one post of an answer.

    Raises
    ------
    BlogError
        If there is none.
    """
    try:
        found = answer["posts"][0]
        return {**found, "id": found["id"], "updated_at": found["updated_at"]}
    except (KeyError, IndexError, TypeError) as error:
        raise BlogError("Ghost's answer has no post", "unreadable") from error


def id_of(post: Json) -> str:
    """Return Ghost's name for a post."""
    return str(post["id"])


def page_of(post: Json) -> Page:
    """Return where a post stands."""
    return Page(id_of(post), str(post.get("url", "")))
