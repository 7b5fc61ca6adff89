"""The pages and files of one session: three levels, evidence, revision, report, charts, card."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from markupsafe import Markup

from bot.site.changes import changes_between
from bot.site.entries import Entry, Facts
from bot.site.frame import Head, Site, head_of, stamp
from bot.site.planned import Maker, Planned, Texts, key_of, page_file
from templates.figures import full_day
from templates.site import page

LEVELS = ("plain", "trader", "quant")
COLUMNS = (
    "session",
    "slug",
    "title",
    "kind",
    "grade",
    "measured",
    "score",
    "surprise",
    "flow_low_usd",
    "flow_mid_usd",
    "flow_high_usd",
    "share_of_adv",
    "percentile",
    "coverage",
    "confidence",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A note among its neighbours."""

    entry: Entry
    before: Entry | None
    after: Entry | None

    @property
    def key(self) -> str:
        """A mark of everything its pages rest on."""
        near = [(one.session, one.facts.title) if one else "" for one in (self.before, self.after)]
        entry = self.entry
        revised = entry.revision.key if entry.revision else ""
        return key_of(entry.key, revised, entry.claims, near)


def session_files(site: Site, place: Place) -> Iterator[Planned]:
    """Plan everything that stands in a session's folder."""
    entry = place.entry
    yield from level_pages(site, place)
    yield _why_page(site, entry)
    yield from report_files(entry.path, entry.key, entry.edition_id)
    yield from pictures(entry.path, entry.key, entry.edition_id, entry.facts)
    if entry.revision is not None:
        yield from revision_files(site, entry)


def level_pages(site: Site, place: Place) -> Iterator[Planned]:
    """Plan the note at its three levels."""
    for level in LEVELS:
        folder = place.entry.path + ("" if level == "plain" else f"{level}/")
        yield note_page(site, place, level, page_file(folder))


def note_page(site: Site, place: Place, level: str, path: str) -> Planned:
    """Plan a note's page; ``path`` may be the site's first page too."""
    words = f"page.{level}.html"

    def make(texts: Texts) -> bytes:
        return _note(site, place, level, path, texts).encode()

    return Planned(
        path=path,
        key=key_of(site.key, place.key, level),
        make=make,
        edition_id=place.entry.edition_id,
        needs=(words, "page.data.html"),
    )


def _note(site: Site, place: Place, level: str, path: str, texts: Texts) -> str:
    entry = place.entry
    folder = "" if level == "plain" else f"{level}/"
    at = "" if path == "index.html" else entry.path + folder
    facts = linked_data(site, entry)
    return page(
        "session.html",
        site=site,
        at=at,
        head=replace(head_of(entry, entry.path + folder), facts_hash=policy_hash(facts)),
        entry=entry,
        facts=entry.facts,
        before=place.before,
        after=place.after,
        level=level,
        levels=LEVELS,
        claims=entry.claims,
        revision=entry.revision,
        linked_data=facts,
        words=_kept(site, texts, f"page.{level}.html", entry.path),
        data=_kept(site, texts, "page.data.html", entry.path),
    )


def withdrawn_page(site: Site, entry: Entry) -> Planned:
    """Plan what stands at the address of a note that was taken back: that, when and why."""

    def make(_texts: Texts) -> bytes:
        day = full_day(entry.session)
        head = Head(
            title=f"Withdrawn: the note of {day}",
            description="This note was withdrawn.",
            path=entry.path,
            draft=entry.draft,
            simulated=entry.facts.demo,
            unlisted=True,
        )
        return page(
            "withdrawn.html", site=site, at=entry.path, head=head, entry=entry, end=entry.withdrawn
        ).encode()

    return Planned(
        path=page_file(entry.path), key=key_of(site.key, entry.key, entry.withdrawn), make=make
    )


def _kept(site: Site, texts: Texts, name: str, folder: str) -> Markup:
    """Return a kept piece: it was escaped when it was written."""
    return Markup(site.filled(texts.get(name, b""), folder))  # noqa: S704


