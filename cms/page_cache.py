"""A cache of whole public pages in front of Django: a hit costs a look at one file.

It keeps what the portal itself allows any cache to keep (``cms.caching`` says so in
``Cache-Control``), for as long as that allows, and gives it to nobody who could be somebody: a
request with a cookie or a token passes by. What a page shows has one version; whatever changes a
page or an offer begins a new one (``cms.purging``), and nothing of an old version is served again.
The version is read before a page is made, so a page made while something changed is filed under
the version that has just ended.

The version is the length of a file that all processes of this machine share. On another machine
the answer's own age is the bound: a minute.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]
Headers = list[tuple[str, str]]
Version = tuple[int, int]

MOST_PAGES = 1000
LARGEST = 512 * 1024  # bytes of one page
LONGEST = 60  # seconds, whatever the answer says
KNOWN_QUESTIONS = {"topic", "page"}  # other queries would fill the cache with equal pages
KEPT_TYPES = (
    "text/html", "text/markdown", "text/plain", "application/xml",
    "application/rss+xml", "application/atom+xml", "application/feed+json",
)  # fmt: skip
KEYED_BY = {"accept", "accept-encoding"}  # what a kept answer may vary by
IDENTIFYING = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_X_SESSION_TOKEN", "HTTP_RANGE")


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer as it went out. Times are of the monotonic clock."""

    version: Version
    made: float
    ends: float
    status: str
    headers: Headers
    etag: str
    body: bytes


class ContentVersion:
    """The length of a file: it grows with every change, and a byte is appended atomically."""

    def __init__(self, path: Path) -> None:
        self._path = os.fspath(path)

    def now(self) -> Version:
        try:
            found = os.stat(self._path)
        except OSError:
            return (0, 0)
        return (found.st_ino, found.st_size)

    def end(self) -> None:
        """Begin a new version."""
        os.makedirs(os.path.dirname(self._path), exist_ok=True)
        with open(self._path, "ab") as file:
            file.write(b".")


class PageCache:
    """A WSGI application in front of another."""

    def __init__(
        self,
        application: Application,
        version: ContentVersion,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._application = application
        self._version = version
        self._clock = clock
        self._kept: OrderedDict[tuple[str, ...], Kept] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        if not _may_be_asked(environ):
            return self._application(environ, start)
        key, version = _key(environ), self._version.now()
        kept = self._kept.get(key)
        if kept and kept.version == version and kept.ends > self._clock():
            return self._answer(kept, environ, start)
        if environ["REQUEST_METHOD"] != "GET":
            return self._application(environ, start)
        return self._ask(key, version, environ, start)

    def _answer(self, kept: Kept, environ: Environ, start: Start) -> list[bytes]:
        headers = [*kept.headers, ("Age", str(int(self._clock() - kept.made)))]
        if kept.etag and _known(kept.etag, environ.get("HTTP_IF_NONE_MATCH", "")):
            start("304 Not Modified", _without_body(headers))
            return [b""]
        start(kept.status, headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else kept.body]

    def _ask(
        self, key: tuple[str, ...], version: Version, environ: Environ, start: Start
    ) -> Iterable[bytes]:
        """Let the portal answer, and keep what may be kept."""
        said: list[Any] = []

        def listen(status: str, headers: Headers, *more: Any) -> Any:
            said[:] = [status, headers]
            return start(status, headers, *more)

        body = self._application(environ, listen)
        seconds = _seconds(*said) if said else 0
        if not seconds:
            return body
        whole, now = _whole(body), self._clock()
        if len(whole) <= LARGEST:
            status, headers = said
            etag = _header(headers, "etag")
            self._keep(key, Kept(version, now, now + seconds, status, headers, etag, whole))
        return [whole]

    def _keep(self, key: tuple[str, ...], kept: Kept) -> None:
        with self._lock:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_PAGES:
                self._kept.popitem(last=False)


def _may_be_asked(environ: Environ) -> bool:
    """Somebody who is nobody in particular, asking for something that has one answer."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return False
    if any(environ.get(name) for name in IDENTIFYING):
        return False
    query = environ.get("QUERY_STRING", "")
    return not query or {name for name, _ in parse_qsl(query, True)} <= KNOWN_QUESTIONS


def _key(environ: Environ) -> tuple[str, ...]:
    accept = environ.get("HTTP_ACCEPT", "").lower()
    return (
        environ.get("HTTP_HOST", ""),
        environ.get("wsgi.url_scheme", ""),
        environ.get("HTTP_X_FORWARDED_PROTO", ""),
        environ.get("PATH_INFO", ""),
        environ.get("QUERY_STRING", ""),
        # Both of these are read by the portal in more ways than this, but answered in two.
        "gzip" if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "") else "",
        accept if "markdown" in accept else "",
    )


def _seconds(status: str, headers: Headers) -> int:
    """How long any cache may keep the answer; none if it may not."""
    rules = _header(headers, "cache-control").replace(" ", "").split(",")
    varies = {name.strip().lower() for name in _header(headers, "vary").split(",")} - {""}
    ages = [rule.partition("=")[2] for rule in rules if rule.startswith("max-age=")]
    if (
        not status.startswith("200")
        or "public" not in rules
        or not ages
        or not varies <= KEYED_BY
        or _header(headers, "set-cookie")
        or not _header(headers, "content-type").startswith(KEPT_TYPES)
    ):
        return 0
    return min(int(ages[0]), LONGEST) if ages[0].isdigit() else 0


def _whole(body: Iterable[bytes]) -> bytes:
    try:
        return b"".join(body)
    finally:
        _close(body)


def _close(body: Iterable[bytes]) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()


def _header(headers: Headers, name: str) -> str:
    return ", ".join(value for key, value in headers if key.lower() == name)


def _known(etag: str, asked: str) -> bool:
    """Weak comparison, as for any GET."""
    tags = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags


def _without_body(headers: Headers) -> Headers:
    return [each for each in headers if each[0].lower() not in ("content-length", "content-type")]
