"""What an operator may set is written down, and mistakes are refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadArgumentError
from bot.settings import Settings, read_settings, unknown_settings

ENV_EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_env_example_names_every_setting_and_no_other() -> None:
    lines = ENV_EXAMPLE.read_text("utf-8").splitlines()
    documented = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}

    assert documented == {f"UNDERTOW_{name.upper()}" for name in Settings.model_fields}


def test_the_example_is_a_working_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text(ENV_EXAMPLE.read_text("utf-8"), "utf-8")
    monkeypatch.chdir(tmp_path)

    assert Settings() == Settings.model_construct(
        **{name: field.get_default() for name, field in Settings.model_fields.items()}
    )


@pytest.mark.parametrize("where", ["the environment", ".env"])
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("UNDERTOW_FOLDR", "UNDERTOW_FOLDER"),
        ("UNDERTOW_DISCORD_TOKN", "UNDERTOW_DISCORD_TOKEN"),
        ("UNDERTOW_SECRETKEY_FILE", "UNDERTOW_SECRET_KEY_FILE"),
        ("UNDERTOW_PUBLISH_AFTER_CLOSE", "UNDERTOW_PUBLISH_AFTER_CLOSE_MIN"),
        ("undertow_folders", "UNDERTOW_FOLDER"),
    ],
)
def test_a_misspelt_setting_is_named_with_the_nearest_right_one_and_without_its_value(
    written: str, meant: str, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if where == ".env":
        (tmp_path / ".env").write_text(f"{written}=hush\n", "utf-8")
    else:
        monkeypatch.setenv(written, "hush")

    assert unknown_settings() == [
        f"{written} in {where} is no setting and is not read; did you mean {meant}? "
        ".env.example shows every setting"
    ]


def test_a_misspelt_setting_is_a_warning_once_and_no_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ".env").write_text("UNDERTOW_PUBLISH_ART=16:45\nUNDERTOW_PORT=8099\n", "utf-8")
    monkeypatch.chdir(tmp_path)

    settings = [read_settings(), read_settings()]

    assert [one.port for one in settings] == [8099, 8099]
    assert [one.levelname for one in caplog.records] == ["WARNING"]
    assert caplog.messages[0].startswith("UNDERTOW_PUBLISH_ART in .env is no setting")


def test_lines_of_other_programs_and_the_tests_own_names_are_no_slips(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "\ufeffUNDERTOW_PORT=8099\nCOMPOSE_PROJECT_NAME=desk\nPOSTGRES_PASSWORD=hush\n"
    (tmp_path / ".env").write_text(lines, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNDERTOW_MARKET", "market")

    assert unknown_settings() == []
    assert read_settings().port == 8099


def test_a_secret_in_a_file_may_be_named_in_env(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("hush-hush\n", "utf-8")
    (tmp_path / ".env").write_text("UNDERTOW_SECRET_KEY_FILE=key\n", "utf-8")
    monkeypatch.chdir(tmp_path)

    settings = read_settings()

    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() == "hush-hush"


@pytest.mark.parametrize(
    "name", ["yahoo_url", "cftc_url", "proshares_url", "discord_api_base", "wordpress_url"]
)
@pytest.mark.parametrize("word", ["hush", "hu/sh", "hu@sh", "hush:hush"])
def test_an_address_is_shown_without_who_logs_in_there(
    name: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"UNDERTOW_{name.upper()}", f"https://ana:{word}@mirror.test/data")

    settings = Settings()

    assert getattr(settings, name) == f"https://ana:{word}@mirror.test/data"
    for shown in (repr(settings), str(settings)):
        assert f"{name}='https://**********@mirror.test/data'" in shown
        assert "sh" + "@mirror" not in shown


def test_a_rehearsal_clock_needs_an_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERTOW_NOW", "2025-04-09T18:00:00")

    with pytest.raises(BadArgumentError, match="UNDERTOW_NOW"):
        read_settings()


def test_no_secret_shows_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = [
        name
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    ]
    for name in secret:
        monkeypatch.setenv(f"UNDERTOW_{name.upper()}", f"hush-hush-hush-{name}")

    settings = Settings()

    assert len(secret) == 12
    assert "hush" not in repr(settings) + str(settings) + repr(settings.model_dump())
