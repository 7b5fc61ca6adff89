"""As much of Ghost's Admin API as the desk uses, behaving as the real one was seen to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.bot.blogs.serving import Faulty, form_of

SECRET = "42" * 32
KEY = f"6b030efbe29b72736220f4e6:{SECRET}"


@dataclass
class FakeGhost(Faulty):
    """A site with posts and pictures."""

    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    pictures: list[str] = field(default_factory=list)
    saves: int = 0

    def add(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Put a post there; a slug that is taken gets a number behind it."""
        taken = {post["slug"] for post in self.posts.values()}
        slug = fields["slug"] if fields["slug"] not in taken else f"{fields['slug']}-2"
        number = f"post{len(self.posts) + 1}"
        self.posts[number] = {**fields, "id": number, "slug": slug}
        return self.save(number, {})

    def save(self, number: str, changes: dict[str, Any]) -> dict[str, Any]:
        """Change a post."""
        self.saves += 1
        slug = self.posts[number]["slug"]
        stamp = {"updated_at": f"save {self.saves}", "url": f"http://blog.test/{slug}/"}
        self.posts[number] |= {**changes, **stamp, "slug": slug}
        return self.posts[number]

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        return await self.answer(request, self._serve)

    async def _serve(self, request: Request) -> Response:
        path = request.url.path
        if path.startswith("/content/images/"):
            there = path in self.pictures
            return Response(b"", 200 if there else 404, media_type="image/png")
        if not path.startswith("/ghost/api/admin/"):
            return JSONResponse({}, 404)
        parts = path.removeprefix("/ghost/api/admin/").strip("/").split("/")
        if parts == ["site"]:
            return JSONResponse({"site": {"version": "6.65"}})
        if not is_signed(request.headers.get("Authorization", "")):
            return refusal(401, "Invalid token: invalid signature")
        if parts[0] == "images":
            return await self._upload(request)
        return await self._posts(request, parts[1:])

    async def _posts(self, request: Request, parts: list[str]) -> Response:
        if request.method == "POST":
            [fields] = (await request.json())["posts"]
            return JSONResponse({"posts": [self.add(fields)]}, 201)
        if not parts:
            return JSONResponse({"posts": self._filtered(request.query_params.get("filter", ""))})
        found = [self.posts[parts[0]]] if parts[0] in self.posts else []
        if not found:
            return refusal(404, "Resource not found error, cannot read post.")
        if request.method == "DELETE":
            self.posts.pop(found[0]["id"])
            return Response(status_code=204)
        return await self._change(request, found[0])

    def _filtered(self, wanted: str) -> list[dict[str, Any]]:
        tag, _, slugs = wanted.partition("+")
        return [
            post
            for post in self.posts.values()
            if tag == "tag:hash-undertow"
            and f"'{post['slug']}'" in slugs
            and {"name": "#undertow"} in post["tags"]
        ]

    async def _change(self, request: Request, post: dict[str, Any]) -> Response:
        if request.method == "GET":
            return JSONResponse({"posts": [post]})
        if ("save", "by somebody else") in self.faults:
            self.faults.remove(("save", "by somebody else"))
            self.save(post["id"], {})
        [fields] = (await request.json())["posts"]
        if fields["updated_at"] != post["updated_at"]:
            return refusal(409, "Saving failed! Someone else is editing this post.")
        return JSONResponse({"posts": [self.save(post["id"], fields)]})

    async def _upload(self, request: Request) -> Response:
        name, _ = (await form_of(request))["file"]
        path = f"/content/images/2025/11/{name}"
        while path in self.pictures:
            path = path.replace(".png", "-1.png")
        self.pictures.append(path)
        return JSONResponse({"images": [{"url": f"{request.base_url}{path[1:]}"}]}, 201)


def is_signed(header: str) -> bool:
    """Check a token as RFC 7519 says."""
    head, _, rest = header.removeprefix("Ghost ").partition(".")
    claims, _, signature = rest.partition(".")
    digest = hmac.new(bytes.fromhex(SECRET), f"{head}.{claims}".encode(), hashlib.sha256).digest()
    if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != signature:
        return False
    fields = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    return bool(fields["aud"] == "/admin/" and fields["exp"] - fields["iat"] <= 300)


def refusal(status: int, message: str) -> Response:
    """Return a refusal as Ghost words it."""
    return JSONResponse({"errors": [{"message": message, "context": None}]}, status)
