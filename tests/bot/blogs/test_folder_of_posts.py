"""In a folder of Markdown a session is one file and one picture, and no template runs on it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.blogs.faults import BlogError
from bot.blogs.markdown_file import read_head
from bot.blogs.sites import Engine, layout_of, site_of
from bot.channels.blog import BlogFolder, Committing
from bot.edition import RETRACTION
from bot.ledger import Ledger
from bot.ledger.deliveries import DeliveryState
from tests.bot.blogs.machine import run
from tests.bot.blogs.posts import SLUG, BlogDesk, png

HUGO_NOTE = f"content/posts/{SLUG}/index.md"
JEKYLL_NOTE = f"_posts/{SLUG}-market-note.md"


@pytest.fixture
def hugo(tmp_path: Path) -> Path:
    """Return the root of a Hugo site."""
    root = tmp_path / "hugo"
    root.mkdir()
    (root / "hugo.toml").write_text('title = "x"\n', "utf-8")
    return root


@pytest.fixture
def jekyll(tmp_path: Path) -> Path:
    """Return the root of a Jekyll site."""
    root = tmp_path / "jekyll"
    (root / "_posts").mkdir(parents=True)
    (root / "_config.yml").write_text("title: x\n", "utf-8")
    return root


def files_in(root: Path) -> list[str]:
    return sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and ".git/" not in path.as_posix()
    )


async def test_hugo_gets_a_bundle_with_a_head_it_understands(hugo: Path, books: Ledger) -> None:
    row = await BlogDesk(books, BlogFolder(hugo)).publish()

    head, body = read_head((hugo / HUGO_NOTE).read_text("utf-8"))
    assert (row.state, row.reference) == (DeliveryState.SENT, HUGO_NOTE)
    assert (hugo / HUGO_NOTE).with_name("drivers.png").read_bytes() == png()
    assert head["title"] == 'S&P 500: "the close" cost <shorts>'
    assert head["date"] == "2025-11-21T16:00:00-05:00"
    assert head["draft"] is False
    assert head["tags"] == ["mechanical", "month end"]
    assert head["slug"] == SLUG
    assert "\n# " not in body
    assert "(drivers.png)" in body


async def test_jekyll_gets_a_post_and_an_asset_whose_address_jekyll_completes(
    jekyll: Path, books: Ledger
) -> None:
    await BlogDesk(books, BlogFolder(jekyll)).publish()

    text = (jekyll / JEKYLL_NOTE).read_text("utf-8")
    picture = f"assets/undertow/{SLUG}/drivers.png"
    assert files_in(jekyll) == ["_config.yml", JEKYLL_NOTE, picture]
    assert f'({{{{ "/{picture}" | relative_url }}}})' in text
    assert read_head(text)[0]["layout"] == "post"


async def test_no_template_finds_anything_to_run_in_the_words(jekyll: Path, books: Ledger) -> None:
    await BlogDesk(books, BlogFolder(jekyll)).publish()

    _, body = read_head((jekyll / JEKYLL_NOTE).read_text("utf-8"))
    assert body.count("{") == 2
    assert "$$" not in body
    assert "&#123;% had %&#125;" in body


async def test_writing_again_touches_nothing(hugo: Path, books: Ledger) -> None:
    folder = BlogFolder(hugo)
    await BlogDesk(books, folder).publish()
    before = (hugo / HUGO_NOTE).stat()

    await BlogDesk(books, folder).publish()

    assert (hugo / HUGO_NOTE).stat() == before


async def test_a_correction_rewrites_the_post_under_its_first_date(
    hugo: Path, books: Ledger
) -> None:
    desk = BlogDesk(books, BlogFolder(hugo))
    await desk.publish()

    await desk.correct(shade=90)

    head, body = read_head((hugo / HUGO_NOTE).read_text("utf-8"))
    assert files_in(hugo / "content") == [f"posts/{SLUG}/drivers.png", f"posts/{SLUG}/index.md"]
    assert head["date"] == "2025-11-21T16:00:00-05:00"
    assert head["lastmod"] == "2025-11-21T16:30:00-05:00"
    assert "Somebody did." in body
    assert (hugo / HUGO_NOTE).with_name("drivers.png").read_bytes() == png(90)


async def test_a_withdrawn_note_is_a_draft_without_its_picture(jekyll: Path, books: Ledger) -> None:
    desk = BlogDesk(books, BlogFolder(jekyll))
    await desk.publish()

    row = await desk.withdraw()

    head, _ = read_head((jekyll / JEKYLL_NOTE).read_text("utf-8"))
    assert row.state is DeliveryState.SENT
    assert (head["draft"], head["published"]) == (True, False)
    assert head["withdrawn"] == "A price file was wrong."
    assert files_in(jekyll) == ["_config.yml", JEKYLL_NOTE]


async def test_a_note_published_again_has_its_place_and_its_picture_back(
    jekyll: Path, books: Ledger
) -> None:
    desk = BlogDesk(books, BlogFolder(jekyll))
    await desk.publish()
    before = {name: (jekyll / name).read_bytes() for name in files_in(jekyll)}
    await desk.withdraw()

    row = await desk.publish_again()

    assert row.state is DeliveryState.SENT
    assert {name: (jekyll / name).read_bytes() for name in files_in(jekyll)} == before


async def test_a_post_that_a_person_made_a_draft_stays_one(hugo: Path, books: Ledger) -> None:
    desk = BlogDesk(books, BlogFolder(hugo))
    await desk.publish()
    note = hugo / HUGO_NOTE
    note.write_text(note.read_text("utf-8").replace("draft: false", "draft: true"), "utf-8")

    await desk.correct()

    assert read_head(note.read_text("utf-8"))[0]["draft"] is True


async def test_a_file_that_is_not_ours_is_never_touched(hugo: Path, books: Ledger) -> None:
    note = hugo / HUGO_NOTE
    note.parent.mkdir(parents=True)
    note.write_text("---\ntitle: Mine\n---\nMine\n", "utf-8")

    row = await BlogDesk(books, BlogFolder(hugo)).publish()

    assert (row.state, row.code) == (DeliveryState.FAILED, "not ours")
    assert "Mine" in note.read_text("utf-8")


async def test_a_link_that_leads_out_of_the_site_is_not_followed(
    hugo: Path, tmp_path: Path, books: Ledger
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (hugo / "content").mkdir()
    (hugo / "content" / "posts").symlink_to(outside)

    row = await BlogDesk(books, BlogFolder(hugo)).publish()

    assert (row.state, row.code) == (DeliveryState.FAILED, "link")
    assert list(outside.iterdir()) == []


async def test_a_folder_that_cannot_be_written_is_tried_again(
    tmp_path: Path, books: Ledger
) -> None:
    (tmp_path / "notes").write_text("I am a file", "utf-8")

    row = await BlogDesk(books, BlogFolder(tmp_path / "notes")).publish()

    assert row.state is DeliveryState.PENDING
    assert "cannot write to the blog's folder" in (row.detail or "")


def test_the_folder_of_the_posts_may_be_named_as_well(hugo: Path, jekyll: Path) -> None:
    (hugo / "content" / "en" / "notes").mkdir(parents=True)

    deep = site_of(hugo / "content" / "en" / "notes")
    posts = site_of(jekyll / "_posts")

    assert (deep.root, deep.engine, str(deep.posts)) == (hugo, Engine.HUGO, "content/en/notes")
    assert (posts.root, posts.engine, str(posts.posts)) == (jekyll, Engine.JEKYLL, "_posts")


def test_a_site_that_could_be_either_must_be_named(hugo: Path) -> None:
    (hugo / "_config.yml").write_text("title: x\n", "utf-8")

    with pytest.raises(BlogError, match="set UNDERTOW_BLOG_ENGINE"):
        site_of(hugo)
    assert site_of(hugo, "jekyll").engine is Engine.JEKYLL
    assert site_of(hugo, "plain").engine is Engine.PLAIN


def test_a_folder_without_signs_takes_plain_files(tmp_path: Path) -> None:
    assert site_of(tmp_path).place(SLUG).note.as_posix() == f"{SLUG}.md"
    assert site_of(tmp_path, "hugo").place(SLUG).note.as_posix() == HUGO_NOTE


@pytest.mark.parametrize(
    ("config", "layouts", "expected"),
    [
        ({"defaults": [{"values": {"layout": "single"}}]}, [], ""),
        ({"theme": "minima"}, [], "post"),
        ({}, ["default"], "default"),
        ({}, ["default", "post"], "post"),
    ],
)
def test_a_jekyll_post_names_a_layout_that_the_site_has(
    config: dict[str, object], layouts: list[str], expected: str, jekyll: Path
) -> None:
    (jekyll / "_config.yml").write_text(yaml.safe_dump(config), "utf-8")
    (jekyll / "_layouts").mkdir()
    for name in layouts:
        (jekyll / "_layouts" / f"{name}.html").write_text("{{ content }}", "utf-8")

    assert layout_of(jekyll) == expected


def git(root: Path, *arguments: str) -> str:
    ours = ("user.name=Ana", "user.email=ana@desk.test", "core.fsmonitor=false")
    options = [part for one in ours for part in ("-c", one)]
    return run("git", *options, *arguments, cwd=root)


@pytest.fixture
def repository(hugo: Path) -> Path:
    """Return a Hugo site in git, with a hook that writes a file and work of the operator's."""
    git(hugo, "init", "--quiet", "--initial-branch=main")
    git(hugo, "add", "hugo.toml")
    git(hugo, "commit", "--quiet", "-m", "Begin")
    for name in ("pre-commit", "post-commit", "pre-push"):
        hook = hugo / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nenv > hooked\nexit 1\n", "utf-8")
        hook.chmod(0o755)
    git(hugo, "config", "core.fsmonitor", str(hugo / ".git" / "hooks" / "pre-commit"))
    (hugo / "draft.txt").write_text("half a thought", "utf-8")
    git(hugo, "add", "draft.txt")
    return hugo


