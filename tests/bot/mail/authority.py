"""A certificate authority of our own, for the minute that a test takes."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

OPENSSL = "/usr/bin/openssl"
NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Authority:
    """Vouches for servers; its files lie in ``folder``."""

    folder: Path

    @property
    def file(self) -> Path:
        """Its own certificate, as ``SSL_CERT_FILE`` names it."""
        return self.folder / "ca.pem"

    def server_context(self, names: str) -> ssl.SSLContext:
        """Return how a server with these names encrypts, such as ``DNS:localhost``."""
        key, request, own = (self.folder / f"server.{end}" for end in ("key", "csr", "pem"))
        extension = self.folder / "server.ext"
        extension.write_text(f"subjectAltName={names}\n", "utf-8")
        openssl("req", *NEW_KEY, "-keyout", key, "-out", request, "-subj", "/CN=relay")
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.folder / "ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", extension, "-out", own)  # fmt: skip
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(own, key)
        return context


def new_authority(folder: Path) -> Authority:
    """Make one."""
    folder.mkdir()
    openssl("req", "-x509", *NEW_KEY, "-keyout", folder / "ca.key", "-out", folder / "ca.pem",
            "-days", "2", "-subj", "/CN=An authority of the test")  # fmt: skip
    return Authority(folder)


def openssl(*arguments: str | Path) -> None:
    """Run the command, or fail with its words."""
    done = subprocess.run(  # noqa: S603 - a fixed command
        [OPENSSL, *map(str, arguments)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
