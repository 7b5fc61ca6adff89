"""The doctor tells what answers, what does not, and what to do, without sending anything."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import AuthResult, LoginPassword
from pydantic import SecretStr

import analysis.sources.yahoo
from bot.cli import main
from bot.doctor_delivery import checked, database, discord, mail
from bot.errors import DeskError
from bot.finding import FAILED, OK, Finding
from bot.ledger.database import open_ledger
from bot.ledger.migrate import downgrade, upgrade
from bot.settings import Settings
from tests.market_folder import LAST, write_small_folder
from tests.replay import faults
from tests.replay.real_day import EVENING, addresses
from tests.replay.server import Replay, Reply, serving
from tests.replay.small_day import SYMBOLS, serve_small_day


class Nothing(Message):
    """Takes no mail: a doctor sends none."""

    def handle_message(self, message: object) -> None:
        """Fail the test."""
        raise AssertionError(f"the doctor sent a mail: {message}")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class MailServer:
    """A mail server that knows one password."""

    port: int

    def address(self, password: str) -> str:
        """Return the setting for it."""
        return f"smtp://desk:{password}@127.0.0.1:{self.port}"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    def authenticate(*given: object) -> AuthResult:
        login = given[-1]
        known = isinstance(login, LoginPassword) and login.password == b"right"
        return AuthResult(success=known, handled=False)

    port = free_port()
    controller = Controller(
        Nothing(),
        hostname="127.0.0.1",
        port=port,
        authenticator=authenticate,
        auth_require_tls=False,
    )
    controller.start()
    yield MailServer(port)
    controller.stop()


def test_a_mail_server_is_greeted_and_nothing_is_sent(mail_server: MailServer) -> None:
    found = mail(mail_server.address("right"))

    assert found.status == OK
    assert found.reachable
    assert "takes the login" in found.found


def test_a_wrong_password_is_told_without_repeating_it(mail_server: MailServer) -> None:
    found = mail(mail_server.address("very-secret"))

    assert found.status == FAILED
    assert "login" in found.found
    assert "UNDERTOW_SMTP_URL" in found.advice
    assert "very-secret" not in str(found)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("smtp://127.0.0.1:1", "does not answer"),
        ("smtp://nowhere.invalid:587", "does not answer"),
        ("http://mail.example.org", "no address of a mail server"),
        ("smtp://mail.example.org:port", "no address of a mail server"),
    ],
    ids=["nobody listens", "no such host", "another scheme", "a port that is none"],
)
def test_a_mail_server_that_cannot_be_had_is_told_with_what_to_do(address: str, words: str) -> None:
    found = mail(address)

    assert found.status == FAILED
    assert words in found.found
    assert found.advice


def test_mail_without_its_setting_is_off_and_fine() -> None:
    assert mail(None).status == OK


@pytest.fixture
def discord_server() -> Iterator[Replay]:
    with serving(Replay()) as server:
        body = json.dumps({"id": "1", "username": "Undertow"}).encode()
        server.routes["/api/v10/users/@me"] = lambda _: Reply(body=body)
        yield server


def test_discord_says_who_the_bot_is(discord_server: Replay) -> None:
    found = discord("token", f"{discord_server.url}/api/v10")

    assert (found.status, found.found) == (OK, "logged in as Undertow")
    assert discord_server.questions[0].headers["authorization"] == "Bot token"


@pytest.mark.parametrize(("status", "words"), [(401, "does not know the token"), (500, "HTTP 500")])
def test_what_discord_refuses_is_told_without_the_token(
    status: int, words: str, discord_server: Replay
) -> None:
    discord_server.faults["/api"] = faults.status(status)

    found = discord("hush-hush", f"{discord_server.url}/api/v10")

    assert found.status == FAILED
    assert words in found.found
    assert found.advice
    assert "hush-hush" not in str(found)


def test_discord_out_of_reach_is_told() -> None:
    found = discord("token", "http://nowhere.invalid/api/v10")

    assert (found.status, found.reachable) == (FAILED, False)


@dataclass
class Blog:
    """A channel that checks itself."""

    answer: str | Exception
    name: str = "blog"

    async def check(self) -> str:
        """Answer, or fail."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_channel_that_can_check_itself_is_asked() -> None:
    assert checked(Blog("the blog takes posts")).found == "the blog takes posts"
    refused = checked(Blog(DeskError("the blog wants another password")))
    assert (refused.status, refused.found) == (FAILED, "the blog wants another password")


def at(path: Path) -> Settings:
    return Settings(database_url=SecretStr(str(path)))


def test_a_ledger_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    found = database(at(tmp_path / "ledger.sqlite3"))

    assert found.status == OK
    assert "no ledger yet" in found.found
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_of_this_version_is_fine_and_an_older_one_is_to_be_upgraded(
    tmp_path: Path,
) -> None:
    async def bring(revision: str) -> None:
        ledger = open_ledger(str(tmp_path / "ledger.sqlite3"))
        await (upgrade(ledger) if revision == "head" else downgrade(ledger, revision))
        await ledger.close()

    asyncio.run(bring("head"))
    assert database(at(tmp_path / "ledger.sqlite3")).status == OK
    asyncio.run(bring("base"))
    found = database(at(tmp_path / "ledger.sqlite3"))
    assert found.status == FAILED
    assert found.advice == "run `undertow db upgrade`"


