"""Fetching a calendar from a server nobody vouches for (E22).

Bounded in everything: the address judged before each hop and connected to as judged, redirects,
bytes, and one deadline over all of it that a server dripping a byte a second cannot stretch.
No proxy of the environment is used, because a proxy would ask the name server again.
"""

import io
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, Final
from urllib.parse import urljoin

from django.utils.translation import gettext as _

from scheduling.importing import addresses
from scheduling.importing.addresses import Address
from scheduling.importing.errors import CalendarTrouble

MOST_BYTES: Final = 2_000_000
MOST_REDIRECTS: Final = 3
CONNECT_SECONDS: Final = 4.0
READ_SECONDS: Final = 6.0  # for the next bytes, whatever they are
TOTAL_SECONDS: Final = 12.0
REDIRECTS: Final = (301, 302, 303, 307, 308)
NOT_MODIFIED: Final = 304


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered. ``body`` is None when nothing has changed since last time."""

    body: bytes | None
    etag: str = ""
    last_modified: str = ""


class Deadline:
    """One moment by which everything is over."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self, at_most: float) -> float:
        """Seconds the next step may take.

        Raises:
            TimeoutError: there are none left.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, at_most)


def fetch(
    url: str, *, etag: str = "", last_modified: str = "", seconds: float = TOTAL_SECONDS
) -> Fetched:
    """The file at ``url``, unless it is still the one with this ``etag`` or date.

    Raises:
        CalendarTrouble: it cannot be had; the sentence never names the address.
    """
    deadline = Deadline(seconds)
    known = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {name: value for name, value in known.items() if value}
    with _plain_words():
        for _hop in range(MOST_REDIRECTS + 1):
            with _asked(addresses.parsed(url), headers, deadline) as answer:
                if answer.status not in REDIRECTS:
                    return _read(answer, asked_if_changed=bool(headers))
                url = urljoin(url, answer.getheader("Location", ""))
                headers = {}  # what the first server told us is no other's business
    raise CalendarTrouble(_("It was sent on too many times."))


@contextmanager
def _plain_words() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise CalendarTrouble(_("Its server took too long.")) from None
    except ssl.SSLError:
        raise CalendarTrouble(_("Its server's certificate is not valid.")) from None
    except (OSError, HTTPException, ValueError):
        raise CalendarTrouble(_("Its server did not answer properly.")) from None


@contextmanager
def opened(
    address: Address, deadline: Deadline, *, local: bool | None = None
) -> Iterator[HTTPConnection]:
    """A connection to where the address was judged to be, each step within the deadline.

    Raises:
        CalendarTrouble: it may not be asked, or its name is not known.
    """
    seconds = deadline.left(addresses.NAME_SECONDS)
    places = addresses.public_addresses(address, seconds, local=local)
    connection = HTTPConnection(address.host, address.port)
    sock = _connected(address, places, deadline)
    with closing(sock):
        connection.sock = _Bounded(sock, deadline)
        yield connection


@contextmanager
def _asked(address: Address, headers: dict[str, str], deadline: Deadline) -> Iterator[HTTPResponse]:
    with opened(address, deadline) as connection:
        connection.request("GET", address.target, headers=_headers(address) | headers)
        yield connection.getresponse()


def _headers(address: Address) -> dict[str, str]:
    return {
        "Host": address.host_header,
        "User-Agent": "massage-for-runners-calendars/1",
        "Accept": "text/calendar",
        # A file that unpacks itself has no size until it is too late.
        "Accept-Encoding": "identity",
        "Connection": "close",
    }


def _connected(address: Address, places: list[str], deadline: Deadline) -> socket.socket:
    """A connection to one of the judged addresses, by name only for the certificate."""
    trouble: OSError | None = None
    for place in places:
        try:
            raw = socket.create_connection(
                (place, address.port), timeout=deadline.left(CONNECT_SECONDS)
            )
        except OSError as error:
            trouble = error
            continue
        return _wrapped(raw, address, deadline)
    raise trouble or OSError("nowhere to connect to")


def _wrapped(raw: socket.socket, address: Address, deadline: Deadline) -> socket.socket:
    if address.scheme != "https":
        return raw
    try:
        raw.settimeout(deadline.left(CONNECT_SECONDS))
        return trust().wrap_socket(raw, server_hostname=address.host)
    except BaseException:
        raw.close()
        raise


def trust() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Bounded:
    """As much of a socket as ``http.client`` uses, each step of it within the deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline

    def sendall(self, data: Any) -> None:
        self._sock.settimeout(self._deadline.left(READ_SECONDS))
        self._sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Arriving(self._sock, self._deadline))

    def close(self) -> None:
        """Not yet: ``http.client`` lets go of the connection before the answer is read."""


class _Arriving(io.RawIOBase):
    """The bytes of an answer as they come."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._deadline.left(READ_SECONDS))
        return self._sock.recv_into(buffer)


def _read(answer: HTTPResponse, *, asked_if_changed: bool) -> Fetched:
    if answer.status == NOT_MODIFIED and asked_if_changed:
        return Fetched(None)
    _require_ok(answer.status)
    if answer.getheader("Content-Encoding", "identity").strip().lower() not in ("identity", ""):
        raise CalendarTrouble(_("Its server sent it packed, which we do not take."))
    body = answer.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise CalendarTrouble(_("It is larger than two megabytes."))
    if answer.length:
        raise CalendarTrouble(_("It broke off in the middle."))
    return Fetched(
        body,
        etag=_header(answer, "ETag", 200),
        last_modified=_header(answer, "Last-Modified", 60),
    )


def _require_ok(status: int) -> None:
    if status in (404, 410):
        raise CalendarTrouble(_("It was not found."))
    if status in (401, 403):
        raise CalendarTrouble(_("Its server does not let us in."))
    if status != 200:
        raise CalendarTrouble(_("Its server answered with error %(status)s.") % {"status": status})


def _header(answer: HTTPResponse, name: str, longest: int) -> str:
    """A header to send back next time; one too long to keep or not plain is not kept."""
    value: str = answer.getheader(name, "")
    return value if len(value) <= longest and value.isascii() and value.isprintable() else ""
