"""Webhooks call the public internet and what the document allows, however it is written."""

import hmac
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.face.batch.webhook.addresses import check_addresses, check_url, is_allowed
from bigbrother.face.batch.webhook.errors import WebhookNotAllowed
from bigbrother.face.batch.webhook.signature import signature

NOBODY: tuple[IPv4Network, ...] = ()
OFFICE = (IPv4Network("10.1.0.0/16"),)
INNER = [
    IPv4Network("0.0.0.0/8"),
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),
    IPv4Network("127.0.0.0/8"),
    IPv4Network("169.254.0.0/16"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.0.2.0/24"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("198.18.0.0/15"),
    IPv4Network("198.51.100.0/24"),
    IPv4Network("203.0.113.0/24"),
    IPv4Network("224.0.0.0/4"),
    IPv4Network("240.0.0.0/4"),
]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:8.8.8.8]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[ff02::1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.1.2.3/",
        "http://255.255.255.255/",
        "http://user@example.com/",
        "http://user:secret@example.com/",
        "http://@example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "example.com/end",
        "http:///end",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://example.com:x/",
        "http://exa mple.com/",
        "http://example.com/\r\nX-Evil: 1",
        "http://example.com\\@127.0.0.1/",
        "http://ex%61mple.com/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://münchen.example/",
        "http://example.com/" + "x" * 2000,
        "",
    ],
)
def test_an_address_that_must_not_be_called_is_refused(url: str) -> None:
    with pytest.raises(WebhookNotAllowed) as refused:
        check_url(url, NOBODY)
    assert refused.value.code == "webhook-not-allowed"
    assert refused.value.remedy


def test_a_public_address_is_taken_apart() -> None:
    target = check_url("https://example.com:8443/end?of=batch", NOBODY)
    assert (target.scheme, target.host, target.port) == ("https", "example.com", 8443)
    assert (target.path, target.host_header) == ("/end?of=batch", "example.com:8443")
    assert check_url("http://[2606:4700::1]", NOBODY).host_header == "[2606:4700::1]"
    assert check_url("http://8.8.8.8", NOBODY).path == "/"


def test_a_network_that_the_document_names_may_be_called() -> None:
    assert check_url("http://10.1.2.3:8080/", OFFICE).host == "10.1.2.3"
    assert is_allowed(IPv6Address("::ffff:10.1.2.3"), OFFICE)
    assert not is_allowed(IPv4Address("10.2.0.1"), OFFICE)
    with pytest.raises(WebhookNotAllowed):
        check_url("http://10.2.0.1/", OFFICE)


def test_a_name_that_leads_to_one_forbidden_address_is_refused_whole() -> None:
    assert check_addresses("example.com", ["8.8.8.8", "2606:4700::1"], NOBODY)
    with pytest.raises(WebhookNotAllowed):
        check_addresses("example.com", ["8.8.8.8", "127.0.0.1"], NOBODY)


@given(st.sampled_from(INNER), st.integers(min_value=0))
def test_no_address_of_an_inner_network_is_called_in_any_disguise(
    network: IPv4Network, offset: int
) -> None:
    address = network[offset % network.num_addresses]
    assert not is_allowed(address, NOBODY)
    number = int(address)
    for disguise in (
        number,
        0xFFFF << 32 | number,
        0x64FF9B << 96 | number,
        0x2002 << 112 | number << 80,
    ):
        assert not is_allowed(IPv6Address(disguise), NOBODY)
    with pytest.raises(WebhookNotAllowed):
        check_url(f"http://{address}/", NOBODY)
    with pytest.raises(WebhookNotAllowed):
        check_url(f"http://{number}/", NOBODY)


@given(st.ip_addresses())
def test_whatever_is_allowed_is_global_and_for_one_receiver(
    address: IPv4Address | IPv6Address,
) -> None:
    if is_allowed(address, NOBODY):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_loopback
        assert not address.is_private
    assert is_allowed(address, [ip_network(address)])


@given(st.text(max_size=60))
def test_any_text_is_a_url_or_is_refused(text: str) -> None:
    for url in (text, f"http://{text}", f"https://example.com/{text}"):
        with suppress(WebhookNotAllowed):
            check_url(url, NOBODY)


def test_the_signature_covers_time_and_body() -> None:
    expected = hmac.new(b"secret", b"1700000000.{}", "sha256").hexdigest()
    assert signature(b"secret", "1700000000", b"{}") == f"v1={expected}"
