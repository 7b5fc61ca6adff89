"""Notes to publish: made of invented figures, in the shape of the contract."""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from datetime import date
from typing import Any

from bot.edition import Edition

FRIDAY = date(2025, 11, 21)
TITLES = {
    "leveraged_etf": "Leveraged-ETF rebalancing",
    "dealer_gamma": "Dealer gamma",
    "short_covering": "Short covering",
    "hedge_unwinding": "Hedge unwinding",
    "vol_control": "Volatility control",
    "trend_following": "Trend following",
    "real_money": "Real money",
}
SCORES = (0.92, -0.55, 0.71, 0.1, -0.3, 0.66, 0.21)


def picture(width: int = 8, height: int = 6) -> bytes:
    """Return a small blue PNG."""
    row = b"\0" + bytes((31, 111, 139)) * width
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(row * height)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def a_driver(slug: str, score: float) -> dict[str, Any]:
    """Return one driver's published figures; real money has no dollars."""
    mid = score * 10e9
    low, high = sorted((0.3 * mid, 1.1 * mid))
    evidence = {
        "key": "flow",
        "label": "What had to be traded",
        "value": mid,
        "unit": "usd",
        "percentile": 0.9,
        "previous": 1e9,
        "as_of": "2025-11-21",
        "source": "fund files",
    }
    return {
        "slug": slug,
        "title": TITLES[slug],
        "kind": "conviction" if slug == "real_money" else "mechanical",
        "grade": "A",
        "score": score,
        "surprise": 0.8 if score > 0.9 else 0.1,
        "measured": True,
        "flow_usd": None if slug == "real_money" else {"low": low, "mid": mid, "high": high},
        "share_of_adv": score / 50,
        "percentile": abs(score),
        "coverage": 1.0,
        "confidence": 0.9,
        "evidence": [evidence],
        "missing": [],
        "caveat": "Assumes yesterday's assets.",
    }


def sentences() -> list[dict[str, Any]]:
    """Return a short note's sentences."""
    rows = [
        ("_lead.title.forced.up", "Most of the buying was forced", "mechanical", {}),
        ("_lead.tape.up", "The S&P 500 rose 1.3% on Friday.", "up", {"tape.day_return": 0.0132}),
        ("_lead.turn.forced.up", "Rule followers took more of the day than usual.", "forced", {}),
        ("leveraged_etf.heading.buying", "Funds had $9.2 billion to buy", "always", {}),
        ("leveraged_etf.who", "A fund that promises three times the day must reset.", "always", {}),
        (
            "leveraged_etf.flow.buying",
            "By that arithmetic they had to find about $9.2 billion.",
            "mid_usd known",
            {"leveraged_etf.mid_usd": 9.2e9},
        ),
        ("real_money.heading.gone", "What is missing: small companies", "gone", {}),
        ("real_money.who", "Nobody makes pensions trade.", "always", {}),
        ("_stick.heading", "Will it stick?", "up", {}),
        ("_stick.base.up", "Half was given back in 46% of cases.", "up", {"odds.rate": 0.46}),
        ("_stick.mind.up", "A second day would tell more.", "up", {}),
        ("_known.standing", "This is commentary, not advice.", "always", {}),
    ]
    return [{"id": i, "text": t, "rule": r, "facts": f} for i, t, r, f in rows]


def a_body(session: date = FRIDAY, **changes: object) -> dict[str, Any]:
    """Return a note as the JSON edition has it; ``changes`` go into the report."""
    report = {
        "version": 1,
        "content_hash": f"sha256:{session}",
        "session": session.isoformat(),
        "as_of": f"{session}T21:00:00Z",
        "demo": False,
        "index": {
            "symbol": "^GSPC",
            "close": 6602.99,
            "day_return": 0.0132,
            "vix_close": 15.8,
            "vix_change": -2.1,
        },
        "verdict": {"label": "mechanical", "side": "buying", "confidence": 0.7},
        "drivers": [a_driver(slug, s) for slug, s in zip(TITLES, SCORES, strict=True)],
        "odds": [
            {
                "key": "half_back_5",
                "claim": "Half or more of the rise is given back within five sessions",
                "probability": 0.46,
                "base_rate": 0.46,
                "interval": [0.42, 0.51],
                "n": 505,
                "horizon_sessions": 5,
                "resolves_on": "2025-12-01",
            }
        ],
        "calendar": [],
        "sources": [
            {"name": "prices", "as_of": "2025-11-21", "age_days": 0, "status": "fresh", "note": ""},
            {"name": "cot", "as_of": None, "age_days": None, "status": "missing", "note": "none"},
        ],
        **changes,
    }
    return {
        "report": report,
        "note": {"title": "Most of the buying was forced", "sentences": sentences()},
    }


def a_note(
    session: date = FRIDAY, *, with_picture: bool = True, title: str = "", **changes: object
) -> Edition:
    """Return an edition ready to be frozen."""
    whole = a_body(session, **changes)
    if title:
        whole["note"]["title"] = title
    body = json.dumps(whole).encode()
    texts = {"note.json": body}
    if with_picture:
        texts |= {"drivers.png": picture(), "drivers.png.alt.txt": b"Bars: funds 92, gamma -55."}
    return Edition(session, texts, f"sha256:{hashlib.sha256(body).hexdigest()}")
