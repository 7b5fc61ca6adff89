"""Play a post's life to a real Ghost and write down what was asked and answered.

Run it on a Ghost without posts of ours, from the root of the project::

    python -m tests.bot.blogs.record_ghost --url http://127.0.0.1:2368 --key ID:SECRET
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import Response

from bot.clock import real_clock
from tests.bot.blogs.ghost_scenario import play
from tests.bot.blogs.serving import serving

CONTRACT = Path(__file__).with_name("ghost_contract.json")
PASSED_ON = ("authorization", "accept-version", "content-type")
KEPT = ("id", "slug", "status", "updated_at", "published_at", "url", "og_image", "title")


@dataclass
class Recorder:
    """Stands between the desk and Ghost."""

    there: str
    exchanges: list[dict[str, Any]] = field(default_factory=list)

    async def handle(self, request: Request) -> Response:
        """Pass one request on."""
        body = await request.body()
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await client.request(
                request.method, f"{self.there}{path}", content=body, headers=headers
            )
        kind = answer.headers.get("content-type", "")
        self.exchanges.append(
            {
                "ask": f"{request.method} {path}",
                "body": asked_for(headers.get("content-type", ""), body),
                "status": answer.status_code,
                "type": kind,
                "answer": kept(answer.json()) if "json" in kind else None,
            }
        )
        # Ghost names itself in its answers; the desk must keep coming by way of us.
        ours = str(request.base_url).rstrip("/").encode()
        told = answer.content.replace(self.there.encode(), ours) if "json" in kind else b""
        return Response(told or answer.content, answer.status_code, media_type=kind or None)


def asked_for(kind: str, body: bytes) -> object:
    """Return what of a request's body is compared: all of JSON, and that a form is one."""
    if "json" in kind:
        return json.loads(body)
    return kind.partition(";")[0]


def kept(answer: Any) -> Any:  # noqa: ANN401 - JSON
    """Return what of an answer the desk reads."""
    found = dict(answer)
    if "posts" in found:
        found["posts"] = [{key: post.get(key) for key in KEPT} for post in found["posts"]]
        found.pop("meta", None)
    return found


def main() -> None:
    """Record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--key", required=True)
    asked = parser.parse_args()
    recorder, begun = Recorder(asked.url.rstrip("/")), real_clock()
    with serving(recorder.handle) as url, tempfile.TemporaryDirectory() as folder:
        told = asyncio.run(play(url, asked.key, real_clock, Path(folder)))
        said = json.dumps(recorder.exchanges, indent=1, ensure_ascii=False)
    for line in told:
        print(line)  # noqa: T201 - a tool's answer
    whole = {"recorded_at": begun.isoformat(timespec="seconds"), "exchanges": json.loads(said)}
    text = json.dumps(whole, indent=1, ensure_ascii=False)
    text = text.replace(recorder.there, "GHOST").replace(url, "GHOST")
    CONTRACT.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
