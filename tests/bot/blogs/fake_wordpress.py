"""As much of WordPress's REST API as the desk uses, behaving as the real one was seen to."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from tests.bot.blogs.serving import Faulty, form_of

USER, PASSWORD = "desk", "abcd EFGH ijkl MNOP qrst UVWX"
ALL_CAPABILITIES = {"publish_posts": True, "upload_files": True}


@dataclass
class FakeWordPress(Faulty):
    """A site with posts, a media library, tags and categories."""

    plain_links: bool = False
    offers_passwords: bool = True
    capabilities: dict[str, bool] = field(default_factory=lambda: dict(ALL_CAPABILITIES))
    things: dict[str, dict[int, dict[str, Any]]] = field(
        default_factory=lambda: {"posts": {}, "media": {}, "tags": {}, "categories": {}}
    )
    numbers: int = 10

    @property
    def posts(self) -> list[dict[str, Any]]:
        """The posts, oldest first."""
        return list(self.things["posts"].values())

    @property
    def media(self) -> list[dict[str, Any]]:
        """The media library, oldest first."""
        return list(self.things["media"].values())

    def add(self, kind: str, **fields: object) -> dict[str, Any]:
        """Put something there, as the real one would."""
        self.numbers += 1
        wanted = str(fields.get("slug", ""))
        taken = {one["slug"] for one in self.things[kind].values() if "slug" in one}
        slug = wanted if wanted not in taken else f"{wanted}-2"
        thing = {**fields, "id": self.numbers, "slug": slug, "link": f"http://blog.test/{slug}/"}
        self.things[kind][self.numbers] = thing
        return thing

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        return await self.answer(request, self._serve)

    async def _serve(self, request: Request) -> Response:
        path = request.query_params.get("rest_route") if self.plain_links else request.url.path
        path = (path or "/nothing").removeprefix("/wp-json")
        if path == "/" and (self.plain_links or "wp-json" in request.url.path):
            offered = {"application-passwords": {}} if self.offers_passwords else []
            return JSONResponse({"namespaces": ["wp/v2"], "authentication": offered})
        if not path.startswith("/wp/v2/"):
            return HTMLResponse("<h1>Not found</h1>", 404)
        known = request.headers.get("Authorization") == signature(PASSWORD)
        return await self._rest(request, path.removeprefix("/wp/v2/").split("/"), known)

    async def _rest(self, request: Request, parts: list[str], known: bool) -> Response:
        kind, number = parts[0], parts[1] if len(parts) > 1 else ""
        if not known:
            is_list = request.method == "GET" and kind == "posts" and not number
            return (
                refusal(400, "rest_invalid_param")
                if is_list
                else refusal(401, "rest_not_logged_in")
            )
        if kind == "users":
            return JSONResponse({"roles": ["author"], "capabilities": self.capabilities})
        if request.method == "GET":
            return self._get(request, kind, number)
        if request.method == "DELETE":
            return JSONResponse({"deleted": bool(self.things[kind].pop(int(number)))})
        return await self._write(request, kind, number)

    def _get(self, request: Request, kind: str, number: str) -> Response:
        if number:
            found = self.things[kind].get(int(number))
            return JSONResponse(found) if found else refusal(404, "rest_post_invalid_id")
        rows = list(self.things[kind].values())
        slugs = request.query_params.get("slug")
        if slugs is not None:
            rows = [row for row in rows if row["slug"] in slugs.split(",")]
        search = request.query_params.get("search", "").lower()
        rows = [row for row in rows if search in f"{row.get('name', '')} {row['slug']}".lower()]
        return JSONResponse(rows)

    async def _write(self, request: Request, kind: str, number: str) -> Response:
        if kind == "media":
            return await self._upload(request)
        body = await request.json()
        if kind != "posts":
            if kind == "categories" and not self.capabilities.get("manage_categories"):
                return refusal(403, "rest_cannot_create")
            return JSONResponse(self.add(kind, slug=body["name"], name=body["name"]), 201)
        if "content" in body:
            body["content"] = {"raw": body["content"]}
        if number:
            self.things[kind][int(number)] |= body
            return JSONResponse(self.things[kind][int(number)])
        return JSONResponse(self.add(kind, **body), 201)

    async def _upload(self, request: Request) -> Response:
        form = await form_of(request)
        slug, body = form["slug"][1].decode(), form["file"][1]
        made = self.add(
            "media",
            slug=slug,
            alt_text="",
            media_details={},
            source_url=f"http://blog.test/{slug}.png",
        )
        if ("finish", "half") in self.faults:
            # The file lies there, and then PHP runs out of memory while it measures it.
            self.faults.remove(("finish", "half"))
            return HTMLResponse("<h1>critical error</h1>", 500)
        made["alt_text"] = form["alt_text"][1].decode()
        made["media_details"] = {"width": 48, "height": 24, "filesize": len(body)}
        return JSONResponse(made, 201)


def signature(password: str) -> str:
    """Return what a request with this password bears."""
    return "Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode()


def refusal(status: int, code: str) -> Response:
    """Return a refusal as WordPress words it."""
    body = {"code": code, "message": "Sorry.", "data": {"status": status}}
    return JSONResponse(body, status)
