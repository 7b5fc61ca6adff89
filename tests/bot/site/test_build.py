"""The site as files: what is there, what is linked, and what a second build does."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.site_checks import broken_links
from bot.edition import NOTE, REVISION
from bot.errors import DeskError
from bot.ledger import Ledger
from bot.ledger.editions import EditionState, Terms
from bot.site.build import Built, build
from bot.site.calendars import Month
from bot.site.feeds import item_of
from bot.site.frame import Site
from bot.site.ledger_shelf import LedgerShelf
from tests.bot.site.notes import frozen, published_again, simulated, taken_back, written

HERE = "https://desk.example"
SITE = Site(address=HERE, subscribe="/subscribe")
ATOM = "{http://www.w3.org/2005/Atom}"


async def site_of(ledger: Ledger, out: Path, site: Site = SITE, *, drafts: bool = False) -> Built:
    """Build a ledger's site."""
    return await build(site, LedgerShelf(ledger, drafts=drafts), out, lambda _done, _of: None)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a folder that is not there yet."""
    return tmp_path / "public"


def read(out: Path, path: str) -> str:
    """Return a file of the site."""
    return (out / path).read_text("utf-8")


async def test_a_session_has_a_page_for_every_kind_of_reader(ledger: Ledger, out: Path) -> None:
    await frozen(ledger, written(0))
    await site_of(ledger, out)

    folder = out / "2025/03/28"
    for name in ("index.html", "trader/index.html", "quant/index.html", "why/index.html"):
        assert (folder / name).is_file()
    assert json.loads((folder / "report.json").read_bytes())["session"] == "2025-03-28"
    rows = list(csv.DictReader(io.StringIO((folder / "drivers.csv").read_text("utf-8"))))
    assert [row["slug"] for row in rows] == [
        one["slug"] for one in json.loads((folder / "report.json").read_bytes())["drivers"]
    ]


async def test_the_first_page_is_the_newest_note_and_says_where_it_stays(
    ledger: Ledger, out: Path
) -> None:
    for number in range(2):
        await frozen(ledger, written(number))
    await site_of(ledger, out)

    assert '<link rel="canonical" href="https://desk.example/2025/03/31/">' in read(
        out, "index.html"
    )


async def test_neighbours_lead_to_each_other(ledger: Ledger, out: Path) -> None:
    for number in range(3):
        await frozen(ledger, written(number))
    await site_of(ledger, out)

    middle = read(out, "2025/03/31/index.html")
    assert '<link rel="prev" href="/2025/03/28/">' in middle
    assert '<link rel="next" href="/2025/04/01/">' in middle


@pytest.mark.parametrize("address", [HERE, f"{HERE}/notes"])
async def test_every_link_leads_somewhere(ledger: Ledger, out: Path, address: str) -> None:
    for number in range(4):
        await frozen(ledger, written(number))
    await site_of(ledger, out, Site(address=address, subscribe=f"{address}/subscribe"))

    assert broken_links(out, address) == []


async def test_a_second_build_makes_nothing(ledger: Ledger, out: Path) -> None:
    await frozen(ledger, written(0))
    first = await site_of(ledger, out)
    second = await site_of(ledger, out)

    assert first.made == first.files
    assert (second.made, second.removed) == (0, 0)


async def test_a_new_session_leaves_older_ones_as_they_are(ledger: Ledger, out: Path) -> None:
    for number in range(3):
        await frozen(ledger, written(number))
    await site_of(ledger, out)
    oldest = out / "2025/03/28/index.html"
    before = oldest.stat().st_mtime_ns, (out / "2025/03/28/card.png").stat().st_mtime_ns
    await frozen(ledger, written(3))
    built = await site_of(ledger, out)

    assert before == (oldest.stat().st_mtime_ns, (out / "2025/03/28/card.png").stat().st_mtime_ns)
    assert 0 < built.made < built.files / 2
    assert 'rel="next" href="/2025/04/02/"' in read(out, "2025/04/01/index.html")


async def test_what_no_longer_belongs_to_the_site_is_removed(ledger: Ledger, out: Path) -> None:
    await frozen(ledger, written(0), Terms(NOTE, EditionState.DRAFT))
    await site_of(ledger, out, drafts=True)
    assert (out / "2025/03/28").is_dir()
    built = await site_of(ledger, out)

    assert built.removed > 5
    assert not (out / "2025").exists()


async def test_a_folder_that_holds_something_else_is_refused(ledger: Ledger, out: Path) -> None:
    out.mkdir()
    (out / "thesis.txt").write_text("mine")

    with pytest.raises(DeskError, match="no built site"):
        await site_of(ledger, out)


async def test_no_half_written_file_is_left(ledger: Ledger, out: Path) -> None:
    await frozen(ledger, written(0))
    await site_of(ledger, out)

    hidden = [path.name for path in out.rglob(".*")]
    assert hidden == [".undertow-site.json"]


async def test_a_draft_is_shown_to_nobody_unless_asked_for_and_kept_from_search(
    ledger: Ledger, out: Path, tmp_path: Path
) -> None:
    await frozen(ledger, written(0), Terms(NOTE, EditionState.DRAFT))
    await site_of(ledger, out)
    await site_of(ledger, tmp_path / "drafts", drafts=True)

    assert not (out / "2025").exists()
    page = read(tmp_path / "drafts", "2025/03/28/index.html")
    assert '<meta name="robots" content="noindex">' in page
    assert "Draft." in page


async def test_a_simulated_note_is_marked_and_kept_from_search(ledger: Ledger, out: Path) -> None:
    await frozen(ledger, simulated())
    await site_of(ledger, out)

    for path in ("index.html", "2025/03/28/why/index.html", "archive/index.html"):
        page = read(out, path)
        assert "Simulated market" in page
        assert "noindex" in page
    assert "2025/03/28" not in read(out, "sitemap.xml")
    assert "Simulated: " in read(out, "feed.atom")


async def test_a_revision_is_linked_with_what_it_changed_and_the_note_stays(
    ledger: Ledger, out: Path
) -> None:
    row = await frozen(ledger, written(0))
    head = json.loads(written(0).texts["page.json"])
    head["drivers"][0]["score"] = -0.25
    texts = {**written(0).texts, "page.json": json.dumps(head).encode()}
    late = replace(written(0), texts=texts, content_hash="sha256:late")
    await frozen(ledger, late, Terms(REVISION, corrects=row.id, reason="a late file"))
    await site_of(ledger, out)

    note, revised = read(out, "2025/03/28/index.html"), read(out, "2025/03/28/revision/index.html")
    assert 'href="/2025/03/28/revision/"' in note
    assert "\N{MINUS SIGN}0.25" in revised
    assert "a late file" in revised
    assert broken_links(out, HERE) == []


async def test_the_feeds_hold_the_whole_note_with_whole_addresses(
    ledger: Ledger, out: Path
) -> None:
    for number in range(2):
        await frozen(ledger, written(number))
    await site_of(ledger, out)

    feed = ElementTree.fromstring(read(out, "feed.atom"))  # noqa: S314 - written a moment ago
    entries = feed.findall(f"{ATOM}entry")
    assert [one.findtext(f"{ATOM}id") for one in entries] == [
        f"{HERE}/2025/03/31/",
        f"{HERE}/2025/03/28/",
    ]
    content = entries[1].findtext(f"{ATOM}content") or ""
    assert f'src="{HERE}/2025/03/28/driver_bars.svg"' in content
    assert 'class="why"' not in content
    assert "urn:" not in content
    body = json.loads(read(out, "feed.json"))
    assert [one["id"] for one in body["items"]] == [f"{HERE}/2025/03/31/", f"{HERE}/2025/03/28/"]
    assert read(out, "feed.rss").count("<item>") == 2


async def test_search_engines_are_told_what_a_note_is(ledger: Ledger, out: Path) -> None:
    await frozen(ledger, written(0))
    await site_of(ledger, out)

    page = read(out, "2025/03/28/index.html")
    facts = json.loads(page.partition('"application/ld+json">')[2].partition("</script>")[0])
    assert facts["@type"] == "AnalysisNewsArticle"
    assert facts["datePublished"] == "2025-03-28T21:15:00Z"
    assert f'property="og:image" content="{HERE}/2025/03/28/card.png"' in page


async def test_an_empty_ledger_has_a_site_that_says_so(ledger: Ledger, out: Path) -> None:
    await site_of(ledger, out)

    assert "still to come" in read(out, "index.html")
    assert broken_links(out, HERE) == []


async def test_a_note_of_an_older_version_is_shown_from_its_web_edition(
    ledger: Ledger, out: Path
) -> None:
    kept = ("note.html", "note.json", "report.json")
    older = replace(written(0), texts={name: written(0).texts[name] for name in kept})
    await frozen(ledger, older)
    await site_of(ledger, out)

    title = json.loads(written(0).texts["page.json"])["title"]
    page = read(out, "2025/03/28/index.html")
    assert title.replace("'", "&#39;") in page
    assert "How we know" in page


async def test_a_driver_has_its_definition_and_its_history(ledger: Ledger, out: Path) -> None:
    for number in range(4):
        await frozen(ledger, written(number))
    await site_of(ledger, out)

    page = read(out, "drivers/leveraged_etf/index.html")
    assert "L (L - 1) A r" in page
    assert page.count('<th scope="row">') == 4
    assert read(out, "drivers/leveraged_etf/history.csv").count("\n") == 5


def test_a_month_is_laid_out_in_working_weeks() -> None:
    weeks = Month(year=2025, number=4, entries=()).weeks

    assert [cell.day for cell in weeks[0]] == [0, 1, 2, 3, 4]
    assert [cell.day for cell in weeks[-1]] == [28, 29, 30, 0, 0]


async def test_a_feed_never_holds_a_mark_of_evidence(ledger: Ledger) -> None:
    await frozen(ledger, written(0))
    (entry,) = await LedgerShelf(ledger).entries()

    html = item_of(SITE, entry, written(0).texts["page.plain.html"]).html
    assert entry.session == date(2025, 3, 28)
    assert "†" not in html
    assert "urn:" not in html


async def test_a_withdrawn_note_leaves_its_address_and_the_reason(
    ledger: Ledger, out: Path
) -> None:
    for number in range(3):
        await frozen(ledger, written(number))
    await site_of(ledger, out)
    await taken_back(ledger, written(2))

    await site_of(ledger, out)

    page = read(out, "2025/04/01/index.html")
    assert "This note was withdrawn" in page
    assert "A price file was wrong." in page
    assert 'content="noindex"' in page
    assert [path.name for path in (out / "2025/04/01").iterdir()] == ["index.html"]
    for path in ("feed.atom", "feed.rss", "feed.json", "sitemap.xml", "archive/index.html"):
        assert "2025/04/01" not in read(out, path), path
    assert written(1).session.isoformat() in read(out, "index.html")


async def test_a_note_published_again_is_back_everywhere_and_says_so(
    ledger: Ledger, out: Path
) -> None:
    for number in range(2):
        await frozen(ledger, written(number))
    await taken_back(ledger, written(1))
    await site_of(ledger, out)

    await published_again(ledger, written(1))
    await site_of(ledger, out)

    page = read(out, "2025/03/31/index.html")
    assert "published again on 31 March 2025, 21:15 UTC.</p>" in page
    assert "Revised." not in page
    for path in ("feed.atom", "feed.rss", "feed.json", "sitemap.xml", "index.html"):
        assert "2025/03/31" in read(out, path), path
    assert (out / "2025/03/31/report.json").is_file()


async def test_a_note_published_again_with_other_figures_shows_those_and_no_others(
    ledger: Ledger, out: Path
) -> None:
    await frozen(ledger, written(0))
    await taken_back(ledger, written(0))
    mended = replace(
        written(0), texts={**written(0).texts, "report.json": b"{}"}, content_hash="sha256:mended"
    )

    await published_again(ledger, mended)
    await site_of(ledger, out)

    page = read(out, "2025/03/28/index.html")
    assert "published again on 28 March 2025, 21:15 UTC, corrected.</p>" in page
    assert read(out, "2025/03/28/report.json") == "{}"
