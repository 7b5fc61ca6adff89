"""The site's addresses under `undertow serve`: the same pages as in a built folder."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from bot.site.live import LiveSite
from bot.site.planned import Planned

FOLDERS = ("archive", "drivers", "record", "method", "glossary", "about", "privacy")
FILES = ("feed.atom", "feed.rss", "feed.json", "sitemap.xml", "robots.txt")

PACKED = ("text/", "application/", "image/svg")
"""Kinds of files that packing makes smaller."""

LEAST_PACKED = 1_000
"""Smaller answers are not worth the packing [bytes]."""

SHORT, LONG = "public, max-age=60", "public, max-age=31536000, immutable"
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""A chart brings its own style for dark screens, and runs nothing."""


def site_router(live: LiveSite) -> APIRouter:
    """Return the site's pages, to be put into an application beside others."""
    router = APIRouter(include_in_schema=False)

    async def show(request: Request) -> Response:
        path = request.url.path.removeprefix(live.site.prefix).lstrip("/")
        found = await live.find(path)
        if found is None:
            return await _answer(live, await live.missing(), request, status=404)
        return await _answer(live, found, request)

    day = "/{year:int}/{month:int}/{day:int}"
    paths = ["/", day, f"{day}/{{rest:path}}", "/assets/{rest:path}"]
    paths += [f"/{name}" for name in (*FOLDERS, *FILES)]
    paths += [f"/{name}/{{rest:path}}" for name in FOLDERS]
    for path in paths:
        router.add_api_route(live.site.prefix + path, show, methods=["GET", "HEAD"])
    return router


async def _answer(
    live: LiveSite, planned: Planned, request: Request, *, status: int = 200
) -> Response:
    headers = headers_of(live, planned)
    if status == 200 and is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    body = await live.body(planned)
    takes = "gzip" in request.headers.get("accept-encoding", "")
    if takes and len(body) >= LEAST_PACKED and planned.kind.startswith(PACKED):
        body = await live.body(planned, packed=True)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status, headers, media_type=planned.kind)


def headers_of(live: LiveSite, planned: Planned) -> dict[str, str]:
    """Return what a browser is told about a file."""
    headers = {
        # Weak, for it stands for the packed answer too.
        "ETag": f'W/"{planned.key}"',
        "Cache-Control": LONG if planned.path.startswith("assets/") else SHORT,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if planned.kind.startswith("text/html"):
        return headers | {
            "Content-Security-Policy": f"{live.site.policy}; frame-ancestors 'none'",
            "Referrer-Policy": "no-referrer",
        }
    # Feeds, files and pictures are there to be used by others.
    open_to_all = {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if planned.kind == "image/svg+xml":
        open_to_all["Content-Security-Policy"] = PICTURE_POLICY
    return headers | open_to_all


def is_known(request: Request, etag: str) -> bool:
    """Say whether the asker has this very version."""
    known = request.headers.get("if-none-match", "")
    told = {one.strip().removeprefix("W/") for one in known.split(",")}
    return known.strip() == "*" or etag.removeprefix("W/") in told
