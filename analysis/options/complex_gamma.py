"""Index, funds and single names added up to one complex.

Dollar gamma per 1 % adds across underlyings as long as all of them move one per cent
together: SPX, SPY, NDX, QQQ, IWM and the members' own options are then hedged in
the same market at the same time. Dollars need no conversion between an index and its
fund: a contract on SPY at a tenth of the index is worth a tenth of the dollars.

Single names are looked through by weight: a name counts when its weight in the index is
known, and the weights counted say how much of the index they stand for. Together they
can outweigh the index's own options, so the part not seen is told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analysis.options.conventions import CONVENTIONS
from analysis.options.errors import ChainError
from analysis.options.summary import GammaSummary

INDICES = frozenset({"SPX", "XSP", "NDX", "RUT", "DJX"})
FUNDS = frozenset({"SPY", "IVV", "VOO", "QQQ", "QQQM", "IWM", "DIA"})


@dataclass(frozen=True, slots=True)
class ComplexGamma:
    """Dealers' gamma over several underlyings of one session.

    Attributes
    ----------
    session
        ISO date, the same for all.
    net_gamma_usd_per_pct
        By convention, all parts together [USD when everything moves 1 %].
    by_part
        The same for `indices`, `funds` and `single_names`.
    by_symbol
        Naive gamma of each underlying, largest in size first [USD per 1 %].
    index_weight_covered
        Summed index weight of the single names counted [0, 1].
    left_out
        Symbol and reason.
    """

    session: str
    net_gamma_usd_per_pct: dict[str, float]
    by_part: dict[str, dict[str, float]]
    by_symbol: dict[str, float]
    index_weight_covered: float
    left_out: dict[str, str]


def add_up(
    summaries: Iterable[GammaSummary], index_weight: Mapping[str, float] | None = None
) -> ComplexGamma:
    """Add the dollar gamma of indices, their funds and their members.

    Parameters
    ----------
    summaries
        One for each underlying.
    index_weight
        Weight of each single name in the index [0, 1]; names that are not in it are left out.

    Raises
    ------
    ChainError
        When the summaries are of different sessions, or one underlying comes twice.
    """
    weights = index_weight or {}
    counted: dict[str, GammaSummary] = {}
    left_out: dict[str, str] = {}
    for summary in summaries:
        if summary.symbol in counted:
            raise ChainError(f"{summary.symbol} comes twice; give one chain for each underlying")
        if part_of(summary.symbol) == "single_names" and not weights.get(summary.symbol, 0.0) > 0.0:
            left_out[summary.symbol] = "its weight in the index is not known"
            continue
        counted[summary.symbol] = summary
    naive = {symbol: one.net_gamma_usd_per_pct["naive"] for symbol, one in counted.items()}
    return ComplexGamma(
        session=_one_session(counted),
        net_gamma_usd_per_pct=_total(counted.values()),
        by_part={part: _total(_members(counted, part)) for part in PARTS},
        by_symbol=dict(sorted(naive.items(), key=lambda item: -abs(item[1]))),
        index_weight_covered=sum(weights.get(symbol, 0.0) for symbol in counted),
        left_out=left_out,
    )


PARTS = ("indices", "funds", "single_names")


def part_of(symbol: str) -> str:
    """Say which part of the complex an underlying belongs to."""
    if symbol in INDICES:
        return "indices"
    return "funds" if symbol in FUNDS else "single_names"


def _members(counted: Mapping[str, GammaSummary], part: str) -> list[GammaSummary]:
    return [one for symbol, one in counted.items() if part_of(symbol) == part]


def _total(summaries: Iterable[GammaSummary]) -> dict[str, float]:
    books = [one.net_gamma_usd_per_pct for one in summaries]
    return {name: sum((book[name] for book in books), 0.0) for name in CONVENTIONS}


def _one_session(counted: Mapping[str, GammaSummary]) -> str:
    sessions = {one.session for one in counted.values()}
    if len(sessions) != 1:
        raise ChainError(
            f"the chains hold sessions {', '.join(sorted(sessions)) or 'of none'}; "
            "expected one and the same"
        )
    return sessions.pop()