async def test_a_commit_holds_our_files_only_and_runs_no_hook(
    repository: Path, books: Ledger
) -> None:
    desk = BlogDesk(books, BlogFolder(repository, committing=Committing.COMMIT))

    row = await desk.publish()

    listed = git(repository, "show", "--name-only", "--format=%s", "HEAD").split("\n")
    assert row.state is DeliveryState.SENT
    assert [line for line in listed if line] == [
        f"Market note of {SLUG}",
        f"content/posts/{SLUG}/drivers.png",
        f"content/posts/{SLUG}/index.md",
    ]
    assert git(repository, "diff", "--cached", "--name-only").split() == ["draft.txt"]
    assert not (repository / "hooked").exists()


async def test_every_change_is_one_commit_and_nothing_is_none(
    repository: Path, books: Ledger
) -> None:
    folder = BlogFolder(repository, committing=Committing.COMMIT)
    desk = BlogDesk(books, folder)
    await desk.publish()
    await desk.publish()
    await desk.correct()
    await desk.withdraw()

    row = await desk.row(RETRACTION)

    subjects = git(repository, "log", "--format=%s").split("\n")
    assert row.state is DeliveryState.SENT
    assert [line for line in subjects if line] == [
        f"Withdraw the market note of {SLUG}",
        f"Market note of {SLUG}",
        f"Market note of {SLUG}",
        "Begin",
    ]


