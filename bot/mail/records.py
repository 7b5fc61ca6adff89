"""What the DNS must say before large mailbox providers take mail from a domain.

Each check returns one finding: how it stands, and what to put into the DNS if it does not.

References
----------
Kitterman, S. (2014). Sender Policy Framework. RFC 7208.
Crocker, D., Hansen, T. and Kucherawy, M. (2011). DomainKeys Identified Mail. RFC 6376.
Kucherawy, M. and Zwicky, E. (2015). Domain-based Message Authentication. RFC 7489.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.finding import FAILED, OK, WARNING, Finding
from bot.mail.names import Names, reverse_name
from bot.mail.relay import Relay
from bot.mail.signing import SigningError, modulus_bits, public_key
from bot.safety import is_local

MOST_LOOKUPS = 10
"""RFC 7208, 4.6.4: a record that needs more is void."""

COSTS_A_LOOKUP = ("include:", "a", "mx", "ptr", "exists:", "redirect=")
LEAST_BITS, GOOD_BITS = 1024, 2048


@dataclass(frozen=True, slots=True)
class Domain:
    """A sending domain and whoever can be asked about it."""

    name: str
    names: Names


def spf(domain: Domain) -> Finding:
    """Say who may send for the domain, as its SPF record has it."""
    records = [one for one in domain.names.look_up(domain.name, "TXT") if _is_spf(one)]
    if not records:
        return _failed(
            "spf",
            f"{domain.name} has no SPF record",
            f'add TXT {domain.name} "v=spf1 include:YOUR-RELAY -all", with what your relay '
            "tells you to include, or ip4:… of your own server",
        )
    if len(records) > 1:
        return _failed("spf", f"{len(records)} SPF records", "keep one: two count as none")
    terms = records[0].lower().split()[1:]
    if terms and terms[-1] in ("+all", "all", "?all"):
        return _failed("spf", records[0], "end it with -all or ~all: as it is, anyone may send")
    lookups = sum(term.lstrip("+-~?").startswith(COSTS_A_LOOKUP) for term in _no_all(terms))
    if lookups > MOST_LOOKUPS:
        return _failed("spf", f"{lookups} lookups, at most {MOST_LOOKUPS}", "include less")
    if not terms or terms[-1] not in ("-all", "~all"):
        return _warning("spf", records[0], "end it with -all or ~all")
    return _fine("spf", records[0])


def _is_spf(text: str) -> bool:
    return text.lower().split(" ")[0] == "v=spf1"


def _no_all(terms: list[str]) -> list[str]:
    return [term for term in terms if term.lstrip("+-~?") != "all"]


def dkim(domain: Domain, selector: str | None, key: bytes | None) -> Finding:
    """Hold the published key against the one that signs."""
    if not selector or key is None:
        return _warning(
            "dkim",
            "the desk does not sign",
            "let your relay sign for this domain, or set DKIM_KEY and DKIM_SELECTOR; "
            "send a mail with --mail-to and look for dkim=pass in its headers",
        )
    name = f"{selector}._domainkey.{domain.name}"
    try:
        ours, bits = public_key(key), modulus_bits(key)
    except (SigningError, ImportError) as error:
        return _failed("dkim", str(error), "openssl genrsa -out dkim.pem 2048")
    record = f'TXT {name} "v=DKIM1; k=rsa; p={ours}"'
    records = domain.names.look_up(name, "TXT")
    if not records:
        return _failed("dkim", f"{name} is not there", f"add {record}")
    if _tag(records[0], "p").replace(" ", "") != ours:
        return _failed("dkim", f"{name} holds another key", f"replace it: {record}")
    if bits < LEAST_BITS:
        return _failed("dkim", f"a key of {bits} bits", "make one of 2048")
    if bits < GOOD_BITS:
        return _warning("dkim", f"a key of {bits} bits", "make one of 2048")
    return _fine("dkim", f"{name} holds our key of {bits} bits")


def dmarc(domain: Domain) -> Finding:
    """Say what others are to do with mail that only pretends to be from the domain."""
    for name in _upwards(domain.name):
        records = [
            one
            for one in domain.names.look_up(f"_dmarc.{name}", "TXT")
            if one.lower().startswith("v=dmarc1")
        ]
        if len(records) > 1:
            return _failed("dmarc", f"{len(records)} records at _dmarc.{name}", "keep one")
        if records:
            policy = _tag(records[0], "p")
            if policy not in ("none", "quarantine", "reject"):
                return _failed("dmarc", records[0], "it needs p=none, p=quarantine or p=reject")
            return _fine("dmarc", f"_dmarc.{name}: {records[0]}")
    return _failed(
        "dmarc",
        f"_dmarc.{domain.name} is not there; Gmail, Yahoo and Outlook ask for it",
        f'add TXT _dmarc.{domain.name} "v=DMARC1; p=none; rua=mailto:dmarc@{domain.name}"',
    )


def _upwards(name: str) -> list[str]:
    """Return a domain and those above it that are not a top level.

    >>> _upwards("news.desk.example")
    ['news.desk.example', 'desk.example']
    """
    labels = name.split(".")
    return [".".join(labels[place:]) for place in range(max(len(labels) - 1, 1))]


def pointer(domain: Domain, relay: Relay) -> Finding:
    """Say whether the relay's address has a name, and the name that address."""
    if is_local(relay.host):
        return _warning(
            "ptr",
            "the relay is on this machine, so its outside address is not known here",
            "its address must have a PTR record, and that name must lead back to it; your "
            "hosting provider sets it",
        )
    names = domain.names
    addresses = [one for kind in ("A", "AAAA") for one in names.look_up(relay.host, kind)]
    if not addresses:
        return _failed("ptr", f"{relay.host} has no address", "look at SMTP_URL for a slip")
    for address in addresses:
        for name in names.look_up(reverse_name(address), "PTR"):
            back = [one for kind in ("A", "AAAA") for one in names.look_up(name, kind)]
            if address in back:
                return _fine("ptr", f"{address} is {name} and back")
    return _warning(
        "ptr",
        f"{addresses[0]} has no name that leads back to it",
        "if you run this relay yourself, set its PTR record; a provider sends from others",
    )


def bounces_arrive(domain: Domain) -> Finding:
    """Say whether mail to the bounce address can arrive at all."""
    if domain.names.look_up(domain.name, "MX") or domain.names.look_up(domain.name, "A"):
        return _fine("bounces", f"mail to {domain.name} has somewhere to go")
    return _failed(
        "bounces",
        f"{domain.name} takes no mail: it has no MX record",
        "point an MX record at the server that holds the bounce mailbox",
    )


def _tag(record: str, name: str) -> str:
    """Return the value of a tag in a record of tags."""
    pairs = (part.strip().partition("=") for part in record.split(";"))
    return next((value.strip() for key, _, value in pairs if key.strip().lower() == name), "")


def _fine(name: str, found: str) -> Finding:
    return Finding(name=name, status=OK, found=found)


def _warning(name: str, found: str, advice: str) -> Finding:
    return Finding(name=name, status=WARNING, found=found, advice=advice)


def _failed(name: str, found: str, advice: str) -> Finding:
    return Finding(name=name, status=FAILED, found=found, advice=advice)
