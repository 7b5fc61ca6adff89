"""What a real Ghost was asked and answered: the desk still asks the same, and reads it right.

`record_ghost` plays the same scenario to a real Ghost and writes the recording.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.bot.blogs.fake_ghost import KEY
from tests.bot.blogs.ghost_scenario import play
from tests.bot.blogs.posts import SLUG
from tests.bot.blogs.record_ghost import CONTRACT, asked_for
from tests.bot.blogs.serving import serving


@dataclass
class Replay:
    """Answers as Ghost did, in the same order."""

    exchanges: list[dict[str, Any]]
    asked: list[tuple[str, object]]

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        query = f"?{request.url.query}" if request.url.query else ""
        base = str(request.base_url).rstrip("/")
        body = asked_for(request.headers.get("content-type", ""), await request.body())
        words = json.dumps(body).replace(base, "GHOST")
        self.asked.append((f"{request.method} {request.url.path}{query}", json.loads(words)))
        known = self.exchanges[len(self.asked) - 1]
        if known["answer"] is None:
            return Response(b"", known["status"], media_type=known["type"] or None)
        return JSONResponse(
            json.loads(json.dumps(known["answer"]).replace("GHOST", base)), known["status"]
        )


async def test_the_desk_asks_what_a_real_ghost_answered(tmp_path: Path) -> None:
    contract = json.loads(CONTRACT.read_text("utf-8"))
    recorded_at = datetime.fromisoformat(contract["recorded_at"])
    replay = Replay(contract["exchanges"], [])

    with serving(replay.handle) as url:
        told = await play(url, KEY, lambda: recorded_at, tmp_path)

    assert replay.asked == [(one["ask"], one["body"]) for one in contract["exchanges"]]
    assert told[0].startswith("Ghost 6.")
    assert told[1:7] == [
        f"note sent: /{SLUG}/",
        f"note sent: /{SLUG}/",
        f"revision sent: /{SLUG}/",
        f"changed {SLUG} published",
        f"retraction sent: taken down: /{SLUG}/",
        f"again sent: /{SLUG}/",
    ]
    assert told[7].startswith("removal-2 failed: Ghost does not take the key (")


def test_the_recording_has_the_traps_of_a_real_ghost() -> None:
    exchanges = json.loads(CONTRACT.read_text("utf-8"))["exchanges"]

    statuses = [one["status"] for one in exchanges]
    uploads = [one for one in exchanges if "images/upload" in one["ask"]]
    made = [one for one in exchanges if one["ask"].startswith("POST /ghost/api/admin/posts/")]
    assert 409 in statuses
    assert statuses[-1] == 401
    assert len(uploads) == 2
    assert len(made) == 1
