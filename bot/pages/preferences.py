"""A reader's own page: how often, when, how told; a pause; their data; the way out."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from bot.ledger import Transaction
from bot.ledger.subscribers import Subscriber, subscriber_by_id
from bot.newsletter.addresses import readable
from bot.newsletter.choices import CADENCES, HOURS, TOLD, ChoiceError, choices_of, zones_by_area
from bot.newsletter.lifecycle import choose, dossier, end, erase, pause, reader_of, resume
from bot.newsletter.tokens import Purpose
from bot.pages.desk import ReaderDesk, page
from bot.pages.forms import read_form
from bot.pages.headers import OF_READERS

SAVED = "Saved. It holds from the next note on."
PAUSED = "Paused. Nothing is sent until you want it again."
RESUMED = "Welcome back. The next note comes as you chose."
NOT_SURE = "Nothing was erased: tick the box first if you are sure."
NOT_UNDERSTOOD = "That could not be understood, and nothing was changed."

EXPORT_HEADERS = {**OF_READERS, "content-disposition": 'attachment; filename="undertow-data.json"'}

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Click:
    """What a reader asked for on their page."""

    reader: Subscriber
    fields: Fields
    request: Request


@dataclass
class PreferencePages:
    """The page a reader's link opens, and what its buttons do."""

    desk: ReaderDesk

    async def show(self, token: str) -> Response:
        """Show what is chosen; looking changes nothing."""
        async with self.desk.ledger.read() as tx:
            reader = await reader_of(
                tx, self.desk.key, token, Purpose.PREFERENCES, self.desk.clock()
            )
        return no_preferences() if reader is None else preferences_page(reader)

    async def act(self, token: str, request: Request) -> Response:
        """Do what a button asks."""
        async with self.desk.in_even_time():
            fields = await read_form(request)
            if not await self.desk.knows(token, Purpose.PREFERENCES):
                return no_preferences()
            async with self.desk.ledger.write() as tx:
                reader = await reader_of(
                    tx, self.desk.key, token, Purpose.PREFERENCES, self.desk.clock()
                )
                if reader is None:
                    return no_preferences()
                act = self._actions().get(fields.get("action", ""))
                if act is None:
                    return preferences_page(reader, problem=NOT_UNDERSTOOD, status=422)
                return await act(tx, Click(reader, fields, request))

    def _actions(self) -> Mapping[str, Callable[[Transaction, Click], Awaitable[Response]]]:
        return {
            "save": self._save,
            "pause": self._pause,
            "resume": self._resume,
            "leave": self._leave,
            "export": self._export,
            "erase": self._erase,
        }

    async def _save(self, tx: Transaction, click: Click) -> Response:
        try:
            chosen = choices_of(click.fields, click.reader.preferences)
        except ChoiceError as error:
            return preferences_page(click.reader, problem=str(error), status=422)
        await choose(tx, click.reader, chosen, self.desk.clock())
        return await self._shown(tx, click, SAVED)

    async def _pause(self, tx: Transaction, click: Click) -> Response:
        origin = self.desk.origin(click.request, "preferences")
        await pause(tx, click.reader, origin, self.desk.clock())
        return await self._shown(tx, click, PAUSED)

    async def _resume(self, tx: Transaction, click: Click) -> Response:
        origin = self.desk.origin(click.request, "preferences")
        await resume(tx, click.reader, origin, self.desk.clock())
        return await self._shown(tx, click, RESUMED)

    async def _leave(self, tx: Transaction, click: Click) -> Response:
        origin = self.desk.origin(click.request, "preferences")
        await end(tx, click.reader, origin, self.desk.clock())
        return page("left")

    async def _export(self, tx: Transaction, click: Click) -> Response:
        body = json.dumps(await dossier(tx, click.reader), ensure_ascii=False, indent=2)
        return Response(body, 200, EXPORT_HEADERS, "application/json")

    async def _erase(self, tx: Transaction, click: Click) -> Response:
        if click.fields.get("sure") != "yes":
            return preferences_page(click.reader, problem=NOT_SURE, status=422)
        origin = self.desk.origin(click.request, "preferences")
        await erase(tx, self.desk.key, click.reader, origin, self.desk.clock())
        return page("forgotten")

    async def _shown(self, tx: Transaction, click: Click, saved: str) -> Response:
        now = await subscriber_by_id(tx, click.reader.id)
        return preferences_page(now or click.reader, saved=saved)


def no_preferences() -> HTMLResponse:
    """Return the one answer to every link that opens nothing."""
    return page("no_preferences", status=404)


def preferences_page(
    reader: Subscriber, *, saved: str = "", problem: str = "", status: int = 200
) -> HTMLResponse:
    """Return a reader's page."""
    facts = {
        "address": readable(reader.address or ""),
        "state": reader.state.value,
        "chosen": reader.preferences,
        "cadences": CADENCES,
        "levels": TOLD,
        "hours": HOURS,
        "areas": zones_by_area(reader.preferences.zone),
        "saved": saved,
        "problem": problem,
    }
    return page("preferences", facts, status)
