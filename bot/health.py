"""Three addresses for machines that watch the desk: alive, ready, and how it is doing.

``/healthz`` says that the process answers, and asks nobody else: restart it when it does not.
``/readyz`` says that the ledger answers, is of the right version, and that the bell rings.
``/metrics`` is for Prometheus. None of them holds personal data, but a reverse proxy has no
reason to pass the last two on to the world.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from fastapi import APIRouter, FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import DBAPIError

from bot.clock import Clock
from bot.edition import NOTE
from bot.errors import DeskError
from bot.ledger import Ledger, Transaction
from bot.ledger.database import answers
from bot.ledger.editions import edition_text, latest_edition
from bot.ledger.migrate import WrongRevisionError, check_revision
from bot.ledger.pacing import ChannelState, list_channel_states
from bot.ledger.vitals import Vitals, take_vitals
from bot.publishing import REPORT
from bot.schedule.bell import Bell
from bot.schedule.due import PUBLISH
from bot.schedule.runner import Runner

PATIENCE_SECONDS = 3.0
SILENCE = timedelta(minutes=10)
"""A bell that has not rung this long has stopped, or one ring takes far too long."""

DELIVERIES_SINCE = timedelta(days=7)


@dataclass(frozen=True)
class Watch:
    """What the three addresses look at.

    ``bell`` and ``runner`` are missing in a process that only sends. ``trouble`` says what went
    wrong when the ledger was last written: one on a full disk can still be read.
    """

    ledger: Ledger
    clock: Clock
    runner: Runner | None = None
    bell: Callable[[], Bell | None] = lambda: None
    trouble: Callable[[], str | None] = lambda: None


def health_app(watch: Watch) -> FastAPI:
    """Return an application with these addresses only, for a worker without pages."""
    app = FastAPI(title="Undertow", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(health_router(watch))
    return app


def health_router(watch: Watch) -> APIRouter:
    """Return the three addresses, to be mounted in a larger application."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz")
    async def ready(response: Response) -> dict[str, object]:
        problems = await find_problems(watch)
        response.status_code = 503 if problems else 200
        return {"status": "not ready" if problems else "ok", "problems": problems}

    @router.get("/metrics")
    async def metrics() -> Response:
        try:
            return Response(await metrics_text(watch), media_type=CONTENT_TYPE_LATEST)
        except (DBAPIError, OSError):
            return Response(status_code=503)

    return router


async def find_problems(watch: Watch) -> list[str]:
    """Return why the desk cannot do its work now; nothing means it can."""
    problems = []
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await answers(watch.ledger)
            await check_revision(watch.ledger)
    except WrongRevisionError as error:
        problems.append(str(error))
    except (DBAPIError, OSError, TimeoutError) as error:
        problems.append(f"the ledger does not answer: {type(error).__name__}")
    trouble = watch.trouble()
    if trouble is not None and not problems:
        problems.append(trouble)
    bell = watch.bell()
    if bell is not None and _is_silent(bell, watch.clock()):
        problems.append("the bell does not ring: no job has been looked for lately")
    return problems


def _is_silent(bell: Bell, now: datetime) -> bool:
    heard = [at for at in (bell.rung_at, bell.answering_since) if at is not None]
    return not heard or now - max(heard) > SILENCE


async def metrics_text(watch: Watch) -> bytes:
    """Return the desk's figures in the text form that Prometheus reads."""
    now = watch.clock()
    async with watch.ledger.read() as tx:
        vitals = await take_vitals(tx, (now - DELIVERIES_SINCE).date())
        channels = await list_channel_states(tx)
        source_ages = await _source_ages(tx, now)
    registry = CollectorRegistry()
    _set_deliveries(registry, vitals, channels, now)
    _set_notes(registry, vitals)
    _set_record(registry, vitals)
    ages = Gauge(
        "undertow_source_age_seconds",
        "Age of a source's newest fact in the newest note, from the beginning of its day",
        ["source"],
        registry=registry,
    )
    for source, seconds in source_ages.items():
        ages.labels(source).set(seconds)
    if watch.runner is not None:
        # Where the schedule stands still, an alert says why; the other figures are to be had.
        with contextlib.suppress(DeskError):
            due = [job for job in await watch.runner.due() if job.job.kind == PUBLISH]
            _gauge(registry, "sessions_due", "Notes that are owed now", len(due))
    return generate_latest(registry)


async def _source_ages(tx: Transaction, now: datetime) -> Mapping[str, float]:
    """Return how old each source's newest fact is by now, as the newest note tells it [seconds]."""
    row = await latest_edition(tx, NOTE)
    body = None if row is None else await edition_text(tx, row.id, REPORT)
    sources = [] if body is None else json.loads(body).get("sources", [])
    return {
        one["name"]: (now - datetime.combine(date.fromisoformat(day), time(0), UTC)).total_seconds()
        for one in sources
        if (day := one.get("as_of"))
    }


def _gauge(registry: CollectorRegistry, name: str, words: str, value: float | None) -> None:
    if value is not None:
        Gauge(f"undertow_{name}", words, registry=registry).set(value)


def _set_deliveries(
    registry: CollectorRegistry, vitals: Vitals, channels: list[ChannelState], now: datetime
) -> None:
    by_state = Gauge(
        "undertow_deliveries",
        "Deliveries of the last seven days",
        ["channel", "state"],
        registry=registry,
    )
    for (channel, state), count in vitals.deliveries.items():
        by_state.labels(channel, state.value).set(count)
    paused = Gauge(
        "undertow_channel_paused", "1 while a channel is stopped", ["channel"], registry=registry
    )
    for channel_state in channels:
        paused.labels(channel_state.channel).set(channel_state.is_paused(now))
    _gauge(registry, "deliveries_in_doubt", "Deliveries a person must decide", vitals.in_doubt)
    _gauge(registry, "alerts_standing", "Troubles that are not over", vitals.alerts_standing)


def _set_notes(registry: CollectorRegistry, vitals: Vitals) -> None:
    editions = Gauge(
        "undertow_editions", "Editions by kind and state", ["kind", "state"], registry=registry
    )
    for (kind, state), count in vitals.editions.items():
        editions.labels(kind, state).set(count)
    _gauge(registry, "runs_held", "Jobs held back, with a reason in the ledger", vitals.runs_held)
    _gauge(registry, "notes_late", "Jobs that were done late, ever", vitals.runs_late)
    _gauge(registry, "runs_given_up", "Jobs given up, ever", vitals.runs_given_up)
    if vitals.last_session is not None and vitals.last_published_at is not None:
        midnight = datetime.combine(vitals.last_session, time(0), UTC)
        _gauge(registry, "last_session_seconds", "Newest published session", midnight.timestamp())
        _gauge(
            registry,
            "last_published_seconds",
            "When the newest note was frozen",
            vitals.last_published_at.timestamp(),
        )


def _set_record(registry: CollectorRegistry, vitals: Vitals) -> None:
    _gauge(registry, "claims_open", "Claims not graded yet", vitals.claims_open)
    _gauge(registry, "claims_graded", "Claims graded", vitals.claims_graded)
    _gauge(registry, "brier", "Mean Brier score of graded claims", vitals.brier)
    _gauge(registry, "base_rate_brier", "The same for the base rate", vitals.base_rate_brier)
