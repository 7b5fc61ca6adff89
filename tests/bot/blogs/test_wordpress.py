"""On WordPress a session is one post with one picture, whatever goes wrong on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.blogs.faults import BlogError
from bot.blogs.wordpress_api import WordPressApi
from bot.channels.wordpress import WordPress
from bot.edition import AGAIN, REMOVAL, RETRACTION, REVISION
from bot.ledger import Ledger
from bot.ledger.deliveries import DeliveryState
from bot.ledger.tables import deliveries
from tests.bot.blogs.fake_wordpress import USER, FakeWordPress
from tests.bot.blogs.posts import SLUG, BlogDesk, png

MARK = f"<!-- undertow {SLUG} -->"


async def test_a_note_becomes_a_post_with_its_picture_and_tags(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    row = await wordpress.publish()

    [post], [picture] = wordpress_site.posts, wordpress_site.media
    assert (row.state, row.reference) == (DeliveryState.SENT, f"http://blog.test/{SLUG}/")
    assert (post["slug"], post["status"]) == (SLUG, "publish")
    assert post["title"] == 'S&amp;P 500: "the close" cost &lt;shorts&gt;'
    assert post["date_gmt"] == "2025-11-21T21:00:00"
    assert [tag["name"] for tag in wordpress_site.things["tags"].values()] == [
        "mechanical",
        "month end",
    ]
    assert picture["alt_text"] == 'Bars: [shorts] {{ 7 }} "bought" 3% & more.'
    assert f'class="wp-image-{picture["id"]}"' in post["content"]["raw"]


async def test_a_post_is_made_of_blocks_and_holds_no_markup_of_the_words(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    await wordpress.publish()

    content = wordpress_site.posts[0]["content"]["raw"]
    assert content.startswith("<!-- wp:paragraph -->\n<p><em>Friday, 21 November 2025</em></p>")
    assert "<!-- wp:heading -->\n<h2>1. Why they {% had %} to</h2>\n<!-- /wp:heading -->" in content
    assert "&lt;script&gt;" in content
    assert "<script" not in content
    assert "href" not in content
    assert content.endswith(MARK)


async def test_publishing_twice_is_one_post_and_asks_for_nothing_the_second_time(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    await wordpress.publish()
    asked = len(wordpress_site.asked)

    await wordpress.publish()

    assert len(wordpress_site.posts) == 1
    assert len(wordpress_site.asked) == asked


async def test_a_correction_changes_the_post_and_its_picture_in_place(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    await wordpress.publish()
    number = wordpress_site.posts[0]["id"]

    row = await wordpress.correct(words="Somebody did.", shade=90)

    [post], [picture] = wordpress_site.posts, wordpress_site.media
    assert row.state is DeliveryState.SENT
    assert (post["id"], post["slug"]) == (number, SLUG)
    assert "Corrected on 21 November 2025" in post["content"]["raw"]
    assert "Somebody did." in post["content"]["raw"]
    assert f"wp-image-{picture['id']}" in post["content"]["raw"]
    assert picture["media_details"]["filesize"] == len(png(90))


@pytest.mark.parametrize("kind", [RETRACTION, REMOVAL])
async def test_a_withdrawn_note_is_a_draft_and_stays_one(
    kind: str, wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    await wordpress.publish()

    row = await wordpress.withdraw(kind)
    late = await wordpress.correct()

    assert row.state is DeliveryState.SENT
    assert late.reference == "a later edition stands"
    assert [post["status"] for post in wordpress_site.posts] == ["draft"]
    standing = await wordpress.standing()
    assert standing is not None
    assert standing.state == "withdrawn"


async def test_published_again_it_is_the_same_post_with_the_same_picture(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    await wordpress.publish()
    [number] = [post["id"] for post in wordpress_site.posts]
    await wordpress.withdraw()

    row = await wordpress.publish_again()

    [post], [_] = wordpress_site.posts, wordpress_site.media
    assert row.state is DeliveryState.SENT
    assert (post["id"], post["slug"], post["status"]) == (number, SLUG, "publish")
    assert "Corrected on" not in post["content"]["raw"]


async def test_published_again_after_its_data_were_mended_it_says_that_it_is_corrected(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    await wordpress.publish()
    await wordpress.withdraw()

    await wordpress.publish_again(corrected="Somebody did.")

    [post] = wordpress_site.posts
    assert (post["slug"], post["status"]) == (SLUG, "publish")
    assert "Corrected on 21 November 2025" in post["content"]["raw"]
    assert "Somebody did." in post["content"]["raw"]


async def test_published_again_and_never_answered_it_is_still_one_post(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    await wordpress.publish()
    await wordpress.withdraw()
    wordpress_site.faults = [("posts/", "gone away")]

    first = await wordpress.publish_again()
    second = await wordpress.try_again(AGAIN)

    assert (first.state, second.state) == (DeliveryState.PENDING, DeliveryState.SENT)
    assert [(post["slug"], post["status"]) for post in wordpress_site.posts] == [(SLUG, "publish")]


async def test_published_again_where_nothing_had_come_it_is_a_new_post(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    wordpress_site.faults = [("wp-json/", "gone away")]
    await wordpress.publish()
    await wordpress.withdraw()

    row = await wordpress.publish_again()

    assert row.state is DeliveryState.SENT
    assert [(post["slug"], post["status"]) for post in wordpress_site.posts] == [(SLUG, "publish")]


async def test_a_note_withdrawn_before_it_was_sent_is_never_sent(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    wordpress_site.faults = [("wp-json/", "gone away")]
    await wordpress.publish()

    row = await wordpress.withdraw()
    note = await wordpress.try_again()

    assert row.reference == "nothing of ours stood there"
    assert (note.state, note.code) == (DeliveryState.SKIPPED, "overtaken")
    assert wordpress_site.posts == []


async def test_a_wrong_password_fails_in_words_and_is_put_right_by_hand(
    wordpress: BlogDesk, wordpress_site: FakeWordPress, wordpress_url: str, books: Ledger
) -> None:
    wrong = BlogDesk(books, WordPress(WordPressApi(wordpress_url, USER, "wrong")))

    row = await wrong.publish()
    again = await wordpress.retry_by_hand()

    assert (row.state, row.code) == (DeliveryState.FAILED, "401")
    assert "set UNDERTOW_WORDPRESS_PASSWORD" in (row.detail or "")
    assert wrong.alarms.keys == ["refused:wordpress"]
    assert again.state is DeliveryState.SENT
    assert len(wordpress_site.posts) == 1


async def test_a_site_without_application_passwords_says_so(
    wordpress_site: FakeWordPress, wordpress_url: str
) -> None:
    wordpress_site.offers_passwords = False

    with pytest.raises(BlogError, match="no application passwords here: they need https"):
        await WordPress(WordPressApi(wordpress_url, USER, "wrong")).check()


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (("POST /wp-json/wp/v2/posts", "500 after"), "500"),
        (("POST /wp-json/wp/v2/posts", "slow"), "timeout"),
        (("POST /wp-json/wp/v2/posts", "gone away"), "502"),
        (("POST /wp-json/wp/v2/media", "500 after"), "500"),
        (("POST /wp-json/wp/v2/media", "slow"), "timeout"),
        (("finish", "half"), "500"),
        (("POST /wp-json/wp/v2/tags", "500 after"), "500"),
        (("GET /wp-json/wp/v2/posts", "html"), "not json"),
        (("GET /wp-json/", "gone away"), "502"),
        (("POST /wp-json/wp/v2/posts", "garbage"), "unreadable"),
    ],
)
async def test_what_breaks_on_the_way_is_tried_again_and_nothing_is_doubled(
    fault: tuple[str, str], code: str, wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    wordpress_site.faults = [fault]
    desk = wordpress.in_a_hurry() if fault[1] == "slow" else wordpress

    first = await desk.publish()
    second = await wordpress.try_again()

    assert (first.state, first.code) == (DeliveryState.PENDING, code)
    assert second.state is DeliveryState.SENT
    assert [post["slug"] for post in wordpress_site.posts] == [SLUG]
    assert [one["media_details"]["width"] for one in wordpress_site.media] == [48]
    assert len(wordpress_site.things["tags"]) == 2
    assert wordpress_site.faults == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("redirect", "redirects to https://blog.example; set UNDERTOW_WORDPRESS_URL"),
        ("firewall", "a firewall or security plugin blocks the REST API"),
    ],
)
async def test_what_only_a_person_can_mend_fails_and_says_what_to_change(
    fault: str, words: str, wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    wordpress_site.faults = [("wp/v2/posts", fault)]

    row = await wordpress.publish()

    assert row.state is DeliveryState.FAILED
    assert words in (row.detail or "")
    assert "secret-path" not in (row.detail or "")


async def test_a_busy_site_is_left_alone_for_as_long_as_it_asks(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    wordpress_site.faults = [("POST /wp-json/wp/v2/posts", "busy")]

    row = await wordpress.publish()

    assert row.state is DeliveryState.PENDING
    assert (row.not_before - wordpress.clock()).total_seconds() == 1800


async def test_a_post_made_before_we_could_write_it_down_is_adopted(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    wordpress_site.add("posts", slug=SLUG, status="draft", content={"raw": f"<p>Half</p>{MARK}"})

    row = await wordpress.publish()

    assert row.state is DeliveryState.SENT
    assert [(post["slug"], post["status"]) for post in wordpress_site.posts] == [(SLUG, "publish")]


async def test_our_post_in_the_trash_is_brought_back_and_not_doubled(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    wordpress_site.add("posts", slug=f"{SLUG}__trashed", status="trash", content={"raw": MARK})

    await wordpress.publish()

    assert [(post["slug"], post["status"]) for post in wordpress_site.posts] == [(SLUG, "publish")]


async def test_somebody_elses_post_is_never_touched_and_ours_stands_beside_it(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    theirs = wordpress_site.add("posts", slug=SLUG, status="publish", content={"raw": "Recipe"})

    row = await wordpress.publish()

    await wordpress.correct()

    assert row.state is DeliveryState.SENT
    assert [post["slug"] for post in wordpress_site.posts] == [SLUG, f"{SLUG}-2"]
    assert theirs["content"]["raw"] == "Recipe"


async def test_a_second_post_that_came_out_under_another_slug_is_taken_back(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    await wordpress.publish()
    first = wordpress_site.posts[0]["id"]
    made = wordpress_site.add("posts", slug=SLUG, status="publish", content={"raw": MARK})
    assert made["slug"] == f"{SLUG}-2"
    assert isinstance(wordpress.blog, WordPress)

    kept = await wordpress.blog._only(made, SLUG, {"status": "publish"})

    assert kept["id"] == first
    assert [post["id"] for post in wordpress_site.posts] == [first]


async def test_a_post_that_a_person_took_down_stays_down_when_corrected(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    await wordpress.publish()
    wordpress_site.posts[0]["status"] = "private"

    await wordpress.correct(words="Somebody did.")

    assert wordpress_site.posts[0]["status"] == "private"
    assert "Somebody did." in wordpress_site.posts[0]["content"]["raw"]


async def test_a_post_that_was_deleted_for_good_is_made_anew_by_a_correction(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    await wordpress.publish()
    wordpress_site.things["posts"].clear()

    await wordpress.correct()

    assert [(post["slug"], post["status"]) for post in wordpress_site.posts] == [(SLUG, "publish")]


async def test_a_site_with_plain_links_is_found_by_its_query(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    wordpress_site.plain_links = True

    row = await wordpress.publish()

    assert row.state is DeliveryState.SENT
    assert len(wordpress_site.posts) == 1


async def test_a_category_the_account_may_not_make_is_named(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    assert isinstance(wordpress.blog, WordPress)
    filed = replace(wordpress, blog=replace(wordpress.blog, category="Market notes"))

    row = await filed.publish()
    wordpress_site.add("categories", slug="market-notes", name="Market Notes")
    again = await filed.retry_by_hand()

    assert "make it in WordPress (Posts, Categories)" in (row.detail or "")
    assert again.state is DeliveryState.SENT
    assert wordpress_site.posts[0]["categories"] == list(wordpress_site.things["categories"])


async def test_the_check_names_what_the_account_lacks(
    wordpress: BlogDesk, wordpress_site: FakeWordPress, wordpress_url: str
) -> None:
    host = wordpress_url.removeprefix("http://")
    assert await wordpress.channel.check() == (
        f"WordPress at {host}: signed in as {USER} (author), may publish"
    )

    wordpress_site.capabilities["publish_posts"] = False

    with pytest.raises(BlogError, match=r"\(publish_posts\); give it the role Author"):
        await wordpress.channel.check()


async def test_a_correction_waits_while_another_worker_has_the_note_in_hand(
    wordpress: BlogDesk, wordpress_site: FakeWordPress
) -> None:
    await wordpress.publish()
    row = await wordpress.row()
    async with wordpress.ledger.write() as tx:
        await tx.execute(
            update(deliveries).where(deliveries.c.id == row.id).values(state="sending")
        )

    correction = await wordpress.publish(REVISION, words="Somebody did.")

    assert (correction.state, correction.code) == (DeliveryState.PENDING, "busy")
