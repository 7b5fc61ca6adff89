"""The web application of a desk: its routers, under one set of safe headers."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI

from bot.pages.headers import SecureHeaders


def build_pages(routers: Iterable[APIRouter], *, https: bool) -> FastAPI:
    """Return an application with these routers.

    Parameters
    ----------
    routers
        The newsletter's, the site's; each path belongs to one of them.
    https
        Whether readers reach the desk by https, so that browsers may be told to insist on it.
    """
    app = FastAPI(title="Undertow", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(SecureHeaders, https=https)
    for router in routers:
        app.include_router(router)
    return app
