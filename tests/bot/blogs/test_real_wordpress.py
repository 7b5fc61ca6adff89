"""The desk and a real WordPress: one post a session, also after the site died under it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from bot.blogs.wordpress_api import WordPressApi
from bot.channels.wordpress import WordPress
from bot.ledger import Ledger
from bot.ledger.deliveries import DeliveryState
from bot.ledger.tables import attempts, deliveries, publications
from tests.bot.blogs.posts import SLUG, BlogDesk, a_post
from tests.bot.blogs.real_wordpress import RealWordPress, real_wordpress

pytestmark = pytest.mark.slow

ADDRESS = f"/2025/11/21/{SLUG}/"


@pytest.fixture(scope="module")
def running() -> Iterator[RealWordPress]:
    """Give a real WordPress."""
    with real_wordpress() as site:
        yield site


@pytest.fixture
def site(running: RealWordPress) -> RealWordPress:
    """Give a real WordPress without posts of ours."""
    running.forget_everything()
    return running


def desk(site: RealWordPress, books: Ledger, who: str = "desk") -> BlogDesk:
    """Return a desk that publishes there, under an account."""
    return BlogDesk(books, WordPress(WordPressApi(site.url, who, site.passwords[who])))


async def test_a_note_is_published_once_corrected_in_place_and_taken_down(
    site: RealWordPress, books: Ledger
) -> None:
    ours = desk(site, books)

    published = await ours.publish()
    await ours.publish()
    first, first_media = site.page(ADDRESS), site.media()
    corrected = await ours.correct(shade=90)
    second, second_media = site.page(ADDRESS), site.media()
    withdrawn = await ours.withdraw()
    third = site.page(ADDRESS)

    assert published.reference == f"{site.url}{ADDRESS}"
    assert {published.state, corrected.state, withdrawn.state} == {DeliveryState.SENT}
    assert (first[0], second[0], third[0]) == (200, 200, 404)
    assert site.posts() == [f"{SLUG} draft"]
    assert len(first_media) == len(second_media) == 1
    assert first_media != second_media
    assert "Nobody asked them." in first[1]
    assert "Somebody did." in second[1]
    assert "Corrected on 21 November 2025" in second[1]


async def test_a_note_taken_down_by_mistake_is_the_same_post_again_at_the_same_address(
    site: RealWordPress, books: Ledger
) -> None:
    ours = desk(site, books)
    await ours.publish()
    first, media = site.page(ADDRESS), site.media()
    await ours.withdraw()

    again = await ours.publish_again()
    second = site.page(ADDRESS)
    await ours.withdraw()
    gone = site.page(ADDRESS)
    await ours.publish_again("again-2", corrected="Somebody did.")
    third = site.page(ADDRESS)

    assert again.state is DeliveryState.SENT
    assert (first[0], second[0], gone[0], third[0]) == (200, 200, 404, 200)
    assert site.posts() == [f"{SLUG} publish"]
    assert site.media() == media
    assert "Corrected on" not in second[1]
    assert "Somebody did." in third[1]
    assert "Corrected on 21 November 2025" in third[1]


async def test_readers_see_the_words_as_they_were_written(
    site: RealWordPress, books: Ledger
) -> None:
    await desk(site, books).publish()

    status, html = site.page(ADDRESS)

    assert status == 200
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html
    assert 'href="javascript' not in html
    assert "{{&lt; do &gt;}}" in html or "{{&lt; do >}}" in html
    assert "<shorts>" not in html
    assert 'alt="Bars: [shorts] {{ 7 }} &quot;bought&quot; 3% &amp; more."' in html
    assert "<p></p>" not in html


@pytest.mark.parametrize(("broken", "code"), [("media", "500"), ("post", "500")])
async def test_a_site_that_dies_halfway_ends_with_one_post_and_one_picture(
    broken: str, code: str, site: RealWordPress, books: Ledger
) -> None:
    ours = desk(site, books)
    site.break_once(broken)

    first = await ours.publish()
    left = (site.posts(), site.media())
    second = await ours.try_again()

    assert (first.state, first.code) == (DeliveryState.PENDING, code)
    assert left[1] != []
    assert second.state is DeliveryState.SENT
    assert site.posts() == [f"{SLUG} publish"]
    assert [line.split()[1] for line in site.media()] == ["48"]


async def test_a_desk_that_died_before_it_wrote_it_down_adopts_its_post(
    site: RealWordPress, books: Ledger
) -> None:
    ours = desk(site, books)
    await ours.publish()
    async with books.write() as tx:
        for table in (publications, attempts, deliveries):
            await tx.execute(delete(table))

    row = await ours.publish()

    assert row.state is DeliveryState.SENT
    assert site.posts() == [f"{SLUG} publish"]
    assert len(site.media()) == 1


async def test_a_site_that_is_down_gets_the_post_when_it_is_up(
    site: RealWordPress, books: Ledger
) -> None:
    ours = desk(site, books)
    site.stop()
    try:
        first = await ours.publish()
    finally:
        site.start()
    second = await ours.try_again()

    assert (first.state, first.code) == (DeliveryState.PENDING, "connect")
    assert second.state is DeliveryState.SENT
    assert site.posts() == [f"{SLUG} publish"]


async def test_a_wrong_password_and_a_low_role_say_what_to_change(
    site: RealWordPress, books: Ledger
) -> None:
    wrong = BlogDesk(books, WordPress(WordPressApi(site.url, "desk", "wrong")))

    refused = await wrong.publish()
    low = await desk(site, books, "intern").retry_by_hand()
    mended = await desk(site, books).retry_by_hand()

    assert (refused.state, refused.code) == (DeliveryState.FAILED, "401")
    assert "make a new one (Users, Profile, Application Passwords" in (refused.detail or "")
    assert (low.state, low.code) == (DeliveryState.FAILED, "403")
    assert "give it the role Author or Editor" in (low.detail or "")
    assert mended.state is DeliveryState.SENT
    assert len(site.posts()) == len(site.media()) == 1


async def test_plain_links_are_found_and_somebody_elses_post_is_left_alone(
    site: RealWordPress, books: Ledger
) -> None:
    site.php("update_option('permalink_structure', '');")
    site.php(
        f"wp_insert_post(['post_title' => 'Mine', 'post_name' => '{SLUG}', "
        "'post_status' => 'publish', 'post_content' => 'Recipe']);"
    )
    ours = desk(site, books)
    try:
        row = await ours.publish()
        corrected = await ours.correct()
    finally:
        site.php("update_option('permalink_structure', '/%year%/%monthnum%/%day%/%postname%/');")

    assert (row.state, corrected.state) == (DeliveryState.SENT, DeliveryState.SENT)
    assert sorted(site.posts()) == [f"{SLUG} publish", f"{SLUG}-2 publish"]
    assert "Recipe" in site.page(f"/?name={SLUG}")[1]


async def test_our_post_in_the_trash_comes_back_under_its_own_slug(
    site: RealWordPress, books: Ledger
) -> None:
    ours = desk(site, books)
    await ours.blog.put(a_post(), None, show=True)
    site.php("foreach (get_posts(['exclude' => [1]]) as $p) wp_trash_post($p->ID);")
    trashed = site.posts()

    row = await ours.publish()

    assert trashed == [f"{SLUG}__trashed trash"]
    assert row.state is DeliveryState.SENT
    assert site.posts() == [f"{SLUG} publish"]


async def test_a_post_a_person_put_in_the_trash_stays_there_when_corrected(
    site: RealWordPress, books: Ledger
) -> None:
    ours = desk(site, books)
    await ours.publish()
    site.php("foreach (get_posts(['exclude' => [1]]) as $p) wp_trash_post($p->ID);")

    row = await ours.correct()

    assert row.state is DeliveryState.SENT
    assert [line.split()[1] for line in site.posts()] == ["trash"]


async def test_the_check_signs_in(site: RealWordPress, books: Ledger) -> None:
    words = await desk(site, books).channel.check()

    assert words == f"WordPress at 127.0.0.1:{site.port}: signed in as desk (author), may publish"
