"""Why no encrypted line to a relay came about, in a sentence that says what to do.

Nothing was said on such a line but a greeting: no password, no address, no text.
"""

from __future__ import annotations

import ssl

OTHER_NAME = frozenset({62, 64})
"""OpenSSL's numbers for a certificate of another host name, of another address."""

EXPIRED = frozenset({9, 10})
NO_STARTTLS = "STARTTLS extension not supported"
"""What the SMTP library says; it has no kind of error of its own for this."""


def handshake_trouble(error: BaseException) -> str | None:
    """Return what stood between us and an encrypted line; nothing if it was something else."""
    if NO_STARTTLS in str(error):
        return (
            "the relay does not offer STARTTLS, so it was told nothing, least of all a password; "
            "use its smtps:// port, or a relay that encrypts"
        )
    fault = _tls_fault(error)
    if fault is None:
        return None
    if not isinstance(fault, ssl.SSLCertVerificationError):
        return f"no encrypted line came about ({fault.reason or 'no reason given'}); check the port"
    if fault.verify_code in OTHER_NAME:
        return (
            "the relay's certificate is for another name; write into SMTP_URL the name that the "
            "certificate is for, or find out who answers there"
        )
    if fault.verify_code in EXPIRED:
        return "the relay's certificate is not valid today; whoever runs the relay must renew it"
    return (
        f"nobody we trust vouches for the relay's certificate ({fault.verify_message}); if the "
        "authority is your own, name its file in SSL_CERT_FILE"
    )


def _tls_fault(error: BaseException | None) -> ssl.SSLError | None:
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error
