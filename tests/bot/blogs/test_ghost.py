"""On Ghost a session is one post with one picture, whatever goes wrong on the way."""

from __future__ import annotations

import pytest

from bot.blogs.faults import BlogError
from bot.blogs.ghost_api import GhostApi, token
from bot.channels.ghost import OURS, Ghost
from bot.edition import REVISION
from bot.ledger import Ledger
from bot.ledger.deliveries import DeliveryState
from tests.bot.blogs.fake_ghost import KEY, FakeGhost
from tests.bot.blogs.posts import EVENING, SLUG, BlogDesk

OUR_TAG = [{"name": OURS}]

SIGNED = (
    "eyJhbGciOiJIUzI1NiIsImtpZCI6IjZiMDMwZWZiZTI5YjcyNzM2MjIwZjRlNiIsInR5cCI6IkpXVCJ9."
    "eyJpYXQiOjE3NjM3NjMzMDAsImV4cCI6MTc2Mzc2MzYwMCwiYXVkIjoiL2FkbWluLyJ9."
    "vd_gpJ15DPSOzeYIpb4pxAi2baUMWpDrqbIqoCaNGow"
)


async def test_a_note_becomes_a_published_post_with_its_picture(
    ghost: BlogDesk, ghost_site: FakeGhost
) -> None:
    row = await ghost.publish()

    [post] = ghost_site.posts.values()
    [picture] = ghost_site.pictures
    assert (row.state, row.reference) == (DeliveryState.SENT, f"http://blog.test/{SLUG}/")
    assert (post["slug"], post["status"]) == (SLUG, "published")
    assert post["title"] == 'S&P 500: "the close" cost <shorts>'
    assert post["published_at"] == "2025-11-21T21:00:00.000Z"
    assert [tag["name"] for tag in post["tags"]] == ["mechanical", "month end", "#undertow"]
    assert post["og_image"].endswith(picture)
    assert f'{picture}" alt="Bars: [shorts] {{{{ 7 }}}} &quot;bought&quot;' in post["html"]
    assert "<script" not in post["html"]


async def test_publishing_twice_is_one_post(ghost: BlogDesk, ghost_site: FakeGhost) -> None:
    await ghost.publish()
    asked = len(ghost_site.asked)

    await ghost.publish()

    assert len(ghost_site.posts) == 1
    assert len(ghost_site.asked) == asked


async def test_a_correction_changes_the_post_in_place_and_keeps_the_same_picture(
    ghost: BlogDesk, ghost_site: FakeGhost
) -> None:
    await ghost.publish()

    row = await ghost.correct(words="Somebody did.")

    [post] = ghost_site.posts.values()
    assert row.state is DeliveryState.SENT
    assert "Corrected on 21 November 2025" in post["html"]
    assert "Somebody did." in post["html"]
    assert len(ghost_site.pictures) == 1


async def test_a_withdrawn_note_is_a_draft_and_stays_one(
    ghost: BlogDesk, ghost_site: FakeGhost
) -> None:
    await ghost.publish()

    row = await ghost.withdraw()
    await ghost.correct()

    assert row.state is DeliveryState.SENT
    assert [post["status"] for post in ghost_site.posts.values()] == ["draft"]


async def test_published_again_it_is_the_same_post_with_the_same_picture(
    ghost: BlogDesk, ghost_site: FakeGhost
) -> None:
    await ghost.publish()
    await ghost.withdraw()

    row = await ghost.publish_again()

    [post] = ghost_site.posts.values()
    assert row.state is DeliveryState.SENT
    assert (post["slug"], post["status"]) == ("2025-11-21", "published")
    assert len(ghost_site.pictures) == 1


async def test_a_post_somebody_is_editing_is_fetched_again(
    ghost: BlogDesk, ghost_site: FakeGhost
) -> None:
    await ghost.publish()
    ghost_site.faults = [("save", "by somebody else")]

    row = await ghost.correct(words="Somebody did.")

    assert row.state is DeliveryState.SENT
    assert "Somebody did." in ghost_site.posts["post1"]["html"]
    assert ghost_site.faults == []