def linked_data(site: Site, entry: Entry) -> Markup:
    """Return what search engines read of a note, as JSON-LD."""
    here = site.url(entry.path)
    desk = {"@type": "Organization", "name": site.name, "url": site.url("")}
    body = {
        "@context": "https://schema.org",
        "@type": "AnalysisNewsArticle",
        "headline": ("Simulated: " if entry.facts.demo else "") + entry.facts.title,
        "description": entry.facts.description,
        "datePublished": stamp(entry.published_at),
        "dateModified": stamp(entry.updated_at),
        "mainEntityOfPage": here,
        "image": [site.url(entry.path + "card.png")],
        "author": desk,
        "publisher": desk,
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "isBasedOn": {
            "@type": "Dataset",
            "name": f"Flow report of {entry.session.isoformat()}",
            "description": "Estimated forced and chosen flows in the S&P 500, driver by driver.",
            "identifier": entry.facts.content_hash,
            "distribution": [
                _download(site.url(entry.path + "report.json"), "application/json"),
                _download(site.url(entry.path + "drivers.csv"), "text/csv"),
            ],
        },
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704


def policy_hash(text: str) -> str:
    """Return a text's hash as a content policy names it.

    >>> policy_hash("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    return "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _download(url: str, kind: str) -> dict[str, str]:
    return {"@type": "DataDownload", "contentUrl": url, "encodingFormat": kind}


def _why_page(site: Site, entry: Entry) -> Planned:
    folder = entry.path + "why/"

    def make(texts: Texts) -> bytes:
        title = f"Why each sentence stands there, {entry.session.isoformat()}"
        words = _kept(site, texts, "page.why.html", entry.path)
        head = head_of(entry, folder, title)
        return page("why.html", site=site, at=folder, head=head, entry=entry, words=words).encode()

    return Planned(
        path=page_file(folder),
        key=key_of(site.key, entry.key),
        make=make,
        edition_id=entry.edition_id,
        needs=("page.why.html",),
    )


def report_files(folder: str, key: str, edition_id: int) -> Iterator[Planned]:
    """Plan the report as JSON and its drivers as CSV."""
    needs = ("report.json",)

    def whole(texts: Texts) -> bytes:
        return texts.get("report.json", b"{}")

    def table(texts: Texts) -> bytes:
        return drivers_csv(orjson.loads(texts.get("report.json", b"{}"))).encode()

    for name, make in (("report.json", whole), ("drivers.csv", table)):
        yield Planned(
            path=folder + name, key=key_of(key), make=make, edition_id=edition_id, needs=needs
        )


def drivers_csv(report: Mapping[str, Any]) -> str:
    """Return a report's drivers as a table, one a row; an empty cell is not known."""
    out = io.StringIO()
    rows = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\r\n")
    rows.writeheader()
    for one in report.get("drivers", []):
        flow = one["flow_usd"] or {}
        dollars = {f"flow_{end}_usd": flow.get(end) for end in ("low", "mid", "high")}
        rows.writerow({**one, **dollars, "session": report["session"]})
    return out.getvalue()


def pictures(folder: str, key: str, edition_id: int, facts: Facts) -> Iterator[Planned]:
    """Plan the charts, still and alive, and the card; they are copied as they were drawn."""
    named = {"card.png": "card.png"}
    for chart in facts.charts:
        named[f"chart.{chart.slug}.svg"] = f"{chart.slug}.svg"
        named[f"chart.{chart.slug}.json"] = f"{chart.slug}.chart.json"
    for kept, name in named.items():
        yield Planned(
            path=folder + name,
            key=key_of(key),
            make=_copied(kept),
            edition_id=edition_id,
            needs=(kept,),
        )


def _copied(name: str) -> Maker:
    return lambda texts: texts.get(name, b"")


def revision_files(site: Site, entry: Entry) -> Iterator[Planned]:
    """Plan the page of a revision: what changed, the words as they would be now, its files."""
    revision = entry.revision
    if revision is None:
        return
    folder = revision.path

    def make(texts: Texts) -> bytes:
        title = f"Revised: {revision.facts.title}"
        head = Head(
            title=("Simulated: " if entry.facts.demo else "") + title,
            description=revision.facts.description,
            path=folder,
            published=stamp(revision.revised_at),
            draft=entry.draft,
            simulated=entry.facts.demo,
        )
        return page(
            "revision.html",
            site=site,
            at=folder,
            head=head,
            entry=entry,
            facts=revision.facts,
            revision=revision,
            changes=changes_between(entry.facts, revision.facts),
            words=_kept(site, texts, "page.plain.html", folder),
        ).encode()

    yield Planned(
        path=page_file(folder),
        key=key_of(site.key, entry.key, revision.key),
        make=make,
        edition_id=revision.edition_id,
        needs=("page.plain.html",),
    )
    yield _revision_why(site, entry)
    yield from report_files(folder, revision.key, revision.edition_id)
    yield from pictures(folder, revision.key, revision.edition_id, revision.facts)


def _revision_why(site: Site, entry: Entry) -> Planned:
    revision = entry.revision
    if revision is None:
        raise ValueError(f"{entry.session} has no revision; ask for its evidence where it has one")
    folder = revision.path + "why/"

    def make(texts: Texts) -> bytes:
        head = head_of(entry, folder, f"Why, as revised, {entry.session.isoformat()}")
        words = _kept(site, texts, "page.why.html", revision.path)
        return page("why.html", site=site, at=folder, head=head, entry=entry, words=words).encode()

    return Planned(
        path=page_file(folder),
        key=key_of(site.key, revision.key),
        make=make,
        edition_id=revision.edition_id,
        needs=("page.why.html",),
    )
