"""The shapes of the API's answers, as its description tells them."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

Number = float | None


class Problem(BaseModel):
    """Why a question could not be answered (RFC 9457)."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["no note of 2025-04-19; /api/v1/reports lists those there are"])


class Range(BaseModel):
    """A range and its most likely value: low <= mid <= high as numbers."""

    low: float
    mid: float
    high: float


class Index(BaseModel):
    """The index over the session."""

    model_config = ConfigDict(extra="allow")

    symbol: str
    close: float
    day_return: float = Field(description="Return since the close before [fraction].")
    vix_close: Number
    vix_change: Number


class Verdict(BaseModel):
    """Who moved the market, and how sure the desk is."""

    model_config = ConfigDict(extra="allow")

    label: str = Field(examples=["mechanical", "conviction", "mixed", "quiet", "unclear"])
    side: str = Field(examples=["buying", "selling", "flat"])
    confidence: float
    mechanical_usd: Range | None
    mechanical_share_of_volume: Range | None
    participation: Number


class DriverReading(BaseModel):
    """What one driver says; above zero is buying the index."""

    model_config = ConfigDict(extra="allow")

    slug: str
    title: str
    kind: str
    grade: str
    score: float = Field(ge=-1.0, le=1.0)
    surprise: Number
    measured: bool
    flow_usd: Range | None = Field(description="Signed dollars; null where the method has none.")
    share_of_adv: Number
    percentile: Number
    coverage: float
    confidence: float
    missing: list[str]
    caveat: str


class Odds(BaseModel):
    """A checkable claim."""

    model_config = ConfigDict(extra="allow")

    key: str
    claim: str
    probability: float
    base_rate: float
    interval: list[float]
    n: int
    horizon_sessions: int
    resolves_on: date


class SourceStanding(BaseModel):
    """How one source stood that evening."""

    model_config = ConfigDict(extra="allow")

    name: str
    as_of: date | None
    age_days: int | None
    status: str
    note: str


class Report(BaseModel):
    """One session's report, as it was published; later versions may add to it."""

    model_config = ConfigDict(extra="allow")

    version: int
    session: date
    content_hash: str
    as_of: str
    method_version: str
    demo: bool
    index: Index
    verdict: Verdict
    drivers: list[DriverReading]
    odds: list[Odds]
    calendar: list[str]
    sources: list[SourceStanding]


class Summary(BaseModel):
    """A report in a line."""

    session: date
    title: str
    label: str
    side: str
    confidence: float
    day_return: float
    leader: str | None = Field(description="The driver whose section came first.")
    demo: bool
    content_hash: str
    published_at: str
    revised_at: str | None
    page: str
    report: str


class Reports(BaseModel):
    """A page of reports, newest first; ``next`` leads to older ones."""

    total: int
    items: list[Summary]
    next: str | None


class DriverDay(BaseModel):
    """One driver on one session."""

    session: date
    measured: bool
    score: float
    surprise: Number
    flow_low_usd: Number
    flow_mid_usd: Number
    flow_high_usd: Number
    share_of_adv: Number
    confidence: float


class DriverAbout(BaseModel):
    """What a driver is."""

    slug: str
    title: str
    kind: str
    grade: str
    caveat: str
    formula: str
    inputs: str
    reference: str
    page: str


class DriverHistory(BaseModel):
    """A driver and a page of its history, newest first; ``next`` leads to older days."""

    driver: DriverAbout
    total: int
    items: list[DriverDay]
    next: str | None


class Record(BaseModel):
    """The track record, as `undertow record --json` prints it."""

    model_config = ConfigDict(extra="allow")

    hindsight: bool
    first: date | None
    last: date | None
    scores: list[dict[str, object]]
    base_rates: list[dict[str, object]]
    alarms: list[str]


class Word(BaseModel):
    """A word of the trade."""

    term: str
    also: list[str]
    plain: str
    measured: str
    caveat: str


class Glossary(BaseModel):
    """All words, in the order of the alphabet."""

    items: list[Word]
