"""What a browser makes of an answer: light on a phone, dark at a desk, by axe and by eye."""

from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import count
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.journeys.test_reader_sees import ORIGIN, _answer

LOOKS = (("light", 390, 844), ("dark", 1280, 900))
NEVER_CLOSED = frozenset("area base br col embed hr img input link meta source track wbr".split())


@pytest.fixture
def shown(browser: Browser) -> Iterator:
    """Shows an answer of the portal, in process: nothing has to run."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    number = count(1)

    def show(answer: Any) -> Page:
        path = f"/page-{next(number)}"
        page.unroute_all()
        page.route("**/*", lambda route: _answer(route, {path: answer}, []))
        page.goto(f"{ORIGIN}{path}")
        return page

    yield show
    context.close()


def barriers(page: Page, name: str) -> Iterator[str]:
    """What axe finds in either look, what goes sideways, and headings of the first level."""
    page.evaluate(Axe().axe_script)
    for colours, width, height in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
        for one in found["violations"]:
            yield f"{name}, {colours}: {one['id']}: {one['nodes'][0]['html'][:120]}"
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            yield f"{name}, {width}: goes sideways"
    if page.locator("h1").count() != 1:
        yield f"{name}: not one heading of the first level"


def misnested(html: str) -> list[str]:
    """Tags closed that are not open, and left open: a browser mends them, as it likes."""
    read = _Nesting()
    read.feed(html)
    read.close()
    return [*read.wrong, *(f"<{tag}> is left open" for tag in read.open)]


class _Nesting(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        if tag not in NEVER_CLOSED:
            self.open.append(tag)

    def handle_startendtag(self, _tag: str, _attributes: object) -> None:
        """Closed in itself, as in a drawing."""

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1:] == [tag]:
            self.open.pop()
        else:
            self.wrong.append(f"</{tag}> in line {self.getpos()[0]} closes nothing")
