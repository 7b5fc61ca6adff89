"""A real WordPress of our own on loopback: Debian's packages, PHP's own server, MariaDB.

Nothing of the system is touched: the packages are only unpacked, the database and the site lie
in a temporary folder, on free ports. A must-use plugin breaks what a test asks it to, once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bot.blogs.machine import answers, free_port, need, page, run, start, stop, wait_until

DEBIAN = (
    "wordpress",
    "wordpress-theme-twentytwentythree",
    "libjs-cropper",
    "libjs-underscore",
    "php-getid3",
)
PHP = ("php-cli", "php-mysql", "php-xml", "php-mbstring", "php-gd", "php-curl")

CONFIG = """<?php
define('DB_NAME', 'wp'); define('DB_USER', 'wp'); define('DB_PASSWORD', 'wp');
define('DB_HOST', '127.0.0.1:%(database)d'); define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_ENVIRONMENT_TYPE', 'local'); define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_SITEURL', 'http://127.0.0.1:%(web)d'); define('WP_HOME', WP_SITEURL);
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $one) {
    define($one.'_KEY', $one.'1'); define($one.'_SALT', $one.'2');
}
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__.'/');
require_once ABSPATH.'wp-settings.php';
"""

INSTALL = """<?php
define('WP_INSTALLING', true); $_SERVER['HTTP_HOST'] = '127.0.0.1:%(web)d';
require 'wp-load.php'; require_once ABSPATH.'wp-admin/includes/upgrade.php';
function wp_mail() { return true; }
wp_install('Undertow test', 'owner', 'owner@desk.test', true, '', 'Long-pass-9-of-the-owner');
wp_insert_user(['user_login' => 'desk', 'user_pass' => 'Login-pass-9', 'role' => 'author']);
wp_insert_user(['user_login' => 'intern', 'user_pass' => 'Login-pass-9', 'role' => 'contributor']);
foreach (['owner', 'desk', 'intern'] as $name) {
    [$made] = WP_Application_Passwords::create_new_application_password(
        get_user_by('login', $name)->ID, ['name' => 'undertow']);
    echo "$name=$made\\n";
}
update_option('permalink_structure', '/%%year%%/%%monthnum%%/%%day%%/%%postname%%/');
"""

ROUTER = """<?php
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path !== '/' && is_file(__DIR__.$path)) return false;
$_SERVER['SCRIPT_NAME'] = '/index.php';
require __DIR__.'/index.php';
"""

BREAKER = """<?php
function undertow_breaks($what) {
    $flag = ABSPATH.'break-'.$what;
    if (!file_exists($flag)) return;
    unlink($flag); http_response_code(500); echo '<h1>critical error</h1>'; exit;
}
add_action('add_attachment', fn() => undertow_breaks('media'));
add_action('wp_after_insert_post', function ($id, $post) {
    if ($post->post_type === 'post' && $post->post_status === 'publish') undertow_breaks('post');
}, 10, 2);
"""


@dataclass
class RealWordPress:
    """A running site."""

    root: Path
    port: int
    passwords: dict[str, str]
    server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Run the web server."""
        log = self.root.parent / "php.log"
        self.server = start(
            "php", "-S", f"127.0.0.1:{self.port}", "router.php", log=log, cwd=self.root
        )
        wait_until(lambda: answers(self.url), self.server, log)

    def stop(self) -> None:
        """End the web server; the site stays."""
        if self.server is not None:
            stop(self.server)

    def break_once(self, what: str) -> None:
        """Let WordPress die in the middle of its next ``post`` or ``media``."""
        (self.root / f"break-{what}").touch()

    def php(self, code: str) -> str:
        """Run PHP inside WordPress and return what it prints."""
        load = "$_SERVER['HTTP_HOST']='x'; require 'wp-load.php';"
        return run("php", "-r", load + code, cwd=self.root)

    def posts(self) -> list[str]:
        """Return slug and status of every post but the one WordPress brings along."""
        code = (
            "foreach (get_posts(['numberposts' => -1, 'exclude' => [1], 'orderby' => 'ID',"
            "'post_status' => ['publish', 'future', 'draft', 'pending', 'private', 'trash']])"
            ' as $p) echo "$p->post_name $p->post_status\\n";'
        )
        return self.php(code).split("\n")[:-1]

    def media(self) -> list[str]:
        """Return the slugs in the media library, with the width WordPress measured."""
        code = (
            "foreach (get_posts(['numberposts' => -1, 'post_type' => 'attachment',"
            "'post_status' => 'any']) as $p) { $m = wp_get_attachment_metadata($p->ID);"
            ' echo "$p->post_name " . ($m["width"] ?? "none") . "\\n"; }'
        )
        return self.php(code).split("\n")[:-1]

    def forget_everything(self) -> None:
        """Delete all posts and media but the first post."""
        self.php(
            "foreach (get_posts(['numberposts' => -1, 'post_type' => ['post', 'attachment'],"
            "'post_status' => ['publish', 'draft', 'private', 'trash', 'inherit'],"
            "'exclude' => [1]]) as $p) wp_delete_post($p->ID, true);"
        )

    def page(self, path: str) -> tuple[int, str]:
        """Return a page as a reader gets it."""
        return page(f"{self.url}{path}")


