"""One line of JSON for each thing that happened, without anyone's personal data.

Three nets, because one always has a hole: fields that name a person or a secret are dropped,
addresses and the secret parts of URLs are cut out of every text, tracebacks included, and the
libraries that log whole requests are turned down.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

PRIVATE_FIELDS = frozenset(
    {
        "address",
        "authorization",
        "cookie",
        "email",
        "ip",
        "mail",
        "password",
        "recipient",
        "secret",
        "token",
        "user_agent",
    }
)
HIDDEN = "[hidden]"

MAIL_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
URL_WITH_SECRETS = re.compile(r"(\b[a-z][a-z0-9+.-]*://)(?:[^\s/@]*@)?([^\s/?#'\")]*)([^\s'\")]*)")
TOKEN_PATH = re.compile(r"(/(?:u|confirm|preferences|hook|webhooks)/)[^\s/?#'\"]+")

LOUD_LIBRARIES = (
    *("httpx", "httpcore", "apscheduler", "aiosqlite", "asyncio", "uvicorn.access"),
    "alembic",
)


PROGRESS, PROGRESS_FIELDS = "undertow.sources", ("vendor", "item", "done", "total")
"""Who says what is being fetched, hundreds of times an evening, and in which fields."""


def is_last_of_its_vendor(record: logging.LogRecord) -> bool:
    """Say whether a line about fetching is worth keeping: one for each vendor is."""
    return getattr(record, "done", None) == getattr(record, "total", None)


def scrub(text: str) -> str:
    """Return a text without mail addresses, passwords, paths of outside URLs and tokens."""
    text = URL_WITH_SECRETS.sub(_origin, text)
    text = TOKEN_PATH.sub(rf"\1{HIDDEN}", text)
    return MAIL_ADDRESS.sub(HIDDEN, text)


def _origin(match: re.Match[str]) -> str:
    rest = f"/{HIDDEN}" if match[3].strip("/") else match[3]
    return f"{match[1]}{match[2]}{rest}"


def hide_private(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Clean one log line: a structlog processor, to stand right before the renderer."""
    return {
        key: HIDDEN if key.lower() in PRIVATE_FIELDS else _clean(value)
        for key, value in event.items()
    }


def _clean(value: object) -> object:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, MutableMapping):
        return hide_private(None, "", value)
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


def configure_logging(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Log JSON lines from here on, our own and those of the libraries.

    Parameters
    ----------
    level
        The least that is written, such as ``INFO``.
    stream
        Where to; standard error by default, which systemd and Docker keep.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(PROGRESS_FIELDS), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                hide_private,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger(PROGRESS).addFilter(is_last_of_its_vendor)
    for name in LOUD_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
