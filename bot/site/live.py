"""The site as it is asked for: planned from the ledger, made once, kept while it stays the same."""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.site.frame import Site
from bot.site.making import made
from bot.site.plan import Contents, contents_of, planned_files
from bot.site.planned import Planned, page_file
from bot.site.shelf import Shelf
from bot.site.text_pages import MISSING

LOOK_AGAIN_SECONDS = 2.0
"""How long what was planned is taken for granted before the shelf is asked again."""

MOST_KEPT = 400
"""Made files that are remembered; one takes some tens of kilobytes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The files of the site at one moment."""

    contents: Contents
    files: Mapping[str, Planned]


@dataclass
class LiveSite:
    """A site over a shelf that grows."""

    site: Site
    shelf: Shelf
    _plan: Plan | None = None
    _state: str = ""
    _looked_at: float = float("-inf")
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    _kept: OrderedDict[tuple[str, str, bool], bytes] = field(default_factory=OrderedDict)

    async def plan(self) -> Plan:
        """Return what there is now, looking at the shelf once in a while."""
        now = asyncio.get_running_loop().time()
        async with self._alone:
            if self._plan is None or now - self._looked_at > LOOK_AGAIN_SECONDS:
                state = await self.shelf.state()
                if self._plan is None or state != self._state:
                    contents = await contents_of(self.shelf)
                    self._plan = await asyncio.to_thread(self._planned, contents)
                    self._state = state
                self._looked_at = now
            return self._plan

    def _planned(self, contents: Contents) -> Plan:
        return Plan(contents, {one.path: one for one in planned_files(self.site, contents)})

    async def find(self, path: str) -> Planned | None:
        """Return the file at an address, with or without the slash behind a folder."""
        files = (await self.plan()).files
        names = (path, page_file(path), f"{path}/index.html")
        return next((files[name] for name in names if name in files), None)

    async def missing(self) -> Planned:
        """Return the page for addresses where there is nothing."""
        return (await self.plan()).files[MISSING]

    async def body(self, planned: Planned, *, packed: bool = False) -> bytes:
        """Return a file's bytes, packed for a reader that takes them so."""
        name = (planned.path, planned.key, packed)
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        if packed:
            body = gzip.compress(await self.body(planned), 6, mtime=0)
        else:
            body = await made(self.shelf, planned)
        self._kept[name] = body
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return body
