"""A blog without its settings is off; settings that would do harm are refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.assembly import channels_of, refuse_unsafe
from bot.blogs.assembly import unsafe_blogs
from bot.errors import BadArgumentError, DeskError
from bot.ledger import Ledger
from bot.settings import Settings
from tests.bot.blogs.fake_ghost import KEY
from tests.bot.fakes import FakeClock

WORDPRESS = {"wordpress_user": "desk", "wordpress_password": "abcd efgh"}


def settings(**values: str) -> Settings:
    return Settings.model_validate(values)


async def test_only_blogs_with_all_their_settings_are_on(books: Ledger, tmp_path: Path) -> None:
    whole = settings(
        blog_folder=str(tmp_path),
        wordpress_url="https://wordpress.example/notes/",
        ghost_url="http://localhost:2368",
        ghost_admin_key=KEY,
        **WORDPRESS,
    )

    channels = channels_of(whole, books, FakeClock())
    nothing = channels_of(settings(), books, FakeClock())

    assert [channel.name for channel in channels] == ["blog", "wordpress", "ghost"]
    assert nothing == []
    assert unsafe_blogs(whole) == []
    assert "abcd" not in repr(channels)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"wordpress_url": "https://w.example"}, "without WORDPRESS_USER and WORDPRESS_PASSWORD"),
        ({"ghost_admin_key": KEY}, "GHOST_ADMIN_KEY is set without GHOST_URL"),
        ({"wordpress_url": "http://w.example", **WORDPRESS}, "anyone on the way could read"),
        ({"wordpress_url": "http://192.168.1.5", **WORDPRESS}, "WORDPRESS_URL begins with http"),
        ({"ghost_url": "http://g.example", "ghost_admin_key": KEY}, "GHOST_URL begins with http"),
        ({"ghost_url": "g.example", "ghost_admin_key": KEY}, "must be a whole address"),
        ({"ghost_url": "https://a:b@g.example", "ghost_admin_key": KEY}, "without a password"),
        ({"blog_git": "commit"}, "without BLOG_FOLDER"),
    ],
)
def test_an_unsafe_combination_is_refused_by_name(values: dict[str, str], complaint: str) -> None:
    with pytest.raises(DeskError, match=complaint):
        refuse_unsafe(settings(**values))


def test_a_password_may_travel_on_this_machine_without_tls() -> None:
    assert unsafe_blogs(settings(wordpress_url="http://127.0.0.1:8088", **WORDPRESS)) == []


def test_a_ghost_key_of_another_form_is_named_without_being_shown(books: Ledger) -> None:
    wrong = settings(ghost_url="https://g.example", ghost_admin_key="22444f78447824223cefc48062")

    with pytest.raises(BadArgumentError, match="UNDERTOW_GHOST_ADMIN_KEY") as caught:
        channels_of(wrong, books, FakeClock())
    assert "22444f" not in str(caught.value)
