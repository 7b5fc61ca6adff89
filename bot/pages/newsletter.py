"""Subscribe, confirm, leave: pages on which looking changes nothing and a click does.

Programs that scan mail open every link in it, so a GET only ever shows a button. Leaving by the
mail program's own button is a POST to the same address (RFC 8058). Whoever asks about an address
or shows a secret gets the same answer, after the same time, whatever is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bot.newsletter.addresses import AddressError, domain_of, mailbox
from bot.newsletter.lifecycle import Asked, ask, confirm, leave
from bot.newsletter.tokens import Purpose
from bot.pages.desk import ReaderDesk, host_of, page
from bot.pages.forms import form_age, form_stamp, read_body, read_form
from bot.pages.limits import Allowed, HourlyCount, asker
from bot.pages.preferences import PreferencePages
from templates.consents import current_consent

log = structlog.get_logger(__name__)

TRAP = "website"
"""A field no person sees; what fills it in is a program."""

AGAIN = "One more time, please: press the button again."
READ_FIRST = "Nearly there: read what you agree to, and press the button."
"""For an address from a form of the site, which cannot be stamped."""

LOOK = ["GET", "HEAD"]
ONE_CLICK = b"One-Click"
"""In the body of a mail program's own click, in either encoding of forms."""


def newsletter_router(desk: ReaderDesk) -> APIRouter:
    """Return the newsletter's pages, to be put into an application."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    pages, own = NewsletterPages(desk), PreferencePages(desk)
    router.add_api_route("/subscribe", pages.form, methods=LOOK)
    router.add_api_route("/subscribe", pages.subscribe, methods=["POST"])
    router.add_api_route("/confirm/{token}", pages.confirm_button, methods=LOOK)
    router.add_api_route("/confirm/{token}", pages.confirm, methods=["POST"])
    router.add_api_route("/u/{token}", pages.leave_button, methods=LOOK)
    router.add_api_route("/u/{token}", pages.leave, methods=["POST"])
    router.add_api_route("/preferences/{token}", own.show, methods=LOOK)
    router.add_api_route("/preferences/{token}", own.act, methods=["POST"])
    return router


@dataclass
class NewsletterPages:
    """The form and the two buttons."""

    desk: ReaderDesk
    networks: HourlyCount = field(default_factory=HourlyCount)
    domains: HourlyCount = field(default_factory=HourlyCount)

    async def form(self) -> HTMLResponse:
        """Show the form."""
        return self._form()

    def _form(
        self, typed: str = "", problem: str = "", notice: str = "", status: int = 200
    ) -> HTMLResponse:
        facts = {
            "consent": current_consent(),
            "stamp": form_stamp(self.desk.key, self.desk.clock()),
            "typed": typed,
            "problem": problem,
            "notice": notice,
            "sends_mail": self.desk.sends_mail,
        }
        return page("subscribe", facts, status)

    async def subscribe(self, request: Request) -> HTMLResponse:
        """Take an address, and answer the same whatever is known of it."""
        async with self.desk.in_even_time():
            fields = await read_form(request)
            typed = fields.get("email", "")
            try:
                address = mailbox(typed)
            except AddressError as error:
                return self._form(typed[:254], problem=str(error), status=422)
            allowed = self.desk.limits.of(host_of(request))
            if not self._took_time(fields, allowed):
                notice = AGAIN if "stamp" in fields else READ_FIRST
                return self._form(typed, notice=notice, status=422)
            if not fields.get(TRAP) and self._admits(request, address, allowed):
                await self._ask(request, fields, address, allowed)
        return page("asked")

    def _took_time(self, fields: Mapping[str, str], allowed: Allowed) -> bool:
        if allowed.form_seconds is None:
            return True
        age = form_age(self.desk.key, fields.get("stamp", ""), self.desk.clock())
        return age is not None and age >= timedelta(seconds=allowed.form_seconds)

    def _admits(self, request: Request, address: str, allowed: Allowed) -> bool:
        now = self.desk.clock()
        fits = self.networks.admits(asker(host_of(request)), allowed.per_network, now)
        fits = fits and self.domains.admits(domain_of(address), allowed.per_domain, now)
        if not fits:
            log.warning("sign_up_over_limit")
        return fits

    async def _ask(
        self, request: Request, fields: Mapping[str, str], address: str, allowed: Allowed
    ) -> None:
        origin = self.desk.origin(request, "form", fields.get("consent"))
        async with self.desk.ledger.write() as tx:
            asked = await ask(tx, self.desk.key, address, origin, allowed.caps, self.desk.clock())
        level = log.info if asked is Asked.WRITTEN_TO else log.warning
        level("sign_up", outcome=asked.value)

    async def confirm_button(self, token: str) -> HTMLResponse:
        """Show the button; the secret is not even looked up."""
        return page("confirm")

    async def confirm(self, token: str, request: Request) -> HTMLResponse:
        """Take a reader's yes."""
        async with self.desk.in_even_time():
            await read_body(request)
            if await self.desk.knows(token, Purpose.CONFIRM):
                origin = self.desk.origin(request, "link")
                async with self.desk.ledger.write() as tx:
                    await confirm(tx, self.desk.key, token, origin, self.desk.clock())
        return page("confirmed")

    async def leave_button(self, token: str) -> HTMLResponse:
        """Show the button; the secret is not even looked up."""
        return page("leave")

    async def leave(self, token: str, request: Request) -> HTMLResponse:
        """End a subscription, by the page's button or the mail program's."""
        async with self.desk.in_even_time():
            body = await read_body(request)
            if await self.desk.knows(token, Purpose.LEAVE):
                origin = self.desk.origin(request, "one-click" if ONE_CLICK in body else "link")
                async with self.desk.ledger.write() as tx:
                    await leave(tx, self.desk.key, token, origin, self.desk.clock())
        return page("left")
