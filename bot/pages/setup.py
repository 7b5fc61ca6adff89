"""The pages of a desk, as its settings ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.newsletter.housekeeping import forgetful
from bot.newsletter.letters import MAIL_CHANNEL
from bot.pages.app import build_pages
from bot.pages.desk import ReaderDesk
from bot.pages.limits import Limits
from bot.pages.newsletter import newsletter_router
from bot.settings import Settings, reveal

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI

    from bot.service import Companion, Service


def pages_of(settings: Settings, service: Service) -> FastAPI | None:
    """Return the desk's web application, or nothing where no page has its settings."""
    routers = [*newsletter_routers(settings, service)]
    https = urlsplit(settings.public_url).scheme == "https"
    return build_pages(routers, https=https) if routers else None


def newsletter_routers(settings: Settings, service: Service) -> list[APIRouter]:
    """Return the newsletter's pages; without a SECRET_KEY no link could be signed."""
    key = reveal(settings.secret_key)
    if key is None:
        return []
    desk = ReaderDesk(
        service.ledger,
        key,
        service.clock,
        limits_of(settings),
        sends_mail=any(channel.name == MAIL_CHANNEL for channel in service.channels),
    )
    router = newsletter_router(desk)
    # Under the path that readers know, and under none for a proxy that takes it off.
    prefix = urlsplit(settings.public_url).path.rstrip("/")
    return [router, _under(prefix, router)] if prefix else [router]


def _under(prefix: str, router: APIRouter) -> APIRouter:
    from fastapi import APIRouter

    moved = APIRouter()
    moved.include_router(router, prefix=prefix)
    return moved


def newsletter_companions(settings: Settings, service: Service) -> list[Companion]:
    """Return what runs beside the pages: forgetting who never confirmed."""
    if settings.secret_key is None:
        return []
    return [forgetful(service.ledger, service.clock)]


def limits_of(settings: Settings) -> Limits:
    """Return how often strangers may ask."""
    return Limits(
        per_network=settings.signups_per_network,
        per_domain=settings.signups_per_domain,
        letters_per_hour=settings.letters_per_hour,
        letters_per_address=settings.letters_per_address,
        form_seconds=settings.form_seconds,
    )
