"""DKIM: a signature over the text and over every header that a mail program acts on.

The one-click way out (RFC 8058) counts only if both of its headers are signed. Signing here is
for desks whose relay does not sign; it costs milliseconds a message, so a large list is better
signed by the relay. Needs the extra ``dkim``.
"""

from __future__ import annotations

import base64
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


def public_key(key: bytes) -> str:
    """Return the public half of a private key, as the DNS record wants it.

    Raises
    ------
    SigningError
        If the key is no private RSA key in PEM.
    """
    modulus, exponent = _numbers(key)
    pair = _der(0x30, _integer(modulus) + _integer(exponent))
    return base64.b64encode(_der(0x30, RSA + _der(0x03, b"\x00" + pair))).decode("ascii")


def modulus_bits(key: bytes) -> int:
    """Return the length of a key [bits]."""
    return _numbers(key)[0].bit_length()


def _numbers(key: bytes) -> tuple[int, int]:
    from dkim.crypto import UnparsableKeyError, parse_pem_private_key

    try:
        found = parse_pem_private_key(key)
    except (UnparsableKeyError, ValueError) as error:
        raise SigningError("DKIM_KEY is no private RSA key in PEM") from error
    return found["modulus"], found["publicExponent"]


RSA = bytes.fromhex("300d06092a864886f70d0101010500")
"""The name of RSA in a public key's outer shell (RFC 8017, A.1)."""


def _integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(tag: int, body: bytes) -> bytes:
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body
