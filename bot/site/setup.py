"""The public pages of a desk, as its settings ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api.limits import RateLimit
from bot.api.router import api_router
from bot.site.frame import Site
from bot.site.ledger_shelf import LedgerShelf
from bot.site.live import LiveSite
from bot.site.router import site_router

if TYPE_CHECKING:
    from fastapi import APIRouter

    from bot.ledger import Ledger
    from bot.settings import Settings


def site_routers(settings: Settings, ledger: Ledger) -> list[APIRouter]:
    """Return the site and its API over a ledger; the form stands there where it can be answered."""
    address = settings.public_url.rstrip("/")
    form = f"{Site(address=address).prefix}/subscribe" if settings.secret_key else ""
    live = LiveSite(Site(address=address, subscribe=form, api=True), LedgerShelf(ledger))
    limit = RateLimit(settings.api_requests_per_minute)
    return [api_router(live, limit), site_router(live)]
