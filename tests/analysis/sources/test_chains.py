"""Option chains of a market folder, summed up by session."""

import gzip
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.gamma_chains import SUMMARY
from analysis.options.flip import flip_zone
from analysis.sources.chains import gamma_table, index_chain

HEADER = "session_date,ticker,option,bid,ask,open_interest,iv,gamma,last_trade_time\n"
UNDERLYING = "session_date,ticker,fetched_at_utc,current_price,close,last_trade_time\n"
FOLDER = Path(os.environ.get("UNDERTOW_MARKET", Path(__file__).parents[3] / "../shared/market"))

CALL_4000_IN_A_YEAR = ("SPXW270722C04000000", 1000, 0.2)
PUT_4000_IN_A_YEAR = ("SPXW270722P04000000", 500, 0.2)
WINGS = (("SPXW270722P03000000", 0, 0.2), ("SPXW270722C05000000", 0, 0.2))
"""Nobody holds them; they show that the price belongs to these strikes."""
EXPIRING_TODAY = ("SPXW260722C04000000", 90000, 0.2)

PRIOR = pd.Series({pd.Timestamp("2026-07-22"): 4000.0 * np.exp(0.1)})

Contract = tuple[str, int, float]


def write_chain(folder: Path, label: str, traded: str, *contracts: Contract) -> Path:
    """Write an SPX chain under one session's name that last traded in another, spot 4,000."""
    place = folder / "chains/cboe/SPX"
    place.mkdir(parents=True, exist_ok=True)
    rows = "".join(
        f"{label},_SPX,{option},0,0,{interest},{iv},0.0,{traded}T15:00:00\n"
        for option, interest, iv in (*WINGS, *contracts)
    )
    path = place / f"{label}.csv.gz"
    path.write_bytes(gzip.compress((HEADER + rows).encode()))
    underlying = place.parent / "underlying.csv"
    if not underlying.exists():
        underlying.write_text(UNDERLYING)
    with underlying.open("a") as lines:
        lines.write(f"{label},_SPX,{label}T22:00:00Z,4000.0,4000.0,{traded}T16:14:59\n")
    return path


def test_two_contracts_at_the_money_give_the_gamma_of_the_textbook(tmp_path: Path) -> None:
    write_chain(tmp_path, "2026-07-22", "2026-07-22", CALL_4000_IN_A_YEAR, PUT_4000_IN_A_YEAR)

    row = gamma_table(tmp_path, None, PRIOR)[0].iloc[0]

    # d1 = 0.1, density 0.3969525, gamma = 0.3969525 / (4000 * 0.2) = 4.961907e-4;
    # times 1,000 contracts * 100 shares * 4000^2 * 1 % = 7.939051 m a per cent.
    assert row["naive_usd_per_pct"] == pytest.approx(7.939051e6 - 3.969525e6, rel=1e-6)
    assert row["short_calls_usd_per_pct"] == pytest.approx(-7.939051e6, rel=1e-6)
    assert row["all_short_usd_per_pct"] == pytest.approx(-11.908576e6, rel=1e-6)


def test_gamma_at_the_open_is_measured_at_the_prior_close(tmp_path: Path) -> None:
    write_chain(tmp_path, "2026-07-22", "2026-07-22", CALL_4000_IN_A_YEAR)

    row = gamma_table(tmp_path, None, PRIOR)[0].iloc[0]

    # Spot 4000 e^0.1: d1 = (0.1 + 0.02) / 0.2 = 0.6, density 0.3332246;
    # times spot / 0.2 * 1,000 contracts: 0.3332246 * 4420.6837 / 0.2 * 1000.
    assert row["naive_open_usd_per_pct"] == pytest.approx(7.365402e6, rel=1e-6)


def test_contracts_that_expire_with_the_session_are_dropped(tmp_path: Path) -> None:
    write_chain(tmp_path, "2026-07-22", "2026-07-22", CALL_4000_IN_A_YEAR, EXPIRING_TODAY)

    row = gamma_table(tmp_path, None, PRIOR)[0].iloc[0]

    assert row["naive_usd_per_pct"] == pytest.approx(7.939051e6, rel=1e-6)
    assert row["expiring_le_1d"] == 0.0


def test_spx_and_spxw_of_one_strike_and_expiry_are_summed(tmp_path: Path) -> None:
    both = [("SPX270716C04000000", 1000, 0.2), ("SPXW270716C04000000", 1000, 0.2)]
    write_chain(tmp_path, "2026-07-22", "2026-07-22", *both)

    row = gamma_table(tmp_path, None, PRIOR)[0].iloc[0]

    # A little more than two of the one-year calls: these have 359 days left.
    assert row["naive_usd_per_pct"] == pytest.approx(2 * 7.94e6, rel=0.01)


def test_yesterday_s_chain_under_today_s_name_is_refused_and_named(tmp_path: Path) -> None:
    write_chain(tmp_path, "2026-07-22", "2026-07-22", CALL_4000_IN_A_YEAR)
    write_chain(tmp_path, "2026-07-23", "2026-07-22", CALL_4000_IN_A_YEAR)

    table, (note,) = gamma_table(tmp_path, None, PRIOR)

    assert table["date"].to_list() == [pd.Timestamp("2026-07-22")]
    assert note.as_of == pd.Timestamp("2026-07-22")
    assert "SPX/2026-07-23.csv.gz" in note.problem
    assert "2026-07-22" in note.problem


