"""What the doctor says of a domain's records, and what it tells the operator to do."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import dkim.crypto
import pytest
from pydantic import SecretStr

from bot.cli import main
from bot.errors import DeskError
from bot.finding import FAILED, OK, WARNING
from bot.mail import records
from bot.mail.doctor import examine_mail
from bot.mail.names import NoDnsError
from bot.mail.records import Domain
from bot.mail.relay import relay_of
from bot.mail.signing import SigningError, modulus_bits, public_key
from bot.settings import Settings
from tests.bot.mail.keys import PRIVATE_KEY

RELAY = relay_of("smtp://mx.desk.test")


@dataclass
class Zone:
    """A DNS of our own."""

    held: Mapping[tuple[str, str], list[str]] = field(default_factory=dict)

    def look_up(self, name: str, kind: str) -> list[str]:
        """Return what is held."""
        return self.held.get((name, kind), [])


class NoZone:
    """A DNS that does not answer."""

    def look_up(self, name: str, kind: str) -> list[str]:
        """Fail."""
        raise NoDnsError(f"the DNS did not answer for {name}")


def with_txt(name: str, *values: str) -> Domain:
    return Domain("desk.test", Zone({(name, "TXT"): list(values)}))


@pytest.mark.parametrize(
    ("record", "status"),
    [
        (["v=spf1 ip4:192.0.2.1 -all"], OK),
        (["v=spf1 include:relay.test ~all", "google-site-verification=x"], OK),
        (["v=spf1 include:relay.test"], WARNING),
        (["v=spf1 +all"], FAILED),
        (["v=spf1 -all", "v=spf1 mx -all"], FAILED),
        (["v=spf10 -all"], FAILED),
        (["v=spf1 " + " ".join(f"include:r{n}.test" for n in range(11)) + " -all"], FAILED),
        ([], FAILED),
    ],
)
def test_an_spf_record_must_be_one_and_must_end(record: list[str], status: str) -> None:
    found = records.spf(with_txt("desk.test", *record))

    assert found.status == status
    assert bool(found.advice) is (status != OK)


def test_the_published_key_must_be_the_one_that_signs() -> None:
    ours = public_key(PRIVATE_KEY)
    name = "s1._domainkey.desk.test"

    assert records.dkim(with_txt(name, f"v=DKIM1; k=rsa; p={ours}"), "s1", PRIVATE_KEY).status == OK
    for domain in (with_txt(name, "v=DKIM1; p=AAAA"), with_txt(name, "v=DKIM1; p="), with_txt("x")):
        found = records.dkim(domain, "s1", PRIVATE_KEY)
        assert found.status == FAILED
        assert f'TXT {name} "v=DKIM1; k=rsa; p={ours}"' in found.advice


def test_the_public_half_is_the_one_that_openssl_gives() -> None:
    found = dkim.crypto.parse_public_key(base64.b64decode(public_key(PRIVATE_KEY)))

    assert found["modulus"].bit_length() == modulus_bits(PRIVATE_KEY) == 2048
    assert found["publicExponent"] == 65537
    assert public_key(PRIVATE_KEY).startswith("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA")


def test_a_desk_that_does_not_sign_is_told_who_must() -> None:
    found = records.dkim(with_txt("x"), None, None)

    assert (found.status, "relay sign" in found.advice) == (WARNING, True)


def test_a_key_that_is_none_is_named() -> None:
    with pytest.raises(SigningError, match="private RSA key in PEM"):
        public_key(b"nonsense")
    assert records.dkim(with_txt("x"), "s1", b"nonsense").status == FAILED


@pytest.mark.parametrize(
    ("domain", "status"),
    [
        (with_txt("_dmarc.desk.test", "v=DMARC1; p=none"), OK),
        (with_txt("_dmarc.desk.test", "v=DMARC1; p=nothing"), FAILED),
        (with_txt("_dmarc.desk.test", "v=DMARC1; p=none", "v=DMARC1; p=reject"), FAILED),
        (with_txt("x"), FAILED),
    ],
)
def test_a_domain_must_say_what_becomes_of_forged_mail(domain: Domain, status: str) -> None:
    assert records.dmarc(domain).status == status


def test_a_record_of_the_domain_above_counts_for_one_below() -> None:
    zone = Zone({("_dmarc.desk.test", "TXT"): ["v=DMARC1; p=reject"]})

    assert records.dmarc(Domain("news.desk.test", zone)).status == OK


def test_a_relays_name_must_lead_to_its_address_and_back() -> None:
    held = {
        ("mx.desk.test", "A"): ["192.0.2.1"],
        ("1.2.0.192.in-addr.arpa", "PTR"): ["mx.desk.test"],
    }
    away = {**held, ("1.2.0.192.in-addr.arpa", "PTR"): ["other.test"]}

    assert records.pointer(Domain("desk.test", Zone(held)), RELAY).status == OK
    assert records.pointer(Domain("desk.test", Zone(away)), RELAY).status == WARNING
    assert records.pointer(Domain("desk.test", Zone()), RELAY).status == FAILED
    local = records.pointer(Domain("desk.test", Zone()), relay_of("smtp://127.0.0.1"))
    assert local.status == WARNING


def settings_of(**values: object) -> Settings:
    ordinary = {
        "smtp_url": SecretStr("smtp://127.0.0.1:1"),
        "mail_from": "Undertow <note@desk.test>",
        "public_url": "https://undertow.example",
        "postal_address": "1 Main Street",
        "secret_key": SecretStr("k" * 32),
    }
    return Settings.model_validate(ordinary | values)


def test_the_doctor_looks_at_everything_a_mail_needs() -> None:
    found = {one.name: one for one in examine_mail(settings_of(), Zone())}

    assert set(found) == {
        "relay",
        "spf",
        "dkim",
        "dmarc",
        "ptr",
        "bounces",
        "alignment",
        "way out",
        "postal",
    }
    assert all(one.advice for one in found.values() if one.status != OK)
    assert {found[name].status for name in ("alignment", "way out", "postal")} == {OK}
    assert found["relay"].status == FAILED


def test_what_would_hide_the_way_out_or_break_alignment_is_a_failure(tmp_path: Path) -> None:
    settings = settings_of(
        public_url="http://localhost:8080",
        postal_address="",
        bounce_url=SecretStr(f"maildir:{tmp_path}?address=bounce@elsewhere.test"),
    )
    found = {one.name: one.status for one in examine_mail(settings, Zone())}

    assert (found["way out"], found["postal"], found["alignment"]) == (FAILED, FAILED, FAILED)


def test_a_dns_that_does_not_answer_is_no_verdict() -> None:
    found = {one.name: one.status for one in examine_mail(settings_of(), NoZone())}

    assert (found["spf"], found["dmarc"]) == (WARNING, WARNING)


def test_a_bounce_mailbox_is_opened_before_anyone_relies_on_it(tmp_path: Path) -> None:
    zone = Zone({("desk.test", "MX"): ["10 mx.desk.test"]})
    settings = settings_of(bounce_url=SecretStr(f"maildir:{tmp_path}"))

    assert next(o for o in examine_mail(settings, zone) if o.name == "bounces").status == FAILED
    (tmp_path / "new").mkdir()
    assert next(o for o in examine_mail(settings, zone) if o.name == "bounces").status == OK


def test_bounces_by_webhook_need_no_mailbox_and_nobody_is_a_warning() -> None:
    by_webhook = settings_of(
        bounce_webhook_secret=SecretStr("the provider's own words"),
        public_url="https://news.example/desk/",
    )

    taken = next(one for one in examine_mail(by_webhook, Zone()) if one.name == "bounces")
    nobody = next(one for one in examine_mail(settings_of(), Zone()) if one.name == "bounces")

    assert taken.status == OK
    assert taken.found == "taken at POST https://news.example/desk/bounces/NAME"
    assert nobody.status == WARNING
    assert "BOUNCE_WEBHOOK_SECRET" in nobody.advice


def test_without_mail_settings_the_doctor_says_where_to_begin(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("UNDERTOW_SMTP_URL", raising=False)

    assert main(["doctor", "--mail"]) == 1
    assert "docs/mail.md" in capsys.readouterr().err
    with pytest.raises(DeskError, match="mail is off"):
        examine_mail(settings_of(smtp_url=None), Zone())
