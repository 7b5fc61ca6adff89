"""One client for every vendor: it asks once, asks politely, and knows when to stop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.sources.faults import Fault, VendorError
from analysis.sources.gate import Gate
from analysis.sources.http import USER_AGENT, Expect, Http
from tests.replay import faults
from tests.replay.quick import QUICK
from tests.replay.server import Question, Replay, Reply, serving

BODY = b"date,price\n2026-07-29,1\n"


@pytest.fixture
def server() -> Iterator[Replay]:
    with serving(Replay()) as replayed:
        replayed.routes["/file.csv"] = lambda _: Reply(body=BODY, content_type="text/csv")
        yield replayed


@pytest.fixture
def http(tmp_path: Path) -> Iterator[Http]:
    client = Http(Gate(QUICK), tmp_path)
    yield client
    client.close()


def fault_of(http: Http, url: str) -> Fault:
    with pytest.raises(VendorError) as raised:
        http.get("vendor", url, Expect.TABLE)
    return raised.value.fault


def test_the_client_says_who_it_is(server: Replay, http: Http) -> None:
    http.get("vendor", f"{server.url}/file.csv", Expect.TABLE)

    assert server.questions[0].headers["user-agent"] == USER_AGENT
    assert "Undertow" in USER_AGENT


@pytest.mark.parametrize(
    ("mark", "condition"),
    [("etag", "if-none-match"), ("last-modified", "if-modified-since")],
)
def test_an_unchanged_file_is_asked_for_by_its_mark_and_not_sent_again(
    mark: str, condition: str, server: Replay, tmp_path: Path
) -> None:
    def answer(question: Question) -> Reply:
        if question.headers.get(condition) == "the mark":
            return Reply(status=304)
        return Reply(body=BODY, content_type="text/csv", headers={mark: "the mark"})

    server.routes["/file.csv"] = answer
    found = []
    for _ in range(2):
        client = Http(Gate(QUICK), tmp_path)
        found.append(client.get("vendor", f"{server.url}/file.csv", Expect.TABLE))
        client.close()

    assert [one.unchanged for one in found] == [False, True]
    assert [one.content for one in found] == [BODY, BODY]


def test_a_kept_answer_that_was_damaged_is_asked_for_whole(
    server: Replay, http: Http, tmp_path: Path
) -> None:
    server.routes["/file.csv"] = lambda _: Reply(
        body=BODY, content_type="text/csv", headers={"etag": "x"}
    )
    http.get("vendor", f"{server.url}/file.csv", Expect.TABLE)
    for kept in tmp_path.iterdir():
        kept.write_bytes(kept.read_bytes()[:-3])

    http.get("vendor", f"{server.url}/file.csv", Expect.TABLE)

    assert "if-none-match" not in server.questions[1].headers


def test_a_host_that_failed_twice_is_left_alone(server: Replay, http: Http) -> None:
    server.faults["/file.csv"] = faults.status(500)

    found = [fault_of(http, f"{server.url}/file.csv") for _ in range(4)]

    assert found == [Fault.SERVER, Fault.SERVER, Fault.RESTING, Fault.RESTING]
    assert len(server.hits) == 2 * QUICK.attempts


def test_one_good_answer_clears_a_hosts_name(server: Replay, http: Http) -> None:
    url = f"{server.url}/file.csv"
    for _ in range(3):
        server.faults["/file.csv"] = faults.status(500)
        assert fault_of(http, url) is Fault.SERVER
        server.faults.clear()
        assert http.get("vendor", url, Expect.TABLE).content == BODY


def test_a_missing_file_is_no_bad_day_of_its_host(server: Replay, http: Http) -> None:
    found = [fault_of(http, f"{server.url}/none.csv") for _ in range(4)]

    assert found == [Fault.NOT_THERE] * 4
    assert len(server.hits) == 4


def test_a_run_stops_asking_when_its_requests_are_used_up(server: Replay, tmp_path: Path) -> None:
    client = Http(Gate(replace(QUICK, requests=2)), tmp_path)
    url = f"{server.url}/file.csv"
    for _ in range(2):
        client.get("vendor", url, Expect.TABLE)

    assert fault_of(client, url) is Fault.BUDGET
    assert len(server.hits) == 2
    client.close()


def test_a_pause_that_a_host_asks_for_is_kept_if_short(server: Replay, http: Http) -> None:
    server.faults["/file.csv"] = faults.once(faults.status(429, retry_after="0.02"))

    assert http.get("vendor", f"{server.url}/file.csv", Expect.TABLE).content == BODY


def test_a_long_pause_is_not_waited_for(server: Replay, http: Http) -> None:
    server.faults["/file.csv"] = faults.status(429, retry_after="Wed, 29 Jul 2026 23:00:00 GMT")

    assert fault_of(http, f"{server.url}/file.csv") is Fault.TOO_MANY
    assert len(server.hits) == 1