async def test_a_post_that_is_edited_without_end_is_tried_later(
    ghost: BlogDesk, ghost_site: FakeGhost
) -> None:
    await ghost.publish()
    ghost_site.faults = [("save", "by somebody else")] * 3

    first = await ghost.correct(words="Somebody did.")
    second = await ghost.try_again(REVISION)

    assert (first.state, first.code) == (DeliveryState.PENDING, "409")
    assert second.state is DeliveryState.SENT
    assert "Somebody did." in ghost_site.posts["post1"]["html"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (("POST /ghost/api/admin/posts", "500 after"), "500"),
        (("POST /ghost/api/admin/posts", "slow"), "timeout"),
        (("POST /ghost/api/admin/images", "500 after"), "500"),
        (("POST /ghost/api/admin/images", "slow"), "timeout"),
        (("POST /ghost/api/admin/images", "garbage"), "unreadable"),
        (("POST /ghost/api/admin/posts", "garbage"), "unreadable"),
        (("POST /ghost/api/admin/posts", "html"), "not json"),
        (("GET /ghost/api/admin/posts", "gone away"), "502"),
    ],
)
async def test_what_breaks_on_the_way_is_tried_again_and_nothing_is_doubled(
    fault: tuple[str, str], code: str, ghost: BlogDesk, ghost_site: FakeGhost
) -> None:
    ghost_site.faults = [fault]
    desk = ghost.in_a_hurry() if fault[1] == "slow" else ghost

    first = await desk.publish()
    second = await ghost.try_again()

    assert (first.state, first.code) == (DeliveryState.PENDING, code)
    assert second.state is DeliveryState.SENT
    assert [post["slug"] for post in ghost_site.posts.values()] == [SLUG]
    assert len(ghost_site.pictures) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("redirect", "redirects to https://blog.example; set UNDERTOW_GHOST_URL"),
        ("firewall", "a firewall stands in between"),
    ],
)
async def test_what_only_a_person_can_mend_fails_and_says_what_to_change(
    fault: str, words: str, ghost: BlogDesk, ghost_site: FakeGhost
) -> None:
    ghost_site.faults = [("posts", fault)]

    row = await ghost.publish()

    assert row.state is DeliveryState.FAILED
    assert words in (row.detail or "")


async def test_a_wrong_key_fails_in_words_and_is_put_right_by_hand(
    ghost: BlogDesk, ghost_site: FakeGhost, ghost_url: str, books: Ledger
) -> None:
    wrong = f"6b030efbe29b72736220f4e6:{'43' * 32}"

    row = await BlogDesk(books, Ghost(GhostApi(ghost_url, wrong))).publish()
    again = await ghost.retry_by_hand()

    assert (row.state, row.code) == (DeliveryState.FAILED, "401")
    assert "set UNDERTOW_GHOST_ADMIN_KEY" in (row.detail or "")
    assert "43" * 8 not in (row.detail or "")
    assert again.state is DeliveryState.SENT
    assert len(ghost_site.posts) == 1


async def test_a_server_that_is_down_is_tried_again(ghost_site: FakeGhost, books: Ledger) -> None:
    row = await BlogDesk(books, Ghost(GhostApi("http://127.0.0.1:9", KEY))).publish()

    assert (row.state, row.code) == (DeliveryState.PENDING, "connect")
    assert "no connection to 127.0.0.1" in (row.detail or "")


async def test_a_post_made_before_we_could_write_it_down_is_adopted(
    ghost: BlogDesk, ghost_site: FakeGhost
) -> None:
    ghost_site.add({"slug": SLUG, "status": "draft", "html": "half", "tags": OUR_TAG})

    row = await ghost.publish()

    assert row.state is DeliveryState.SENT
    assert [post["status"] for post in ghost_site.posts.values()] == ["published"]


async def test_somebody_elses_post_is_never_touched_and_ours_stands_beside_it(
    ghost: BlogDesk, ghost_site: FakeGhost
) -> None:
    ghost_site.add({"slug": SLUG, "status": "published", "html": "Recipe", "tags": []})

    row = await ghost.publish()

    assert (row.state, row.reference) == (DeliveryState.SENT, f"http://blog.test/{SLUG}-2/")
    assert ghost_site.posts["post1"]["html"] == "Recipe"
    assert ghost_site.posts["post2"]["slug"] == f"{SLUG}-2"


async def test_a_second_post_that_came_out_under_another_slug_is_taken_back(
    ghost: BlogDesk, ghost_site: FakeGhost
) -> None:
    await ghost.publish()
    made = ghost_site.add({"slug": SLUG, "status": "published", "html": "", "tags": OUR_TAG})
    assert made["slug"] == f"{SLUG}-2"
    assert isinstance(ghost.blog, Ghost)

    kept = await ghost.blog._only(made, SLUG, {"html": "the one"})

    assert kept["id"] == "post1"
    assert [post["html"] for post in ghost_site.posts.values()] == ["the one"]


async def test_the_check_names_the_version_and_a_key_that_is_not_taken(
    ghost: BlogDesk, ghost_url: str
) -> None:
    host = ghost_url.removeprefix("http://")
    assert await ghost.channel.check() == f"Ghost 6.65 at {host}: the key is taken"

    with pytest.raises(BlogError, match="Admin API key"):
        await Ghost(GhostApi(ghost_url, f"1:{'43' * 32}")).check()


def test_a_token_is_signed_as_an_outside_program_signs_it() -> None:
    # Signed with OpenSSL 3: printf HEAD.CLAIMS | openssl dgst -sha256 -mac HMAC -macopt hexkey:…
    signed = token(KEY, 1_763_763_300)

    assert signed == SIGNED


@pytest.mark.parametrize("key", ["", "secret", "id:", "id:nothex", ":" + "42" * 32, "id:4242"])
def test_a_key_of_another_form_is_refused_before_anything_is_sent(key: str) -> None:
    with pytest.raises(ValueError, match="not the Content API key"):
        GhostApi("https://blog.example", key)


def test_the_key_is_in_no_text_of_the_channel() -> None:
    assert "42" * 8 not in repr(Ghost(GhostApi("https://blog.example", KEY)))
    assert EVENING.timestamp() == 1_763_763_300