def test_later_sessions_are_not_even_opened(tmp_path: Path) -> None:
    write_chain(tmp_path, "2026-07-22", "2026-07-22", CALL_4000_IN_A_YEAR)
    (tmp_path / "chains/cboe/SPX/2026-07-24.csv.gz").write_bytes(b"no chain at all")

    table, (note,) = gamma_table(tmp_path, pd.Timestamp("2026-07-22"), PRIOR)

    assert len(table) == 1
    assert note.problem == ""


def test_a_damaged_file_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    write_chain(tmp_path, "2026-07-22", "2026-07-22", CALL_4000_IN_A_YEAR)
    whole = write_chain(tmp_path, "2026-07-24", "2026-07-24", CALL_4000_IN_A_YEAR)
    whole.write_bytes(whole.read_bytes()[:-20])

    table, (note,) = gamma_table(tmp_path, None, PRIOR)

    assert len(table) == 1
    assert "2026-07-24" in note.problem


def write_download(folder: Path) -> None:
    """Write a loose download of 22 July 2026: two expiries, three strikes, spot 4,000."""
    place = folder / "chains/quotedata_csv"
    place.mkdir(parents=True)
    quiet = "0,0,0,0,0"
    row = (
        f"Thu Jul 22 2027,SPXW270722C04000000,{quiet},0.2,0.5,0,1000,4000.00,"
        f"SPXW270722P04000000,{quiet},0.2,-0.5,0,500\n"
    )
    near = row.replace("270722", "260821").replace("Thu Jul 22 2027", "Fri Aug 21 2026")
    rows = "".join(
        (near + row).replace("04000000", f"0{strike}000").replace("4000.00", f"{strike}.00")
        for strike in (3000, 4000, 5000)
    )
    words = (
        "\nS&P 500 INDEX,Last: 4000.00,Change: 0\n"
        '"Date: July 22, 2026 at 5:00 PM EDT",Bid: 0,Ask: 0,Size: 0*0,Volume: 0\n'
        "Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,"
        "Strike,Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest\n"
    )
    (place / "download.csv").write_text(words + rows)


def test_a_download_counts_by_the_session_inside_it(tmp_path: Path) -> None:
    write_download(tmp_path)

    then, _ = gamma_table(tmp_path, pd.Timestamp("2026-07-22"), PRIOR)
    before, _ = gamma_table(tmp_path, pd.Timestamp("2026-07-21"), PRIOR)

    assert then["date"].to_list() == [pd.Timestamp("2026-07-22")]
    assert before.empty


def test_the_chain_that_is_drawn_is_the_one_that_is_summed_up(tmp_path: Path) -> None:
    write_download(tmp_path)
    loose = index_chain(tmp_path, pd.Timestamp("2026-07-22"))
    summed = gamma_table(tmp_path, None, PRIOR)[0].iloc[0]
    write_chain(tmp_path, "2026-07-22", "2026-07-22", CALL_4000_IN_A_YEAR)
    named = index_chain(tmp_path, pd.Timestamp("2026-07-22"))
    summed_by_name = gamma_table(tmp_path, None, PRIOR)[0].iloc[0]

    assert loose is not None
    assert named is not None
    assert flip_zone(loose).low == pytest.approx(summed["flip_low"], nan_ok=True)
    assert (len(loose.strike), len(named.strike)) == (12, 3)
    assert summed_by_name["naive_usd_per_pct"] == pytest.approx(7.939051e6, rel=1e-6)


def test_a_refused_download_of_a_later_session_is_not_named_early(tmp_path: Path) -> None:
    place = tmp_path / "chains/quotedata_csv"
    place.mkdir(parents=True)
    (place / "cut.csv").write_text("x,SPXW260724C04000000,SPXW260724P04000000")

    early = gamma_table(tmp_path, pd.Timestamp("2026-07-22"), PRIOR)[1][0]
    later = gamma_table(tmp_path, pd.Timestamp("2026-07-24"), PRIOR)[1][0]

    assert early.problem == ""
    assert "cut.csv" in later.problem


def test_a_folder_without_chains_has_an_empty_table_with_every_column(tmp_path: Path) -> None:
    table, (note,) = gamma_table(tmp_path, None, PRIOR)

    assert table.empty
    assert set(SUMMARY) <= set(table.columns)
    assert note.as_of is None


@pytest.mark.slow
@pytest.mark.skipif(
    not (FOLDER / "chains/cboe").is_dir(), reason="no market folder; set UNDERTOW_MARKET"
)
def test_the_real_folder_has_ten_sessions_and_two_refused_repeats() -> None:
    table, (note,) = gamma_table(FOLDER, None, pd.Series(dtype=float))
    summer = table[table["date"] >= "2026-07-01"]

    assert summer.groupby("symbol")["date"].nunique().to_dict() == {"SPX": 10, "SPY": 10}
    assert note.problem.count("refused") == 2
    assert note.problem.count("2026-07-23.csv.gz") == 2
    # Weekends do not expire: no gamma runs off by the day after a Friday.
    assert summer.loc[summer["date"] == "2026-07-24", "expiring_le_1d"].eq(0.0).all()
