"""A report of an evening is the same, byte for byte, whatever the folder learnt later."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from analysis.report import build_report
from analysis.sources.folder import FolderSource
from tests.market_folder import cut_folder


def printed(folder: Path, session: pd.Timestamp | None) -> bytes:
    """Return the report as `undertow report --json` prints it."""
    market = FolderSource(folder).fetch(session)
    body = build_report(market).as_dict()
    return json.dumps(body, ensure_ascii=False, allow_nan=False, indent=2).encode()


@pytest.mark.slow
@pytest.mark.parametrize(
    "date",
    [
        "2012-03-06",
        "2015-08-24",
        "2018-11-08",
        "2020-03-16",
        "2023-05-11",
        "2025-04-09",
        "2026-07-29",
        "2026-08-04",
    ],
)
def test_a_folder_cut_off_at_a_session_gives_the_same_report(
    market_folder: Path, tmp_path: Path, date: str
) -> None:
    session = pd.Timestamp(date)
    cut = cut_folder(market_folder, tmp_path, session)

    whole = printed(market_folder, session)

    assert printed(cut, session) == whole
    assert printed(cut, None) == whole
    assert b'"content_hash": "sha256:' in whole
