"""What yfinance would keep in files of its own, kept in memory for one run instead.

yfinance writes time zones and a cookie into two SQLite files, opens each once for the life of
the process and does not look again. A folder that is tidied away under a desk that runs for
months would fail every evening from then on. Neither is worth a file: every symbol the desk
asks for trades on New York's time, and a cookie costs one request.
"""

from __future__ import annotations

NEW_YORK = "America/New_York"


class OneZone:
    """Knows the time zone of every symbol, which else costs a request each."""

    def lookup(self, _symbol: str) -> str:
        """Return New York's."""
        return NEW_YORK

    def store(self, symbol: str, zone: str | None) -> None:
        """Keep nothing: there is nothing to learn."""


class Cookies:
    """Remembers Yahoo's cookies."""

    def __init__(self) -> None:
        self._kept: dict[str, object] = {}

    def lookup(self, strategy: str) -> dict[str, object] | None:
        """Return what was stored, in the shape yfinance reads; None where nothing was."""
        return {"cookie": self._kept[strategy]} if strategy in self._kept else None

    def store(self, strategy: str, cookie: object | None) -> None:
        """Remember a cookie, or forget it."""
        if cookie is None:
            self._kept.pop(strategy, None)
        else:
            self._kept[strategy] = cookie


def keep_in_memory() -> None:
    """Have yfinance ask these two, both empty, wherever it would open its files."""
    from yfinance import cache

    zones, cookies = OneZone(), Cookies()
    cache.get_tz_cache = lambda: zones
    cache.get_cookie_cache = lambda: cookies
