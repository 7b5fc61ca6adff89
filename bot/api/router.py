"""The API's addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from http import HTTPStatus
from time import monotonic
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, BeforeValidator

from bot.api.answers import OPEN, PREFLIGHT, ProblemError, answer, limited_route
from bot.api.limits import RateLimit
from bot.api.models import (
    DriverAbout,
    DriverDay,
    DriverHistory,
    Glossary,
    Problem,
    Record,
    Report,
    Reports,
    Summary,
    Word,
)
from bot.site.driver_pages import Row, history_of
from bot.site.entries import Entry
from bot.site.frame import Head, Site, stamp
from bot.site.live import LiveSite
from bot.site.plan import Contents

V1 = "/api/v1"
MOST, USUAL = 200, 50
SESSION = r"^(latest|[0-9]{4}-[0-9]{2}-[0-9]{2})$"
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"]

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many, at most.")]


def _plain_day(text: object) -> object:
    """Refuse what is no plain date: a bare number would pass for a time."""
    if isinstance(text, str) and not DAY.fullmatch(text):
        raise ValueError("a date is written as 2025-04-09")
    return text


Before = Annotated[
    date | None,
    BeforeValidator(_plain_day),
    Query(description="Only sessions before this one; `next` fills it in."),
]

DESCRIPTION = (
    "Who had to trade in the S&P 500, who chose to, session by session: the reports behind the "
    "notes, as published. Free to use; estimates, not advice. Every answer has an ETag: send it "
    "back as If-None-Match and an unchanged answer costs nothing."
)


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "model": Problem, "content": content}
        for status in statuses
    }


def api_router(
    live: LiveSite, limit: RateLimit | None = None, seconds: Callable[[], float] = monotonic
) -> APIRouter:
    """Return version 1 of the API, to be put into an application beside others.

    ``seconds`` tells the time that the limit counts by.
    """
    route = limited_route(limit or RateLimit(), seconds)
    router = APIRouter(prefix=live.site.prefix + V1, route_class=route, tags=["v1"])
    _add_reports(router, live)
    _add_drivers(router, live)
    _add_texts(router, live)
    _add_description(router, live)
    _add_the_rest(router)
    return router


def _add_reports(router: APIRouter, live: LiveSite) -> None:
    @router.get(
        "/reports",
        response_model=Reports,
        responses=_problems(422, 429),
        summary="List the reports",
    )
    async def list_reports(
        request: Request, limit: Limit = USUAL, before: Before = None
    ) -> Response:
        entries = await _entries(live)
        chosen, more = _page(entries, limit, before)
        items = [_summary(live.site, entry) for entry in chosen]
        following = _next(live.site, "reports", limit, chosen[-1].session) if more else None
        body = Reports(total=len(entries), items=items, next=following)
        return _sent(request, body, following)

    @router.get(
        "/reports/{session}",
        response_model=Report,
        responses=_problems(404, 410, 422, 429),
        summary="Read one report",
    )
    async def read_report(
        request: Request,
        session: Annotated[
            str, Path(pattern=SESSION, description="A session as 2025-04-09, or `latest`.")
        ],
    ) -> Response:
        entry = _found((await live.plan()).contents, session)
        texts = await live.shelf.texts((entry.edition_id,), ("report.json",))
        links = f'<{live.site.url(entry.path)}>; rel="alternate"; type="text/html"'
        if entry.revision is not None:
            revised = live.site.url(entry.revision.path + "report.json")
            links += f', <{revised}>; rel="successor-version"'
        return answer(request, None, raw=texts[entry.edition_id]["report.json"], links=links)


def _add_drivers(router: APIRouter, live: LiveSite) -> None:
    @router.get(
        "/drivers/{slug}",
        response_model=DriverHistory,
        responses=_problems(404, 422, 429),
        summary="Read a driver's history",
    )
    async def read_driver(
        request: Request,
        slug: Annotated[str, Path(description="Such as leveraged_etf.")],
        limit: Limit = USUAL,
        before: Before = None,
    ) -> Response:
        about = _about(live.site, slug)
        rows = history_of(slug, await _entries(live))
        chosen, more = _page_of_rows(rows, limit, before)
        last = chosen[-1].entry.session if chosen else None
        following = (
            _next(live.site, f"drivers/{slug}", limit, last) if more and last is not None else None
        )
        body = DriverHistory(
            driver=about, total=len(rows), items=[_day(row) for row in chosen], next=following
        )
        return _sent(request, body, following)


def _add_texts(router: APIRouter, live: LiveSite) -> None:
    @router.get(
        "/record",
        response_model=Record,
        responses=_problems(422, 429),
        summary="Read the track record",
    )
    async def read_record(request: Request) -> Response:
        return answer(request, (await live.plan()).contents.record)

    @router.get(
        "/glossary",
        response_model=Glossary,
        responses=_problems(422, 429),
        summary="Read the glossary",
    )
    async def read_glossary(request: Request) -> Response:
        from templates.glossary import terms

        words = [
            Word(
                term=one.term,
                also=list(one.also),
                plain=one.plain,
                measured=one.measured,
                caveat=one.caveat,
            )
            for one in terms()
        ]
        return _sent(request, Glossary(items=words), None)


def _add_description(router: APIRouter, live: LiveSite) -> None:
    @router.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request) -> Response:
        return answer(request, description(router, live.site))

    @router.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        from templates.site import page

        head = Head(title="The API", description=DESCRIPTION, path=f"{V1[1:]}/docs", unlisted=True)
        told = description(router, live.site)
        body = page("api.html", site=live.site, at=head.path, head=head, api=told)
        policy = f"{live.site.policy}; frame-ancestors 'none'"
        return HTMLResponse(body, headers={"Content-Security-Policy": policy})


def _add_the_rest(router: APIRouter) -> None:
    """Answer what nothing else does: a browser's question ahead, wrong methods, wrong addresses."""

    @router.options("/{rest:path}", include_in_schema=False)
    async def preflight() -> Response:
        return Response(status_code=204, headers=OPEN | PREFLIGHT)

    @router.api_route("/{rest:path}", methods=ANY, include_in_schema=False)
    async def nothing(request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise ProblemError(
                HTTPStatus.METHOD_NOT_ALLOWED,
                f"{request.method} is not offered: the API is there to be read, with GET",
                {"Allow": "GET, HEAD, OPTIONS"},
            )
        raise ProblemError(
            HTTPStatus.NOT_FOUND, f"no such address; {V1}/openapi.json lists those there are"
        )


def description(router: APIRouter, site: Site) -> dict[str, Any]:
    """Return the API's description in OpenAPI."""
    return get_openapi(
        title=f"{site.name} API",
        version="1",
        description=DESCRIPTION,
        routes=router.routes,
        servers=[{"url": site.url("").rstrip("/").removesuffix(site.prefix)}],
    )


async def _entries(live: LiveSite) -> tuple[Entry, ...]:
    return (await live.plan()).contents.entries


def _sent(request: Request, body: BaseModel, following: str | None) -> Response:
    links = f'<{following}>; rel="next"' if following else ""
    return answer(request, body.model_dump(mode="json"), links=links)


def _found(contents: Contents, session: str) -> Entry:
    entries = contents.entries
    if session == "latest" and entries:
        return entries[-1]
    for entry in entries:
        if entry.session.isoformat() == session:
            return entry
    for gone in contents.withdrawn:
        if gone.withdrawn is not None and gone.session.isoformat() == session:
            raise ProblemError(
                HTTPStatus.GONE,
                f"the note of {session} was withdrawn on {gone.withdrawn.when}: "
                f"{gone.withdrawn.reason}",
            )
    raise ProblemError(
        HTTPStatus.NOT_FOUND, f"no note of {session}; {V1}/reports lists those there are"
    )


def _page(entries: Sequence[Entry], limit: int, before: date | None) -> tuple[list[Entry], bool]:
    """Return the newest entries before a date, newest first, and whether there are older ones."""
    older = [one for one in entries if before is None or one.session < before]
    return older[-limit:][::-1], len(older) > limit


def _page_of_rows(rows: Sequence[Row], limit: int, before: date | None) -> tuple[list[Row], bool]:
    older = [one for one in rows if before is None or one.entry.session < before]
    return older[-limit:][::-1], len(older) > limit


def _next(site: Site, path: str, limit: int, last: date) -> str:
    return site.url(f"{V1[1:]}/{path}?limit={limit}&before={last.isoformat()}")


def _summary(site: Site, entry: Entry) -> Summary:
    facts = entry.facts
    return Summary(
        session=entry.session,
        title=facts.title,
        label=facts.label,
        side=facts.side,
        confidence=facts.confidence,
        day_return=facts.day_return,
        leader=facts.leader,
        demo=facts.demo,
        content_hash=facts.content_hash,
        published_at=stamp(entry.published_at),
        revised_at=stamp(entry.revision.revised_at) if entry.revision else None,
        page=site.url(entry.path),
        report=site.url(f"{V1[1:]}/reports/{entry.session.isoformat()}"),
    )


def _about(site: Site, slug: str) -> DriverAbout:
    from analysis.drivers import all_drivers
    from templates.levels import methods

    driver = next((one for one in all_drivers() if one.slug == slug), None)
    if driver is None:
        known = ", ".join(one.slug for one in all_drivers())
        raise ProblemError(HTTPStatus.NOT_FOUND, f"no driver {slug!r}; there are {known}")
    method = methods()[slug]
    return DriverAbout(
        slug=slug,
        title=driver.title,
        kind=driver.kind.value,
        grade=driver.grade.value,
        caveat=driver.caveat,
        formula=method.formula,
        inputs=method.inputs,
        reference=method.reference,
        page=site.url(f"drivers/{slug}/"),
    )


def _day(row: Row) -> DriverDay:
    line = row.line
    return DriverDay(
        session=row.entry.session,
        measured=line.measured,
        score=line.score,
        surprise=line.surprise,
        flow_low_usd=line.low_usd,
        flow_mid_usd=line.mid_usd,
        flow_high_usd=line.high_usd,
        share_of_adv=line.share_of_adv,
        confidence=line.confidence,
    )
