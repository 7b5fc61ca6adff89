"""A file of readers: every line accounted for, nobody twice, nobody against their will."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadArgumentError
from bot.ledger import Ledger
from bot.ledger.subscribers import (
    Preferences,
    SubscriberState,
    count_subscribers,
    is_suppressed,
    suppress,
)
from bot.newsletter.importing import Import, Outcome, Result
from bot.newsletter.lifecycle import leave
from bot.newsletter.listing import write_readers
from bot.newsletter.table_file import Row, Unreadable, cells_of, csv_lines, rows_of
from bot.newsletter.takeover import File, take_in
from bot.newsletter.tokens import address_hash, unsubscribe_token
from tests.bot.newsletter.desk import KEY, NOW, ORIGIN, a_reader, at

HEAD = "email,state,cadence,level,zone,hour"


def table(tmp_path: Path, *lines: str, name: str = "readers.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join([HEAD, *lines]) + "\n", "utf-8")
    return path


async def taken(
    ledger: Ledger, path: Path, state: str = "pending"
) -> tuple[Mapping[Result, int], list[Outcome]]:
    left_out: list[Outcome] = []
    taking = Import(ledger, KEY, lambda: NOW, state, left_out.append)
    return await taking.run(rows_of(path)), left_out


async def test_a_row_becomes_a_reader_with_working_links(ledger: Ledger, tmp_path: Path) -> None:
    row = "Ana@reader.test,confirmed,weekly,trader,Europe/Berlin,7"

    counts, _ = await taken(ledger, table(tmp_path, row))

    ana = await at(ledger)
    assert counts[Result.ADDED] == 1
    assert (ana.address, ana.state) == ("Ana@reader.test", SubscriberState.CONFIRMED)
    assert ana.preferences == Preferences("weekly", "trader", False, "Europe/Berlin", 7)
    async with ledger.write() as tx:
        assert await leave(tx, KEY, unsubscribe_token(KEY, ana.id), ORIGIN, NOW)


async def test_what_a_row_leaves_out_is_as_usual_and_nobody_is_confirmed_by_default(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Name;E-Mail;email\nAna;;ana@reader.test\n", "utf-8-sig")

    await taken(ledger, path)

    ana = await at(ledger)
    assert (ana.state, ana.preferences) == (SubscriberState.PENDING, Preferences())


async def test_every_bad_line_is_named_and_costs_no_other(ledger: Ledger, tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "ana@reader.test,confirmed,daily,plain,Europe/Berlin,7",
        '"bo@reader.test,confirmed,daily',
        "cy@@reader.test,confirmed,daily,plain,Europe/Berlin,7",
        "di@reader.test,erased,daily,plain,Europe/Berlin,7",
        "ed@reader.test,confirmed,hourly,plain,Europe/Berlin,7",
        "",
        "fi@reader.test,confirmed,daily,plain,Mars/Phobos,7",
        "gus@reader.test,confirmed,daily,plain,Europe/Berlin,24",
        "a,b,c,d,e,f,g,h",
        "hal@reader.test,confirmed,daily,plain,Europe/Berlin,",
    )

    counts, left_out = await taken(ledger, path)

    assert counts == {Result.ADDED: 2, Result.REFUSED: 7}
    assert [one.line for one in left_out] == [3, 4, 5, 6, 8, 9, 10]
    assert not any("reader.test" in one.reason for one in left_out)
    async with ledger.read() as tx:
        assert await count_subscribers(tx) == {SubscriberState.CONFIRMED: 2}


async def test_a_line_that_is_not_in_utf8_is_refused_alone(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(b"email\nana@reader.test\nbo@m\xfcnchen.de\ncy@reader.test\n")

    counts, [left_out] = await taken(ledger, path)

    assert counts[Result.ADDED] == 2
    assert (left_out.line, left_out.reason) == (3, "the line is not in UTF-8")


async def test_the_same_mailbox_is_added_once_and_keeps_what_it_chose(
    ledger: Ledger, tmp_path: Path
) -> None:
    await a_reader(ledger, "bo@reader.test", SubscriberState.UNSUBSCRIBED)
    path = table(
        tmp_path,
        "ana@reader.test,confirmed,weekly,,,",
        "ANA@Reader.Test,confirmed,daily,,,",
        "Bo@reader.test,confirmed,daily,,,",
    )

    counts, left_out = await taken(ledger, path)

    assert counts == {Result.ADDED: 1, Result.KEPT: 2}
    assert [(one.line, one.result) for one in left_out] == [(3, Result.KEPT), (4, Result.KEPT)]
    assert (await at(ledger)).preferences.cadence == "weekly"
    assert (await at(ledger, "bo@reader.test")).state is SubscriberState.UNSUBSCRIBED


async def test_who_asked_to_be_erased_is_not_brought_back_by_a_file(
    ledger: Ledger, tmp_path: Path
) -> None:
    async with ledger.write() as tx:
        await suppress(tx, address_hash(KEY, "ana@reader.test"), "erased", NOW)

    counts, [left_out] = await taken(ledger, table(tmp_path, "Ana@reader.test,confirmed,,,,"))

    assert counts == {Result.REFUSED: 1}
    assert "never be written to" in left_out.reason


async def test_a_mailbox_that_bounced_elsewhere_is_shut_here_too(
    ledger: Ledger, tmp_path: Path
) -> None:
    await taken(ledger, table(tmp_path, "ana@reader.test,bounced,,,,"))

    async with ledger.read() as tx:
        assert await is_suppressed(tx, address_hash(KEY, "ana@reader.test"))


async def test_a_stopped_import_run_again_adds_only_the_rest(
    ledger: Ledger, tmp_path: Path
) -> None:
    lines = [f"r{n}@reader.test,confirmed,,,," for n in range(30)]
    await taken(ledger, table(tmp_path, *lines[:10]))

    counts, _ = await taken(ledger, table(tmp_path, *lines))

    assert counts == {Result.KEPT: 10, Result.ADDED: 20}


@pytest.mark.parametrize(
    "text", ["", "name,address\nAna,ana@reader.test\n", "ana@reader.test\nbo@reader.test\n"]
)
def test_a_file_whose_first_line_names_no_email_is_refused_whole(tmp_path: Path, text: str) -> None:
    path = tmp_path / "readers.csv"
    path.write_text(text, "utf-8")

    with pytest.raises(BadArgumentError, match="email"):
        list(rows_of(path))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadArgumentError, match="cannot read"):
        list(rows_of(tmp_path / "nothing.csv"))


async def test_the_summary_counts_and_the_report_lists_every_line_left_out(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = table(tmp_path, "ana@reader.test,,,,,", "ana@reader.test,,,,,", "bo@,,,,,")

    told = await take_in(ledger, KEY, lambda: NOW, File(path, "confirmed"), lambda done: None)

    report = tmp_path / "readers.left-out.csv"
    assert told.startswith("1 added, 1 stood already, 1 refused\n  line 4: ")
    rows = list(csv.reader(report.read_text("utf-8").splitlines()))
    assert [row[:2] for row in rows] == [["line", "result"], ["3", "kept"], ["4", "refused"]]


async def test_an_export_taken_in_elsewhere_is_the_same_again(
    ledger: Ledger, tmp_path: Path
) -> None:
    lines = [
        "=cmd@reader.test,confirmed,weekly,quant,Asia/Tokyo,0",
        "+1@reader.test,paused,big,plain,UTC,",
        "'=odd@reader.test,unsubscribed,daily,trader,Europe/Berlin,23",
        "o'neil@reader.test,bounced,daily,plain,Europe/Berlin,7",
    ]
    path = tmp_path / "in.csv"
    path.write_text(csv_lines([HEAD.split(","), *(line.split(",") for line in lines)]), "utf-8")
    await taken(ledger, path)

    count = await write_readers(ledger, tmp_path / "out.csv", None, lambda done: None)

    assert count == 4
    assert (tmp_path / "out.csv").read_text("utf-8") == path.read_text("utf-8")
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_spreadsheet_takes_an_exported_cell_for_a_formula(start: str) -> None:
    [cell] = next(csv.reader(csv_lines([[f"{start}HYPERLINK(1)"]]).splitlines(keepends=True)))

    assert cell.startswith("'")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00 "), min_size=1))
def test_a_cell_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("cells") / "one.csv"
    path.write_text(csv_lines([["email", "x"], [text, "y"]]), "utf-8", newline="")

    found = list(rows_of(path))

    lines = text.splitlines()
    if len(lines) == 1 and lines[0] == text:
        assert found == [Row(2, {"email": text, "x": "y"})]
    else:
        assert all(isinstance(one, Row | Unreadable) for one in found)


async def test_a_reader_without_an_hour_has_an_empty_cell(ledger: Ledger) -> None:
    ana = await a_reader(ledger)

    assert list(cells_of(ana).values()) == [
        "ana@reader.test",
        "confirmed",
        "daily",
        "plain",
        "America/New_York",
        None,
    ]
