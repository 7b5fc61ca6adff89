"""What an operator may set is written down, and mistakes are refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadArgumentError
from bot.settings import Settings, read_settings

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


def test_a_misspelt_setting_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("UNDERTOW_PUBLISH_ART=16:45\n", "utf-8")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(BadArgumentError, match="UNDERTOW_PUBLISH_ART"):
        read_settings()


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
