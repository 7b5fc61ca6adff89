"""The pages of a desk, as its settings ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.api.limits import RateLimit
from bot.newsletter.housekeeping import forgetful
from bot.newsletter.letters import MAIL_CHANNEL
from bot.pages.app import build_pages
from bot.pages.desk import ReaderDesk
from bot.pages.limits import Limits
from bot.pages.newsletter import newsletter_router
from bot.settings import Settings, reveal
from bot.site.setup import site_routers

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI

    from bot.service import Companion, Service


def pages_of(settings: Settings, service: Service) -> FastAPI:
    """Return the desk's web application: the public site, and the newsletter's pages with a key."""
    routers = [
        *newsletter_routers(settings, service),
        *bounce_routers(settings, service),
        *site_routers(settings, service.ledger),
    ]
    return build_pages(routers, https=urlsplit(settings.public_url).scheme == "https")


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
    return _everywhere(settings, newsletter_router(desk))


def bounce_routers(settings: Settings, service: Service) -> list[APIRouter]:
    """Return where bounces may be posted; nowhere without a secret for it."""
    secret = reveal(settings.bounce_webhook_secret)
    if secret is None:
        return []
    from bot.mail.bounces import Mark
    from bot.mail.setup import sender_setting
    from bot.mail.webhook import PER_MINUTE, BounceHook

    sender = sender_setting(settings)
    if sender is None or sender.bounces is None:
        return []
    limit = RateLimit(settings.bounces_per_minute, PER_MINUTE)
    mark = Mark(sender.key, sender.bounces)
    hook = BounceHook(service.ledger, mark, secret, service.clock, limit)
    return _everywhere(settings, hook.router())


def _everywhere(settings: Settings, router: APIRouter) -> list[APIRouter]:
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
