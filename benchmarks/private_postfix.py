"""A Postfix and a Dovecot of our own, on loopback and free ports, for trials and slow tests.

Everything lies in a temporary folder and is gone with the ``async with``; no system service is
touched. Needs root, because a mail server drops its rights and must have some to drop.

Recipients: ``ana@`` and anybody else at reader.test are delivered to Dovecot; ``busy@``,
``full@`` and ``gone@`` are refused while the sender is on the line; whoever is at late.test is
taken first and bounced afterwards; whoever is at many.test lands in one Maildir, for counting.
Bounces go to ``bounce+…@desk.test``, which is a mailbox at Dovecot too.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "rehearsal"  # noqa: S105 - of a server that lives for a minute on loopback
PACKAGES = ("postfix", "dovecot-imapd", "dovecot-lmtpd")
POSTFIX = "/usr/sbin/postfix"
DOVECOT = "/usr/sbin/dovecot"
UP_WITHIN_SECONDS = 15.0

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {home}/spool
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/maillog
maillog_file_prefixes = {home}
myhostname = mx.reader.test
mydestination =
alias_maps =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
recipient_delimiter = +
smtpd_client_connection_count_limit = 0
smtpd_client_message_rate_limit = 0
virtual_mailbox_domains = reader.test, desk.test, many.test
virtual_mailbox_base = {home}/many
virtual_mailbox_maps = regexp:{home}/postfix/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
transport_maps = texthash:{home}/postfix/transport
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
  check_recipient_access texthash:{home}/postfix/recipients, permit_mynetworks, reject
default_transport = error:5.1.2 no mail leaves this machine
"""

MASTER_CF = """
127.0.0.1:{smtp} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

DOVECOT_CONF = """
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {home}/dovecot-run
log_path = {home}/dovecot.log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %Ln
recipient_delimiter = +
mail_location = maildir:{home}/mail/%n
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/mail/%n allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""

TRANSPORT = """
reader.test lmtp:inet:127.0.0.1:{lmtp}
desk.test lmtp:inet:127.0.0.1:{lmtp}
many.test virtual:
late.test virtual:
"""

RECIPIENTS = """
busy@reader.test 450 4.2.1 mailbox busy, try later
full@reader.test 552 5.2.2 mailbox full
gone@reader.test 550 5.1.1 no such user
"""


class NoPostfixError(Exception):
    """There is no mail server on this machine and none can be installed."""


@dataclass(frozen=True, slots=True)
class MailServers:
    """Where the servers listen, and where mail to many.test lands."""

    home: Path
    smtp_port: int
    imap_port: int

    @property
    def many(self) -> Path:
        """The Maildir of everybody at many.test."""
        return self.home / "many" / "all" / "new"

    def recipients_of_many(self) -> Iterator[str]:
        """Give the recipient of each message that has arrived at many.test."""
        for file in self.many.iterdir():
            with file.open("rb") as letter:
                for line in letter:
                    if line.startswith(b"X-Original-To: "):
                        yield line.split(b": ", 1)[1].strip().decode("ascii")
                        break

    def waiting(self) -> int:
        """Return how many messages the server has taken and not yet delivered."""
        queues = (self.home / "spool" / name for name in ("incoming", "active", "maildrop"))
        return sum(1 for queue in queues for path in queue.rglob("*") if path.is_file())


def install() -> None:
    """Install what is missing.

    Raises
    ------
    NoPostfixError
        Where that cannot be done.
    """
    if Path(POSTFIX).exists() and Path(DOVECOT).exists():
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NoPostfixError(f"install {' '.join(PACKAGES)}, and run this as root")
    answers = "postfix postfix/main_mailer_type select Local only\n"
    subprocess.run(["/usr/bin/debconf-set-selections"], input=answers.encode(), check=True)
    environment = {"DEBIAN_FRONTEND": "noninteractive", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    arguments = ("-o", "DPkg::Lock::Timeout=300", "install", "-y", "-qq")
    done = subprocess.run(  # noqa: S603 - a fixed command
        ["/usr/bin/apt-get", *arguments, "--no-install-recommends", *PACKAGES],
        env=environment,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace")[-500:]
        raise NoPostfixError(f"{' '.join(PACKAGES)} cannot be installed: {words}")


@asynccontextmanager
async def private_postfix() -> AsyncIterator[MailServers]:
    """Give a running pair of servers."""
    await asyncio.to_thread(install)
    home = Path(tempfile.mkdtemp(prefix="undertow-mail-"))
    servers = MailServers(home, _free_port(), _free_port())
    try:
        _write(servers, _free_port())
        async with _running(servers):
            yield servers
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _write(servers: MailServers, lmtp_port: int) -> None:
    """Write the configuration of both, with the rights they insist on."""
    home, account = servers.home, pwd.getpwnam("postfix")
    mail = pwd.getpwnam("mail")
    home.chmod(0o755)
    for name in ("postfix", "spool", "data", "many", "mail", "dovecot-run"):
        (home / name).mkdir()
    os.chown(home / "data", account.pw_uid, account.pw_gid)
    for name in ("mail", "many"):
        os.chown(home / name, mail.pw_uid, mail.pw_gid)
    words = {
        "home": home,
        "smtp": servers.smtp_port,
        "imap": servers.imap_port,
        "lmtp": lmtp_port,
        "uid": mail.pw_uid,
        "gid": mail.pw_gid,
        "user": "mail",
        "group": "mail",
        "password": PASSWORD,
    }
    for name, text in (
        ("postfix/main.cf", MAIN_CF),
        ("postfix/master.cf", MASTER_CF),
        ("postfix/transport", TRANSPORT),
        ("postfix/recipients", RECIPIENTS),
        ("dovecot.conf", DOVECOT_CONF),
    ):
        (home / name).write_text(text.format(**words).lstrip(), "utf-8")
    boxes = "/@many\\.test$/ all/\n/@(reader|desk)\\.test$/ box/\n"
    (home / "postfix" / "mailboxes").write_text(boxes, "utf-8")


@asynccontextmanager
async def _running(servers: MailServers) -> AsyncIterator[None]:
    configuration = str(servers.home / "postfix")
    dovecot = str(servers.home / "dovecot.conf")
    try:
        await _run(DOVECOT, "-c", dovecot)
        await _run(POSTFIX, "-c", configuration, "start")
        await _until_listening(servers)
        yield
    finally:
        with contextlib.suppress(RuntimeError):
            await _run(POSTFIX, "-c", configuration, "abort")
        with contextlib.suppress(RuntimeError):
            await _run("/usr/bin/doveadm", "-c", dovecot, "stop")


async def _until_listening(servers: MailServers) -> None:
    deadline = asyncio.get_running_loop().time() + UP_WITHIN_SECONDS
    for port in (servers.smtp_port, servers.imap_port):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError as error:
                if asyncio.get_running_loop().time() > deadline:
                    log = servers.home / "maillog"
                    told = log.read_text("utf-8", "replace")[-800:] if log.exists() else ""
                    raise RuntimeError(f"port {port} does not answer; {told}") from error
                await asyncio.sleep(0.1)
                continue
            writer.close()
            await writer.wait_closed()
            break


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


async def _run(program: str, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    if await process.wait() != 0:
        raise RuntimeError(f"{program} {' '.join(arguments)} failed; run it by hand to see why")
