"""The folder holds whole files, one a text, however often they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels import Refused, RetryLater, Sent
from bot.channels.folder import FolderChannel
from bot.edition import REVISION
from tests.bot.fakes import a_delivery


async def no_mark() -> None:
    """Stand in for the outbox."""


async def test_a_note_and_its_revision_lie_side_by_side(tmp_path: Path) -> None:
    folder = FolderChannel(tmp_path / "notes", ("blog.md", "note.json"))
    texts = {"blog.md": b"# Funds had to buy\n", "note.json": b"{}"}

    receipt = await folder.send(a_delivery(texts=texts), no_mark)
    await folder.send(a_delivery(edition=REVISION, texts=texts), no_mark)

    assert receipt == Sent("2025-11-21.md, 2025-11-21.json")
    assert sorted(path.name for path in (tmp_path / "notes").iterdir()) == [
        "2025-11-21-revision.json",
        "2025-11-21-revision.md",
        "2025-11-21.json",
        "2025-11-21.md",
    ]


async def test_writing_again_does_not_touch_the_file(tmp_path: Path) -> None:
    folder = FolderChannel(tmp_path)
    await folder.send(a_delivery(), no_mark)
    before = (tmp_path / "2025-11-21.md").stat()

    await folder.send(a_delivery(), no_mark)

    # Looking at it may move the time of the last reading, and no other.
    after = (tmp_path / "2025-11-21.md").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


async def test_a_damaged_file_is_put_right(tmp_path: Path) -> None:
    (tmp_path / "2025-11-21.md").write_bytes(b"# Fun")

    await FolderChannel(tmp_path).send(a_delivery(), no_mark)

    assert (tmp_path / "2025-11-21.md").read_bytes() == b"# Funds had to buy\n"


async def test_a_folder_that_is_not_one_is_tried_again_later(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("I am a file", "utf-8")

    receipt = await FolderChannel(tmp_path / "notes").send(a_delivery(), no_mark)

    assert receipt == RetryLater("cannot write to the folder: File exists", "EEXIST")
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]


async def test_an_edition_without_the_text_is_refused_by_name(tmp_path: Path) -> None:
    receipt = await FolderChannel(tmp_path).send(a_delivery(texts={}), no_mark)

    assert receipt == Refused("the edition has no blog.md", our_fault=True)


def test_texts_that_would_overwrite_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="same name"):
        FolderChannel(tmp_path, ("blog.md", "plain.md"))
