"""Combinations of settings that must not be started with."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

SHORTEST_KEY = 32
LOCAL_NAMES = frozenset({"localhost", ""})


@dataclass(frozen=True, slots=True, repr=False)
class Exposure:
    """The settings that decide who can reach the desk and whom it can reach.

    The secrets themselves are not kept: only whether there is one, and how long it is.
    """

    host: str = "127.0.0.1"
    public_url: str = "http://localhost:8080"
    key_length: int = 0
    webhook_url: str | None = None
    has_webhook_secret: bool = False
    smtp_url: str | None = None
    mail_from: str | None = None
    postal_address: str | None = None
    alert_url: str | None = None
    bounce_url: str | None = None
    has_bounce_secret: bool = False
    has_dkim_key: bool = False
    has_dkim_selector: bool = False


def unsafe_settings(exposure: Exposure) -> list[str]:
    """Return why the desk refuses to start; nothing means it may."""
    return [*_pages(exposure), *_mail(exposure), *_bounces(exposure), *_webhooks(exposure)]


def _pages(exposure: Exposure) -> list[str]:
    public = urlsplit(exposure.public_url)
    is_open = not is_local(exposure.host) or not is_local(public.hostname or "")
    found = []
    if is_open and exposure.key_length == 0:
        found.append("the pages can be reached from outside: set SECRET_KEY, which signs the forms")
    if 0 < exposure.key_length < SHORTEST_KEY:
        found.append(
            f"SECRET_KEY has {exposure.key_length} characters; give it at least {SHORTEST_KEY}: "
            "openssl rand -hex 32"
        )
    if public.scheme != "https" and not is_local(public.hostname or ""):
        found.append("PUBLIC_URL begins with http: readers' links hold secrets, so use https")
    return found


def _mail(exposure: Exposure) -> list[str]:
    if not exposure.smtp_url:
        return []
    found = []
    if not exposure.mail_from:
        found.append("SMTP_URL is set without MAIL_FROM: set both or neither")
    if not exposure.postal_address:
        found.append("mail needs POSTAL_ADDRESS: the law asks for it in every issue")
    if exposure.key_length == 0:
        found.append("mail needs SECRET_KEY, which marks bounces and keeps erased addresses")
    return found


def _bounces(exposure: Exposure) -> list[str]:
    found = []
    if exposure.has_dkim_key is not exposure.has_dkim_selector:
        found.append("DKIM_KEY and DKIM_SELECTOR go together: set both or neither")
    if exposure.has_bounce_secret and not exposure.smtp_url:
        found.append(
            "BOUNCE_WEBHOOK_SECRET is set without SMTP_URL: nothing is sent that could bounce"
        )
    if not exposure.bounce_url:
        return found
    if not exposure.smtp_url:
        found.append("BOUNCE_URL is set without SMTP_URL: nothing is sent that could bounce")
    parts = urlsplit(exposure.bounce_url)
    if parts.scheme == "imap" and not is_local(parts.hostname or ""):
        found.append(
            "BOUNCE_URL begins with imap: the password would be read on the way, use imaps"
        )
    if parts.scheme == "lmtp" and not is_local(parts.hostname or ""):
        found.append("BOUNCE_URL would take mail from the network: lmtp on 127.0.0.1 only")
    return found


def _webhooks(exposure: Exposure) -> list[str]:
    found = []
    if exposure.webhook_url and not exposure.has_webhook_secret:
        found.append("WEBHOOK_URL is set without WEBHOOK_SECRET: the receiver could not know us")
    alerts = (exposure.alert_url or "").split()
    named = [("WEBHOOK_URL", exposure.webhook_url or ""), *(("ALERT_URL", one) for one in alerts)]
    for name, url in named:
        parts = urlsplit(url)
        if parts.scheme == "http" and not is_local(parts.hostname or ""):
            found.append(f"{name} begins with http: use https")
    return found


def is_local(host: str) -> bool:
    """Whether a host can only be this machine."""
    if host in LOCAL_NAMES or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
