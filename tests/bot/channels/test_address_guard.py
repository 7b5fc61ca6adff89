"""No webhook leads into the operator's own network."""

from __future__ import annotations

import pytest

from bot.channels.address_guard import (
    Resolver,
    UnknownHostError,
    UnsafeAddressError,
    check_url,
    safe_address,
)

OUTSIDE = "93.184.215.14"


def answers(*addresses: str) -> Resolver:
    async def resolver(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolver


@pytest.mark.parametrize(
    "inside",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "172.16.0.9",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
async def test_an_address_inside_is_refused_however_it_is_written(inside: str) -> None:
    with pytest.raises(UnsafeAddressError, match="not on the public internet"):
        await safe_address("https://hooks.example.org/x", resolver=answers(inside))


async def test_one_inside_address_among_many_is_enough_to_refuse() -> None:
    with pytest.raises(UnsafeAddressError):
        await safe_address("https://h.example.org/", resolver=answers(OUTSIDE, "10.0.0.1"))


@pytest.mark.parametrize("outside", [OUTSIDE, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
async def test_the_checked_address_is_the_one_that_is_called(outside: str) -> None:
    safe = await safe_address("https://hooks.example.org:8443/x", resolver=answers(outside))

    assert (str(safe.ip), safe.port, safe.host) == (outside, 8443, "hooks.example.org")


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example.org/",
        "ftp://hooks.example.org/",
        "file:///etc/passwd",
        "https://ana:geheim@hooks.example.org/",
        "https:///nothing",
        "https://hooks.example.org:0/",
        "https://hooks.example.org:99999/",
        "gopher",
    ],
)
def test_a_form_that_could_hide_something_is_refused(address: str) -> None:
    with pytest.raises(UnsafeAddressError) as refusal:
        check_url(address, allow_private=False)

    assert "geheim" not in str(refusal.value)


async def test_an_operators_own_receiver_may_be_at_home() -> None:
    safe = await safe_address(
        "http://localhost:9000/x", allow_private=True, resolver=answers("127.0.0.1")
    )

    assert (str(safe.ip), safe.port) == ("127.0.0.1", 9000)


async def test_a_name_without_an_address_is_not_refused_for_good() -> None:
    with pytest.raises(UnknownHostError):
        await safe_address("https://hooks.example.org/", resolver=answers())
