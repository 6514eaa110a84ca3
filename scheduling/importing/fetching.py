"""Fetching a calendar from a server nobody vouches for (E22).

Bounded in everything: the address judged before each hop and connected to as judged, redirects,
bytes, and one deadline over all of it that a server dripping a byte a second cannot stretch.
The guard is ``accounts.reaching``.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Final
from urllib.parse import urljoin

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.reaching.addresses import Address, parsed
from accounts.reaching.connecting import Deadline, opened
from scheduling.importing.errors import CalendarTrouble

MOST_BYTES: Final = 2_000_000
MOST_REDIRECTS: Final = 3
TOTAL_SECONDS: Final = 12.0
REDIRECTS: Final = (301, 302, 303, 307, 308)
NOT_MODIFIED: Final = 304


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered. ``body`` is None when nothing has changed since last time."""

    body: bytes | None
    etag: str = ""
    last_modified: str = ""


def fetch(
    url: str, *, etag: str = "", last_modified: str = "", seconds: float = TOTAL_SECONDS
) -> Fetched:
    """The file at ``url``, unless it is still the one with this ``etag`` or date.

    Raises:
        ElsewhereTrouble: it cannot be had; the sentence never names the address.
    """
    deadline = Deadline(seconds)
    known = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {name: value for name, value in known.items() if value}
    with _plain_words():
        for _hop in range(MOST_REDIRECTS + 1):
            with _asked(parsed(url, local=here_only()), headers, deadline) as answer:
                if answer.status not in REDIRECTS:
                    return _read(answer, asked_if_changed=bool(headers))
                url = urljoin(url, answer.getheader("Location", ""))
                headers = {}  # what the first server told us is no other's business
    raise CalendarTrouble(_("It was sent on too many times."))


def here_only() -> bool:
    """Only the tests' own server, and then nothing but this machine."""
    return bool(settings.LOCAL_CALENDARS_ALLOWED)


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
def _asked(address: Address, headers: dict[str, str], deadline: Deadline) -> Iterator[HTTPResponse]:
    with opened(address, deadline, local=here_only()) as connection:
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
