"""DKIM: a signature over the text and over every header that a mail program acts on.

The one-click way out (RFC 8058) counts only if both of its headers are signed. Signing here is
for desks whose relay does not sign; it costs milliseconds a message, so a large list is better
signed by the relay. Needs the extra ``dkim``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SIGNED = (
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"list-id",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
    b"list-archive",
    b"feedback-id",
    b"auto-submitted",
    b"mime-version",
    b"content-type",
)
"""Headers under the signature; From is named twice, so that none can be added."""


class SigningError(ValueError):
    """The key cannot be used."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one domain with one key."""

    selector: str
    domain: str
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        try:
            self.sign(b"From: a@b.test\r\nTo: c@d.test\r\n\r\nx\r\n")
        except ImportError as error:
            raise SigningError(
                "DKIM_KEY is set, and dkimpy is not there: pip install undertow[dkim]"
            ) from error

    def sign(self, message: bytes) -> bytes:
        """Return the message with its signature on top.

        Raises
        ------
        SigningError
            If the key is no private RSA key in PEM.
        """
        import dkim

        try:
            signature: bytes = dkim.sign(
                message,
                self.selector.encode("ascii"),
                self.domain.encode("ascii"),
                self.key,
                canonicalize=(b"relaxed", b"relaxed"),
                include_headers=[*SIGNED, b"from"],
            )
        except (dkim.DKIMException, UnicodeError) as error:
            raise SigningError(
                "DKIM_KEY is no private RSA key in PEM, or DKIM_SELECTOR is not ASCII; "
                "make a key with `openssl genrsa 2048`"
            ) from error
        return signature + message
