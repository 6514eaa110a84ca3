"""Fetching from servers that mean no good, or just have a bad day (E22)."""

import gzip
import logging
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from accounts.reaching import addresses, connecting
from accounts.reaching.errors import AddressRefused, ElsewhereTrouble
from scheduling.importing.fetching import MOST_BYTES, fetch
from tests.scheduling.importing.conftest import calendar_file, event, serve, stop

BUSY = calendar_file(event("DTSTART:20261201T090000Z", "DTEND:20261201T100000Z"))


def test_the_file_comes_with_what_to_ask_next_time(server):
    server.says(BUSY, headers={"ETag": '"7"', "Last-Modified": "Tue, 24 Nov 2026 09:00:00 GMT"})

    got = fetch(server.url())

    assert (got.body, got.etag) == (BUSY, '"7"')
    assert got.last_modified == "Tue, 24 Nov 2026 09:00:00 GMT"
    [(_path, headers)] = server.asked
    assert headers["Accept-Encoding"] == "identity"
    assert headers["Host"] == f"127.0.0.1:{server.server.server_port}"


def test_what_has_not_changed_is_not_sent_again(server):
    def unless_known(headers):
        return (304, {}, b"") if headers.get("If-None-Match") == '"7"' else (200, {}, BUSY)

    server.says(unless_known)
    assert fetch(server.url(), etag='"7"').body is None
    assert fetch(server.url()).body == BUSY


def test_a_server_that_says_unchanged_unasked_is_not_believed(server):
    server.says(status=304)
    with pytest.raises(ElsewhereTrouble, match="error 304"):
        fetch(server.url())


def test_redirects_are_followed_three_times_and_no_more(server):
    for number in range(5):
        target = f"/{number + 1}" if number % 2 else server.url(f"/{number + 1}")
        server.says(status=302, path=f"/{number}", headers={"Location": target})
    server.says(BUSY, path="/5")

    assert fetch(server.url("/2")).body == BUSY
    with pytest.raises(ElsewhereTrouble, match="sent on too many times"):
        fetch(server.url("/1"))


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://192.168.0.1/",
        "https://user:word@calendar.example/", "file:///etc/passwd", "gopher://127.0.0.1:25/x",
        "http://[fd00::1]/", "//10.1.1.1/x", "",
    ],
)  # fmt: skip
def test_each_redirect_is_judged_like_the_first_address(server, target):
    server.says(status=302, headers={"Location": target})

    with pytest.raises(ElsewhereTrouble) as refused:
        fetch(server.url())

    if target:
        assert isinstance(refused.value, AddressRefused)
        assert len(server.asked) == 1


def test_a_redirect_takes_nothing_the_first_server_told_us_along(server):
    server.says(status=302, headers={"Location": "/there"})
    server.says(BUSY, path="/there")

    fetch(server.url(), etag='"7"')

    assert "If-None-Match" in server.asked[0][1]
    assert "If-None-Match" not in server.asked[1][1]


def test_a_server_that_drips_is_left_at_the_deadline(server):
    server.says(BUSY, drip=0.2)
    with pytest.raises(ElsewhereTrouble, match="too long"):
        fetch(server.url(), seconds=1.0)


def test_headers_that_drip_are_left_at_the_deadline(server):
    server.answers["/busy.ics"] = (200, {}, lambda headers: 1 / 0, None)  # hangs up, no answer
    with pytest.raises(ElsewhereTrouble):
        fetch(server.url(), seconds=1.0)


def test_a_file_too_large_is_left_where_it_is(server):
    server.says(b"x" * (MOST_BYTES + 1))
    with pytest.raises(ElsewhereTrouble, match="two megabytes"):
        fetch(server.url())


def test_a_packed_file_is_refused_before_it_unpacks(server):
    server.says(gzip.compress(b"x" * 50_000_000), headers={"Content-Encoding": "gzip"})
    with pytest.raises(ElsewhereTrouble, match="packed"):
        fetch(server.url())


def test_a_file_that_breaks_off_is_not_read_as_whole(server):
    server.says(BUSY, headers={"Content-Length": str(len(BUSY) + 10)})
    with pytest.raises(ElsewhereTrouble, match="broke off"):
        fetch(server.url(), seconds=3)


@pytest.mark.parametrize(
    ("status", "says"), [(404, "not found"), (410, "not found"), (403, "let us in"), (500, "500")]
)
def test_what_went_wrong_is_said_and_the_address_is_not(server, status, says, caplog):
    caplog.set_level(logging.DEBUG)
    server.says(status=status, path="/secret-token.ics")

    with pytest.raises(ElsewhereTrouble, match=says) as trouble:
        fetch(server.url("/secret-token.ics"))

    assert "secret-token" not in str(trouble.value) + caplog.text


def test_no_proxy_of_the_environment_is_used(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.says(BUSY)
    assert fetch(server.url()).body == BUSY


# --- https: the judged address is connected to, the certificate is the name's ------------------


@pytest.fixture
def named_server(settings, tmp_path, monkeypatch):
    """An https server on this machine whose certificate is ``calendar.test``'s."""
    settings.LOCAL_CALENDARS_ALLOWED = True
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "calendar.test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("calendar.test")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "calendar.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(pem)
    monkeypatch.setattr(connecting, "trust", lambda: ssl.create_default_context(cafile=str(pem)))
    server = serve(lambda sock: own.wrap_socket(sock, server_side=True))
    server.says(BUSY)
    yield server
    stop(server)


def _resolving(monkeypatch, *answers):
    """A name server that gives the next answer each time it is asked."""
    left = list(answers)

    def getaddrinfo(host, port, **kwargs):
        return [(0, 0, 0, "", (left.pop(0), port))]

    monkeypatch.setattr(addresses, "socket", _Socket(getaddrinfo))
    return left


class _Socket:
    SOCK_STREAM = 1

    def __init__(self, getaddrinfo):
        self.getaddrinfo = getaddrinfo


def test_a_name_is_asked_for_once_and_its_certificate_is_checked(named_server, monkeypatch):
    left = _resolving(monkeypatch, "127.0.0.1", "10.0.0.1")  # the second is the rebinding

    port = named_server.server.server_port
    assert fetch(f"https://calendar.test:{port}/busy.ics").body == BUSY

    assert left == ["10.0.0.1"]
    assert named_server.asked[0][1]["Host"] == f"calendar.test:{port}"


def test_a_certificate_of_another_name_is_not_valid(named_server, monkeypatch):
    _resolving(monkeypatch, "127.0.0.1")
    with pytest.raises(ElsewhereTrouble, match="certificate"):
        fetch(f"https://another.test:{named_server.server.server_port}/busy.ics")