async def test_a_commit_that_git_refuses_is_tried_again_and_then_made(
    repository: Path, books: Ledger
) -> None:
    desk = BlogDesk(books, BlogFolder(repository, committing=Committing.COMMIT))
    (repository / ".git" / "index.lock").write_text("", "utf-8")

    first = await desk.publish()
    (repository / ".git" / "index.lock").unlink()
    second = await desk.try_again()

    assert (first.state, first.code) == (DeliveryState.PENDING, "git")
    assert "index.lock" in (first.detail or "")
    assert second.state is DeliveryState.SENT
    assert "Market note" in git(repository, "log", "-1", "--format=%s")


async def test_nothing_is_pushed_unless_told(
    repository: Path, tmp_path: Path, books: Ledger
) -> None:
    far = tmp_path / "far.git"
    git(tmp_path, "init", "--quiet", "--bare", str(far))
    git(repository, "remote", "add", "origin", str(far))
    git(repository, "config", "branch.main.remote", "origin")
    git(repository, "config", "branch.main.merge", "refs/heads/main")
    desk = BlogDesk(books, BlogFolder(repository, committing=Committing.COMMIT))

    await desk.publish()
    before = git(far, "for-each-ref")
    pushing = BlogDesk(books, BlogFolder(repository, committing=Committing.PUSH), desk.clock)
    row = await pushing.correct()

    assert before == ""
    assert row.state is DeliveryState.SENT
    assert "Market note" in git(far, "log", "-1", "--format=%s", "main")


async def test_the_check_says_where_posts_go(hugo: Path, tmp_path: Path) -> None:
    words = await BlogFolder(hugo).check()

    assert words == f"hugo posts go to {hugo}/content/posts"
    with pytest.raises(BlogError, match="mend UNDERTOW_BLOG_FOLDER"):
        await BlogFolder(tmp_path / "nowhere").check()
    with pytest.raises(BlogError, match="not a git repository"):
        await BlogFolder(hugo, committing=Committing.COMMIT).check()
