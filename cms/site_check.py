"""A walk over the whole site by its own links, holding every page against what a page must be.

``manage.py check_site URL`` walks a running site, a test walks the demo in process. The parser of
the development set is strict where browsers forgive, so nothing here is for a visitor's request.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit
from xml.etree import ElementTree  # S405: the site's own answers

import html5lib

HTML = "{http://www.w3.org/1999/xhtml}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ADDRESSES = {
    "a": ("href",), "link": ("href",), "img": ("src", "srcset"), "source": ("src", "srcset"),
    "script": ("src",), "iframe": ("src",), "video": ("src", "poster"),
}  # fmt: skip
# Personal or endless: asked for, so that no link is dead, but not walked on from.
NOT_WALKED = re.compile(r"^/(account|accounts|admin|api|book|bookings|orders|staff|search)/")
MOST_PAGES = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address gave, redirects followed."""

    status: int
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong, and where."""

    page: str
    what: str

    def __str__(self) -> str:
        return f"{self.page}: {self.what}"


@dataclass
class SiteCheck:
    """``SiteCheck(fetch, "https://…").run()`` gives the faults."""

    fetch: Callable[[str], Answer]
    origin: str
    faults: list[Fault] = field(default_factory=list)
    pages: dict[str, Any] = field(default_factory=dict)  # path -> parsed document
    seen: dict[str, Answer] = field(default_factory=dict)
    _fragments: list[tuple[str, str, str]] = field(default_factory=list)

    def run(self) -> list[Fault]:
        self._walk(["/"])
        linked = set(self.pages)
        listed = self._sitemap()
        for path in listed:
            if path not in linked:
                self._fault(path, "is in the sitemap, but no page links to it")
        self._walk([path for path in listed if path not in self.seen])
        for path in linked:
            self._listed_rightly(path, listed)
        self._walk(["/robots.txt", "/llms.txt"])
        for page, path, fragment in self._fragments:
            if path in self.pages and fragment not in _ids(self.pages[path]):
                self._fault(page, f"links to {path}#{fragment}, which is not there")
        return self.faults

    # --- Walking ------------------------------------------------------------------------------
    def _walk(self, starts: Iterable[str]) -> None:
        waiting = deque((path, "start") for path in starts)
        while waiting and len(self.seen) < MOST_PAGES:
            path, page = waiting.popleft()
            if path in self.seen:
                continue
            answer = self.seen[path] = self.fetch(path)
            if answer.status != 200:
                self._fault(page, f"leads to {path}, which answers {answer.status}")
            elif answer.kind.startswith("text/html"):
                waiting.extend((each, path) for each in self._page(path, answer))
            else:
                self._file(path, answer)

    def _page(self, path: str, answer: Answer) -> list[str]:
        """Check a page; where it leads on this site."""
        parser = html5lib.HTMLParser(strict=False)
        document = parser.parse(answer.body, transport_encoding="utf-8")
        for (line, column), code, more in parser.errors:
            self._fault(path, f"is no valid HTML at {line}:{column}: {code} {more}")
        for what in page_faults(document):
            self._fault(path, what)
        self.pages[path] = document
        if NOT_WALKED.match(path):
            return []
        return list(self._inside(path, document))

    def _inside(self, page: str, document: Any) -> Iterator[str]:
        for address in _addresses(document):
            whole, fragment = urldefrag(urljoin(f"{self.origin}{page}", address))
            parts = urlsplit(whole)
            if f"{parts.scheme}://{parts.netloc}" != self.origin:
                continue
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            if fragment:
                self._fragments.append((page, path, fragment))
            yield path

    def _file(self, path: str, answer: Answer) -> None:
        kind = answer.kind.partition(";")[0]
        try:
            if kind.endswith("json"):
                json.loads(answer.body)
            elif kind.endswith("xml"):
                ElementTree.fromstring(answer.body)  # noqa: S314 - our own feed
        except (ValueError, ElementTree.ParseError) as error:
            self._fault(path, f"cannot be read as {kind}: {error}")

    # --- The sitemap ---------------------------------------------------------------------------
    def _sitemap(self) -> list[str]:
        answer = self.fetch("/sitemap.xml")
        if answer.status != 200:
            self._fault("/sitemap.xml", f"answers {answer.status}")
            return []
        found = ElementTree.fromstring(answer.body).iter(f"{SITEMAP}loc")  # noqa: S314
        addresses = [each.text or "" for each in found]
        for address in addresses:
            if not address.startswith(f"{self.origin}/"):
                self._fault("/sitemap.xml", f"names {address}, which is not on {self.origin}")
        return [address.removeprefix(self.origin) for address in addresses]

    def _listed_rightly(self, path: str, listed: list[str]) -> None:
        document = self.pages[path]
        hidden = "noindex" in _robots(document)
        own = _canonical(document) == f"{self.origin}{path}"
        if path in listed and (hidden or not own):
            self._fault(path, "is in the sitemap, but hides or has another canonical address")
        if path not in listed and own and not hidden:
            self._fault(path, "asks to be found, but is not in the sitemap")

    def _fault(self, page: str, what: str) -> None:
        self.faults.append(Fault(page, what))


# --- One page ------------------------------------------------------------------------------------
def page_faults(document: Any) -> Iterator[str]:
    """What is wrong with a parsed page by itself."""
    ids = [each.get("id") for each in document.iter() if each.get("id") is not None]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"has the id {name} more than once"
    for element in document.iter():
        for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            for name in (element.get(attribute) or "").split():
                if name not in ids:
                    yield f"{attribute} names {name}, which is not there"
    for image in _all(document, "img"):
        missing = [name for name in ("alt", "width", "height") if image.get(name) is None]
        if missing:
            yield f"has a picture without {', '.join(missing)}: {image.get('src')}"
        if "/original_images/" in (image.get("src") or ""):
            yield f"shows an original: {image.get('src')}"
    if len(list(_all(document, "h1"))) != 1:
        yield "has not exactly one first heading"
    if not "".join(next(_all(document, "title")).itertext()).strip():
        yield "has no title"
    if not next(_all(document, "html")).get("lang"):
        yield "does not say its language"
    for kind, attribute in (("script", "src"), ("iframe", "src"), ("img", "src")):
        for each in _all(document, kind):
            address = each.get(attribute) or ""
            if "//" in address and kind != "img":
                yield f"loads something from elsewhere: {address}"


def _all(document: Any, name: str) -> Iterator[Any]:
    found: Iterator[Any] = document.iter(f"{HTML}{name}")
    return found


def _ids(document: Any) -> set[str]:
    return {each.get("id") for each in document.iter() if each.get("id")}


def _addresses(document: Any) -> Iterator[str]:
    for name, attributes in ADDRESSES.items():
        for element in _all(document, name):
            for attribute in attributes:
                value = (element.get(attribute) or "").strip()
                if attribute == "srcset":
                    yield from (part.split()[0] for part in value.split(",") if part.strip())
                elif value and not value.startswith(("mailto:", "tel:", "webcal:", "data:")):
                    yield value
    for meta in _all(document, "meta"):
        if meta.get("property") == "og:image":
            yield meta.get("content")


def _robots(document: Any) -> str:
    found = [each.get("content") for each in _all(document, "meta") if each.get("name") == "robots"]
    return ",".join(found)


def _canonical(document: Any) -> str:
    found = [each.get("href") for each in _all(document, "link") if each.get("rel") == "canonical"]
    return found[0] if found else ""