@contextmanager
def real_wordpress() -> Iterator[RealWordPress]:
    """Install and run a WordPress, and leave nothing of it."""
    need("php", PHP)
    need("mariadbd", ("mariadb-server",))
    # Not in pytest's folder: MariaDB's account may not look in there.
    home = Path(tempfile.mkdtemp(prefix="undertow-wordpress-"))
    home.chmod(0o755)
    try:
        with _running(home) as site:
            yield site
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _running(home: Path) -> Iterator[RealWordPress]:
    with _database(home / "database") as database:
        site = _site(home, database)
        site.start()
        try:
            yield site
        finally:
            site.stop()


@contextmanager
def _database(home: Path) -> Iterator[int]:
    home.mkdir()
    data, port, socket, log = home / "data", free_port(), home / "socket", home / "log"
    if os.geteuid() == 0:
        # MariaDB refuses to be root.
        shutil.chown(home, "mysql")
    who = ("--user=mysql",) if os.geteuid() == 0 else ()
    run("mariadb-install-db", "--no-defaults", *who, f"--datadir={data}", "--skip-test-db")
    listening = (f"--socket={socket}", f"--port={port}", "--bind-address=127.0.0.1")
    quick = ("--innodb-flush-log-at-trx-commit=0", "--skip-log-bin", "--skip-name-resolve")
    daemon = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
    begun = (daemon, "--no-defaults", *who, f"--datadir={data}", *listening, *quick)
    server = start(*begun, log=log)
    try:
        wait_until(socket.exists, server, log)
        run(
            "mariadb",
            "--no-defaults",
            f"--socket={socket}",
            "-e",
            "create database wp character set utf8mb4; "
            "create user wp@'127.0.0.1' identified by 'wp'; grant all on wp.* to wp@'127.0.0.1'",
        )
        yield port
    finally:
        # What it holds is thrown away, so it need not put it in order first.
        server.kill()
        server.wait()


def _site(home: Path, database: int) -> RealWordPress:
    packages, root, port = home / "packages", home / "site", free_port()
    packages.mkdir()
    if not any(Path("/var/lib/apt/lists").glob("*Packages*")):
        run("apt-get", "update", "-qq")
    run("apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", *DEBIAN, cwd=packages)
    for package in packages.glob("*.deb"):
        run("dpkg-deb", "-x", package, home / "unpacked")
    _copy(home / "unpacked" / "usr/share/wordpress", root, home / "unpacked")
    numbers = {"database": database, "web": port}
    (root / "wp-config.php").write_text(CONFIG % numbers, "utf-8")
    (root / "router.php").write_text(ROUTER, "utf-8")
    (root / "install.php").write_text(INSTALL % numbers, "utf-8")
    plugins = root / "wp-content" / "mu-plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    (plugins / "breaker.php").write_text(BREAKER, "utf-8")
    said = run("php", "install.php", cwd=root)
    passwords = dict(line.split("=", 1) for line in said.split("\n") if "=" in line)
    return RealWordPress(root, port, passwords)


def _copy(source: Path, target: Path, unpacked: Path) -> None:
    """Copy the site, links into other packages followed where they are unpacked."""
    for path in source.rglob("*"):
        if path.is_symlink():
            aim = path.readlink()
            there = unpacked / aim.relative_to("/") if aim.is_absolute() else path.parent / aim
            path.unlink()
            if there.is_dir():
                shutil.copytree(there, path, symlinks=False, ignore_dangling_symlinks=True)
            elif there.is_file():
                shutil.copy(there, path)
    shutil.copytree(source, target, ignore_dangling_symlinks=True)
    (target / "wp-content" / "uploads").mkdir(parents=True, exist_ok=True)
