"""The demo's site, walked from its front door: every link, picture, feed and page is sound."""

from datetime import date
from io import BytesIO
from types import SimpleNamespace

import html5lib
import pytest
from django.contrib.staticfiles import finders
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image as PillowImage

from cms import remembering
from cms.demo import load_demo_content
from cms.demo_content import pictures
from cms.site_check import Answer, SiteCheck, page_faults
from portal.demo.practice import open_practice

ORIGIN = "http://localhost:8000"
BUDGET = 12


@pytest.fixture
def demo(db, monkeypatch):
    """The practice with its real offers, and small pictures: drawing the real ones takes long."""
    small = BytesIO()
    PillowImage.new("RGB", (160, 90)).save(small, "PNG")
    monkeypatch.setattr(pictures, "png", lambda drawing: small.getvalue())
    open_practice(since=date(2026, 1, 1))
    load_demo_content(at=timezone.now(), by=None)


@pytest.fixture
def fetch(client):
    def fetch(path):
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            return Answer(200 if found else 404, "", b"")
        if path.startswith("/media/"):
            there = default_storage.exists(path.removeprefix("/media/"))
            return Answer(200 if there else 404, "", b"")
        response = client.get(path, follow=True)
        return Answer(
            response.status_code, response.headers.get("Content-Type", ""), response.content
        )

    return fetch


def test_the_whole_demo_is_sound(demo, fetch):
    check = SiteCheck(fetch, ORIGIN)

    faults = check.run()

    assert [str(fault) for fault in faults] == []
    assert len(check.pages) > 25
    for path in ("/journal/feed/", "/journal/feed/atom/", "/journal/feed/json/", "/packages/"):
        assert path in check.seen


SPARING = (
    "/", "/journal/", "/journal/race-week/", "/treatments/", "/treatments/sports-massage/",
    "/packages/", "/therapists/", "/search/?q=calves",
)  # fmt: skip


def test_no_page_asks_more_than_a_dozen_questions(demo, client, monkeypatch):
    """What the apps below answered is remembered outside transactions, where readers are."""
    monkeypatch.setattr(remembering, "connection", SimpleNamespace(in_atomic_block=False))
    monkeypatch.setattr(remembering, "_answers", {})
    asked = {}
    for path in SPARING:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        asked[path] = len(queries)

    assert {path: many for path, many in asked.items() if many > BUDGET} == {}


# --- The walk notices what is wrong -------------------------------------------------------------
GOOD = (
    '<!doctype html><html lang="en"><head><title>T</title></head><body><h1>H</h1>{}</body></html>'
)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<p id="a"></p><p id="a"></p>', "the id a more than once"),
        ('<img src="/x.png">', "without alt, width, height"),
        ('<label for="gone">x</label>', "for names gone"),
        ("<h1>Two</h1>", "exactly one first heading"),
        ('<script src="https://cdn.example/x.js"></script>', "from elsewhere"),
        (
            '<img src="/media/original_images/x.png" alt="" width="1" height="1">',
            "shows an original",
        ),
    ],
)
def test_a_fault_of_a_page_is_named(body, fault):
    assert any(fault in found for found in page_faults(html5lib.parse(GOOD.format(body))))


def site_of(**files):
    def fetch(path):
        body = files.get(path.strip("/").replace(".", "_") or "home")
        kind = {".xml": "application/xml", ".txt": "text/plain"}.get(path[-4:], "text/html")
        return Answer(200, kind, body.encode()) if body is not None else Answer(404, "", b"")

    return [str(fault) for fault in SiteCheck(fetch, ORIGIN).run()]


SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'


def test_dead_links_orphans_lost_fragments_and_bad_html_are_named():
    loc = f"<url><loc>{ORIGIN}/lost/</loc></url>"
    faults = site_of(
        home=GOOD.format('<a href="/gone/">x</a><a href="/#nowhere">y</a><p><div></p>'),
        lost=GOOD.format(""),
        sitemap_xml=SITEMAP.format(loc),
        robots_txt="",
        llms_txt="",
    )

    said = "\n".join(faults)
    assert "/: leads to /gone/, which answers 404" in said
    assert "/: links to /#nowhere, which is not there" in said
    assert "/: is no valid HTML" in said
    assert "/lost/: is in the sitemap, but no page links to it" in said
