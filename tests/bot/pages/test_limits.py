"""How often strangers may ask, who counts as one, and when a form is ours."""

from __future__ import annotations

from datetime import timedelta

from bot.pages.forms import form_age, form_stamp
from bot.pages.limits import HourlyCount, Limits, asker, is_this_machine, kept_prefix
from tests.bot.newsletter.desk import KEY, NOW

STRANGER = "203.0.113.9"


def test_only_this_machine_is_free_of_limits_and_set_limits_bind_it_too() -> None:
    here, there = Limits().of("127.0.0.1"), Limits().of(STRANGER)

    assert (here.per_network, here.per_domain, here.form_seconds) == (None, None, None)
    assert (there.per_network, there.per_domain, there.form_seconds) == (10, 300, 3.0)
    assert (here.caps.per_address, here.caps.in_all) == (3, None)
    assert Limits(per_network=2).of("::1").per_network == 2
    assert [is_this_machine(host) for host in ("::1", "::ffff:127.0.0.1", None, "desk")] == [
        True,
        True,
        False,
        False,
    ]


def test_an_asker_is_an_address_or_a_home_network_and_less_of_it_is_kept() -> None:
    assert asker("203.0.113.9") == "203.0.113.9/32"
    assert asker("2001:db8:1:2:3::4") == "2001:db8:1:2::/64"
    assert kept_prefix("203.0.113.9") == "203.0.113.0/24"
    assert kept_prefix("2001:db8:1:2:3::4") == "2001:db8:1::/48"
    assert kept_prefix("testclient") is None


def test_counts_begin_anew_with_the_hour() -> None:
    count = HourlyCount()

    fits = [count.admits("x", 2, NOW + timedelta(minutes=n)) for n in (0, 1, 2, 45)]

    assert fits == [True, True, False, True]


def test_a_stamp_is_ours_and_a_day_old_at_most() -> None:
    stamp = form_stamp(KEY, NOW)

    assert form_age(KEY, stamp, NOW + timedelta(seconds=5)) == timedelta(seconds=5)
    assert form_age(KEY, stamp, NOW + timedelta(hours=25)) is None
    assert form_age(KEY, stamp, NOW - timedelta(seconds=5)) is None
    assert form_age("x" * 32, stamp, NOW) is None
    assert form_age(KEY, "é", NOW) is None
