"""Which addresses may be asked (E22): the open internet, and nothing that only we can reach."""

import ipaddress
import os
import socket
import subprocess
import sys

import pytest

from accounts.reaching import addresses
from accounts.reaching.addresses import may_be_asked, parsed, require_usable
from accounts.reaching.errors import AddressRefused, ElsewhereTrouble
from scheduling.importing.choosing import tidied


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.127.255.254", "224.0.0.1", "239.255.255.250",
        "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.51.100.7", "203.0.113.9",
        "198.18.0.1", "192.0.0.8", "::", "::1", "fe80::1", "fe80::1%1", "fc00::1",
        "fd12:3456::1", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1", "::ffff:10.0.0.1",
        "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::127.0.0.1", "::8.8.8.8", "64:ff9b::7f00:1",
        "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1",
        "2001:0:53aa:64c:0:fbff:f5ff:fffe", "100::1", "5f00::1", "not-an-address", "",
    ],
)  # fmt: skip
def test_addresses_that_are_not_on_the_open_internet_are_refused(ip):
    assert not may_be_asked(ip)


@pytest.mark.parametrize(
    "ip",
    ["8.8.8.8", "93.184.215.14", "142.250.1.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::e"],
)
def test_addresses_on_the_open_internet_are_asked(ip):
    assert may_be_asked(ip)


def test_every_private_network_python_knows_is_refused():
    known = [
        *ipaddress._IPv4Constants._private_networks,  # the registry's own list, not one of ours
        *ipaddress._IPv6Constants._private_networks,
    ]
    edges = [edge for net in known for edge in (net.network_address, net.broadcast_address)]
    public = [ip for ip in edges if ip.is_global]
    assert [ip for ip in edges if may_be_asked(str(ip)) and ip not in public] == []
    assert len(edges) > 40


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://calendar.example/a.ics", "https"),
        ("ftp://calendar.example/a.ics", "https"),
        ("file:///etc/passwd", "https"),
        ("calendar.example/a.ics", "https"),
        ("https://", "not an address"),
        ("https:///a.ics", "not an address"),
        ("https://[::1/a.ics", "not an address"),
        ("https://me:secret@calendar.example/", "user name"),
        ("https://me@calendar.example/", "user name"),
        ("https://calendar.example:8443/", "port"),
        ("https://calendar.example:22/", "port"),
        ("https://calendar.example:99999/", "not an address"),
        ("https://calendar.example/a b", "whole address"),
        ("https://calendar.example/a\r\nHost: x", "whole address"),
        ("https://calendar.example/\x00", "whole address"),
        ("https://cälendar.example/", "whole address"),
        ("https://calendar.example/" + "a" * 500, "whole address"),
        ("", "https"),
    ],
)
def test_an_address_of_the_wrong_form_is_refused_with_a_sentence(url, says):
    with pytest.raises(AddressRefused, match=says):
        parsed(url)


def test_a_subscription_address_is_taken_as_calendars_hand_it_out():
    assert tidied("  webcal://p1.calendar.example/x?y=1 ") == "https://p1.calendar.example/x?y=1"
    found = parsed("https://p1.calendar.example:443/x?y=1#z")
    assert (found.host, found.port, found.target) == ("p1.calendar.example", 443, "/x?y=1")


def answers(monkeypatch, *ips):
    def getaddrinfo(host, port, **kwargs):
        return [(0, 0, 0, "", (ip, port)) for ip in ips]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", getaddrinfo)


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    answers(monkeypatch, "8.8.8.8", "10.0.0.7")
    with pytest.raises(AddressRefused, match="open internet"):
        require_usable("https://calendar.example/a.ics")


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "localhost", "[::1]"])
def test_other_spellings_of_this_machine_are_refused(host):
    with pytest.raises(AddressRefused, match="open internet"):
        require_usable(f"https://{host}/a.ics")


def test_a_host_nobody_knows_is_not_found(monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror

    monkeypatch.setattr(addresses.socket, "getaddrinfo", unknown)
    with pytest.raises(ElsewhereTrouble, match="not found"):
        require_usable("https://nobody.example/a.ics")


def test_the_switch_for_tests_does_not_start_in_production():
    environment = os.environ | {
        "DEBUG": "0", "LOCAL_CALENDARS_ALLOWED": "1", "SECRET_KEY": "x" * 50,
        "ALLOWED_HOSTS": "a.example", "SITE_URL": "https://a.example",
        "EMAIL_URL": "memorymail://", "STRIPE_SECRET_KEY": "sk_live_x", "STRIPE_API_BASE": "",
        "STRIPE_WEBHOOK_SECRETS": "whsec_x",
        "HEALTH_KEYS": "2026-11:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    }  # fmt: skip
    started = subprocess.run(
        [sys.executable, "-c", "import portal.settings"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode != 0
    assert "LOCAL_CALENDARS_ALLOWED" in started.stderr


def test_with_the_switch_only_this_machine_may_be_asked():
    assert may_be_asked("127.0.0.1", local=True)
    assert not may_be_asked("10.0.0.1", local=True)
    assert not may_be_asked("8.8.8.8", local=True)