def test_a_damaged_ledger_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    path.write_bytes(b"these are only words " * 500)

    found = database(at(path))

    assert found.status == FAILED
    assert "its file is not an SQLite database" in found.found
    assert "UNDERTOW_DATABASE_URL" in found.advice


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql://ana:hush@127.0.0.1:1/desk", "nothing answers at that host and port"),
        ("postgresql://ana:hush/desk", "cannot be read"),
    ],
)
def test_a_ledger_elsewhere_that_cannot_be_had_is_told_in_words(address: str, words: str) -> None:
    found = database(at(Path()).model_copy(update={"database_url": SecretStr(address)}))

    assert found.status == FAILED
    assert words in found.found
    assert "hush" not in f"{found}"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(analysis.sources.yahoo, "desk_symbols", lambda: SYMBOLS)
    monkeypatch.setenv("UNDERTOW_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("UNDERTOW_NOW", EVENING)
    with serving(Replay()) as server:
        serve_small_day(server)
        for name, value in addresses(server.url).items():
            monkeypatch.setenv(name, value)
        yield server


def doctor_json(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, object]]]:
    status = main(["doctor", "--json"])
    return status, {one["name"]: one for one in json.loads(capsys.readouterr().out)}


@pytest.mark.usefixtures("desk")
def test_a_check_that_fails_itself_is_a_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(_settings: Settings) -> list[Finding]:
        raise TypeError("connect() got ana:hush")

    monkeypatch.setattr("bot.doctor_delivery.database", broken)

    status = main(["doctor", "--json"])
    told = capfd.readouterr()
    found = {one["name"]: one for one in json.loads(told.out)}

    assert status == 3
    assert found["database"]["found"] == "the check itself failed (TypeError)"
    assert "Traceback" not in told.err
    assert "hush" not in told.out + told.err


@pytest.mark.usefixtures("desk")
def test_a_desk_that_reads_a_market_folder_can_do_without_the_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in addresses("http://127.0.0.1:1").items():
        monkeypatch.setenv(name, value)
    assert doctor_json(capsys)[0] == 3
    monkeypatch.setenv("UNDERTOW_DATA", str(write_small_folder(tmp_path / "market")))

    status, found = doctor_json(capsys)

    assert status == 0
    assert (found["folder"]["status"], found["folder"]["as_of"]) == (OK, LAST)
    assert found["yahoo"]["status"] == "warning"

    monkeypatch.setenv("UNDERTOW_DATA", str(tmp_path / "nowhere"))
    status, found = doctor_json(capsys)
    assert (status, found["folder"]["status"]) == (3, FAILED)


@pytest.mark.usefixtures("desk")
def test_each_source_has_its_own_reason_and_the_prices_decide_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNDERTOW_SOURCES_OFF", "proshares")
    desk_quotes = Reply(body=b'{"quoteResponse": {"result": [{"regularMarketPrice": 5.0}]}}')
    with serving(Replay()) as yahoo:
        yahoo.routes["/"] = lambda _: desk_quotes
        monkeypatch.setenv("UNDERTOW_YAHOO_URL", yahoo.url)
        status, found = doctor_json(capsys)

    assert status == 0
    assert found["yahoo"]["reachable"] is True
    assert found["squeezemetrics"]["status"] == "ok"
    assert "no such file (HTTP 404)" in str(found["cftc"]["found"])
    assert found["cftc"]["reachable"] is True
    assert "SOURCES_OFF" in str(found["proshares"]["found"])
    assert found["database"]["status"] == "ok"


@pytest.mark.usefixtures("desk")
def test_a_channel_that_is_set_up_and_dead_ends_with_three(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNDERTOW_DISCORD_TOKEN", "token")
    monkeypatch.setenv("UNDERTOW_DISCORD_API_BASE", "http://nowhere.invalid/api/v10")

    status, found = doctor_json(capsys)

    assert status == 3
    assert found["discord"]["status"] == "failed"


@pytest.mark.usefixtures("desk")
def test_an_archive_that_cannot_be_opened_is_a_line_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    monkeypatch.setenv("UNDERTOW_ARCHIVE", str(tmp_path / "file"))

    status, found = doctor_json(capsys)

    assert status == 3
    assert "UNDERTOW_ARCHIVE" in str(found["archive"]["advice"])


@pytest.mark.usefixtures("desk")
def test_the_table_has_a_line_a_source_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor"])

    told = capsys.readouterr().out
    assert told.splitlines()[0].split() == ["status", "reachable", "as", "of", "age", "found"]
    assert "to do:" in told
    assert "feeds Cboe option chains: dealer_gamma" in told
