"""What a WordPress post refers to: its picture in the media library, its tags and category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from bot.blogs.faults import BlogError
from bot.blogs.post import Picture, Post
from bot.blogs.wordpress_api import HOW_TO_RETRY, Json, WordPressApi


@dataclass(frozen=True)
class Library:
    """One site's pictures and terms; nothing is made that is there already."""

    api: WordPressApi

    async def picture(self, post: Post) -> Json | None:
        """Return the post's picture in the media library, uploading it where it is missing.

        The slug bears the content's mark, so that a picture whose post failed is found again.
        One that WordPress could not finish is thrown away first.
        """
        if post.picture is None:
            return None
        slug = f"{_stem(post)}{post.picture.mark}"
        for one in await self.api.list("media", slug=slug):
            if is_whole(one, post.picture):
                return one
            await self._forget(one)
        return await self.api.ask(
            "POST",
            "media",
            data={"slug": slug, "title": slug, "alt_text": post.picture.alt},
            files={"file": (f"{slug}.png", post.picture.body, "image/png")},
        )

    async def sweep(self, post: Post) -> None:
        """Throw away the pictures of this post that a correction has replaced."""
        kept = f"{_stem(post)}{post.picture.mark}" if post.picture else ""
        for one in await self.api.list("media", search=_stem(post), _fields="id,slug"):
            if str(one["slug"]).startswith(_stem(post)) and one["slug"] != kept:
                await self._forget(one)

    async def _forget(self, medium: Json) -> None:
        await self.api.ask("DELETE", f"media/{number_of(medium)}", params={"force": "true"})

    async def term(self, kind: str, name: str) -> int:
        """Return the number of a tag or category, making it where there is none."""
        for one in await self.api.list(kind, search=name, per_page="100", _fields="id,name"):
            if unescape(str(one["name"])).casefold() == name.casefold():
                return number_of(one)
        answer = await self.api.fetch("POST", kind, json={"name": name})
        if answer.fields.get("code") == "term_exists":
            return int(answer.fields["data"]["term_id"])
        if answer.status == 403 and kind == "categories":
            raise BlogError(
                f"the account {self.api.user} may not make the category {name!r}; make it in "
                f"WordPress (Posts, Categories), {HOW_TO_RETRY}",
                "403",
                permanent=True,
            )
        self.api.refuse(answer)
        return number_of(answer.fields)


def is_whole(medium: Json, picture: Picture) -> bool:
    """Say whether WordPress has the whole picture, measured and with its words."""
    details: Any = medium.get("media_details")
    if not isinstance(details, Mapping) or not details.get("width"):
        return False
    size = details.get("filesize")
    return size in (None, len(picture.body)) and bool(medium.get("alt_text"))


def number_of(found: Json) -> int:
    """Return WordPress's number of something.

    Raises
    ------
    BlogError
        If the answer has none.
    """
    try:
        return int(found["id"])
    except (KeyError, TypeError, ValueError) as error:
        raise BlogError("WordPress's answer has no id", "unreadable") from error


def _stem(post: Post) -> str:
    return f"undertow-{post.slug}-"
