"""One row a session and chain: what the archive keeps and the dealer-gamma driver reads.

The columns are those of `Market.gamma`: dollar gamma per 1 % at the session's close under
each convention, the same contracts at the prior close (`_open`, where the session's hedging
began), the flip zone, the largest strikes and how much gamma runs off.
"""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.options.chain import Chain, read_chain
from analysis.options.clock import new_york_date
from analysis.options.conventions import CONVENTIONS
from analysis.options.profile import net_gamma_at
from analysis.options.summary import GammaSummary, summarise
from analysis.options.trading_days import is_session, session_after

if TYPE_CHECKING:
    import pandas as pd

PriorClose = Callable[[str, date], float | None]
"""Price of a chain's underlying at the close before a session; None where not known."""


def daily_row(chain: Chain, prior_close: float | None = None) -> dict[str, object]:
    """Return a session's summary of one chain as a row of `Market.gamma`.

    Parameters
    ----------
    chain
        As it stood after the session's close.
    prior_close
        Price of its underlying at the close before; None leaves the `_open` columns missing.
    """
    summary = summarise(chain)
    return {
        "date": chain.session,
        "known": _known(chain),
        "symbol": chain.symbol,
        **{f"{name}_usd_per_pct": usd for name, usd in summary.net_gamma_usd_per_pct.items()},
        **{
            f"{name}_open_usd_per_pct": (
                net_gamma_at(chain, prior_close, name) if prior_close else None
            )
            for name in CONVENTIONS
        },
        **_levels(summary),
    }


def _levels(summary: GammaSummary) -> dict[str, object]:
    strikes = summary.large_gamma_strikes
    return {
        "expiring_le_1d": summary.expiring["le_1d"],
        "expiring_le_5d": summary.expiring["le_5d"],
        "spot": summary.spot,
        "flip_low": summary.flip.low,
        "flip_mid": summary.flip.mid,
        "flip_high": summary.flip.high,
        "call_strike": strikes["calls"][0] if strikes["calls"] else None,
        "put_strike": strikes["puts"][0] if strikes["puts"] else None,
        "oi_covered": summary.oi_covered,
    }


def _known(chain: Chain) -> date:
    """Return the session on which the chain was at hand: its own, if made the same evening."""
    made = new_york_date(chain.as_of) if chain.as_of else chain.session
    if made <= chain.session:
        return chain.session
    return made if is_session(made) else session_after(made)


def daily_table(
    files: Iterable[Path], prior_close: PriorClose | None = None, until: date | None = None
) -> "pd.DataFrame":
    """Summarise many chain files, one row for each session and underlying.

    A session that comes twice, as when a file was fetched after midnight, counts once: the
    file made first stays.

    Parameters
    ----------
    files
        Chains in any known format.
    prior_close
        Looks up where each session began.
    until
        Leave out sessions after this one.

    Returns
    -------
    DataFrame
        Sorted by date and symbol; columns as in `daily_row`.

    Raises
    ------
    ChainError
        Naming what is wrong with the first file that cannot be used.
    """
    import pandas as pd

    chains: dict[tuple[date, str], Chain] = {}
    for file in files:
        chain = read_chain(file)
        key = (chain.session, chain.symbol)
        if until is not None and chain.session > until:
            continue
        if key not in chains or chain.as_of < chains[key].as_of:
            chains[key] = chain
    rows = [
        daily_row(chain, prior_close(symbol, session) if prior_close else None)
        for (session, symbol), chain in sorted(chains.items(), key=lambda item: item[0])
    ]
    table = pd.DataFrame(rows)
    for column in ("date", "known"):
        if column in table:
            table[column] = pd.to_datetime(table[column]).dt.as_unit("us")
    return table
