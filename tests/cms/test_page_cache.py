"""The cache in front of the site: fast when it may be, absent when it must be."""

from io import BytesIO

import pytest
from django.apps import apps
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cms import purging
from cms.page_cache import ContentVersion, PageCache
from tests.builders import make_package, make_variant

PAGE = "/journal/calves-in-week-six/"


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


class Browser:
    """Asks a WSGI application, and says whether the portal behind was asked."""

    def __init__(self, version, clock):
        self.asked = 0
        handler = WSGIHandler()

        def portal(environ, start):
            self.asked += 1
            return handler(environ, start)

        self.cache = PageCache(portal, version, clock)

    def get(self, path, method="GET", **headers):
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "HTTP_HOST": "localhost:8000",
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
        }
        said = {}

        def start(status, headers, *_):
            said.update(status=int(status[:3]), headers=dict(headers))

        body = self.cache(environ, start)
        text = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        return said["status"], said["headers"], text


@pytest.fixture
def version(tmp_path, monkeypatch):
    version = ContentVersion(tmp_path / "var" / "content-version")
    monkeypatch.setattr(purging, "content_version", lambda: version)
    return version


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def browser(version, clock, tree, monkeypatch):
    # The end of a request closes the connection, and with it the test's transaction.
    ends = signals.request_started, signals.request_finished
    for signal in ends:
        monkeypatch.setattr(signal, "receivers", [])
    return Browser(version, clock)


def test_a_second_reader_gets_the_same_page_without_a_query(browser, write):
    write()
    first = browser.get(PAGE)

    with CaptureQueriesContext(connection) as queries:
        second = browser.get(PAGE)

    assert (first[0], second[0]) == (200, 200)
    assert first[2] == second[2]
    assert browser.asked == 1
    assert len(queries) == 0
    assert second[1]["Age"] == "0"
    assert "Set-Cookie" not in second[1]


@pytest.mark.parametrize(
    "path",
    ["/", PAGE, "/journal/", "/journal/?topic=calves", "/treatments/", "/sitemap.xml",
     "/robots.txt", "/journal/feed/", "/journal/calves-in-week-six.md", "/llms.txt"],
)  # fmt: skip
def test_every_public_page_is_kept(browser, write, path):
    write(tags=["calves"])
    browser.get(path)

    assert browser.get(path)[0] == 200
    assert browser.asked == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "session=abc"},
        {"cookie": "anything=at-all"},
        {"authorization": "Bearer x"},
        {"x-session-token": "x"},
        {"range": "bytes=0-10"},
    ],
)
def test_who_could_be_somebody_is_never_answered_from_it_nor_kept(browser, write, headers):
    write()
    browser.get(PAGE, **headers)
    browser.get(PAGE)
    assert browser.asked == 2

    browser.get(PAGE, **headers)

    assert browser.asked == 3


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/journal/nowhere/", "GET"),
        ("/account/", "GET"),
        ("/accounts/login/", "GET"),
        ("/search/?q=calves", "GET"),
        ("/journal/?utm=1", "GET"),
        ("/api/v1/content/navigation/", "GET"),
        ("/journal/", "HEAD"),
    ],
)
def test_what_is_not_a_public_page_is_asked_for_each_time(browser, write, path, method):
    write()
    browser.get(path, method)
    browser.get(path, method)

    assert browser.asked == 2


def test_a_page_is_not_sent_again_to_who_has_it(browser, write):
    write()
    _, headers, _ = browser.get(PAGE)

    status, again, body = browser.get(PAGE, **{"if-none-match": headers["ETag"]})

    assert (status, body, browser.asked) == (304, b"", 1)
    assert "Content-Length" not in again
    assert browser.get(PAGE, **{"if-none-match": '"another"'})[0] == 200


def test_a_head_is_answered_from_a_page_without_its_body(browser, write):
    write()
    browser.get(PAGE)

    status, _, body = browser.get(PAGE, "HEAD")

    assert (status, body, browser.asked) == (200, b"", 1)


def test_each_way_of_asking_has_its_own_answer(browser, write):
    write()
    plain = browser.get(PAGE)
    packed = browser.get(PAGE, **{"accept-encoding": "br, gzip"})
    markdown = browser.get(PAGE, accept="text/markdown")
    elsewhere = browser.get(PAGE, host="127.0.0.1:8000")

    assert browser.asked == 4
    assert packed[1]["Content-Encoding"] == "gzip"
    assert markdown[1]["Content-Type"].startswith("text/markdown")
    assert browser.get(PAGE)[2] == plain[2]
    assert browser.get(PAGE, accept="text/html,*/*;q=0.8")[2] == plain[2]
    assert elsewhere[0] == 200
    assert browser.asked == 4


@pytest.mark.parametrize(
    "accept", ["text/MARKDOWN", "*/*, text/html;q=0.5", "text/*, text/html;q=0.5"]
)
def test_no_way_of_asking_puts_markdown_where_readers_look_for_the_page(browser, write, accept):
    write("Calves in week six")
    browser.get(PAGE, accept=accept)

    status, headers, _ = browser.get(PAGE, accept="text/html")

    assert status == 200
    assert headers["Content-Type"].startswith("text/html")


def test_no_page_is_kept_for_longer_than_a_minute_and_it_says_its_age(browser, write, clock):
    write()
    browser.get(PAGE)
    clock.now += 59
    assert browser.get(PAGE)[1]["Age"] == "59"
    clock.now += 1

    browser.get(PAGE)

    assert browser.asked == 2


def committed(act):
    """Run the act and what it leaves for the commit, which a test's transaction never sees."""
    before = len(connection.run_on_commit)
    act()
    for _, run, _ in connection.run_on_commit[before:]:
        run()


def test_publishing_unpublishing_and_deleting_show_at_once(browser, write):
    page = write()
    browser.get(PAGE)

    page.title = "Calves in week seven"
    committed(lambda: page.save_revision().publish())
    assert b"Calves in week seven" in browser.get(PAGE)[2]

    committed(page.unpublish)
    assert browser.get(PAGE)[0] == 404

    committed(lambda: page.get_latest_revision().publish())
    assert browser.get(PAGE)[0] == 200
    committed(page.delete)
    assert browser.get(PAGE)[0] == 404


def test_a_page_that_moved_leaves_its_old_address_at_once(browser, tree):
    from cms.models import StandardPage
    from cms.tree import add_page

    above = add_page(tree.home, StandardPage(title="Small print", slug="small-print"))
    page = add_page(tree.home, StandardPage(title="Privacy", slug="privacy"))
    assert browser.get("/privacy/")[0] == 200

    committed(lambda: page.move(above, "last-child"))

    assert browser.get("/privacy/")[0] != 200
    assert browser.get("/small-print/privacy/")[0] == 200


def test_a_page_made_private_is_gone_at_once(browser, write):
    from wagtail.models import PageViewRestriction

    page = write()
    browser.get(PAGE)

    committed(
        lambda: PageViewRestriction.objects.create(
            page_id=page.pk, restriction_type=PageViewRestriction.LOGIN
        )
    )

    assert browser.get(PAGE)[0] == 302


@pytest.mark.parametrize("label", [*purging.SHOWN, *purging.SHOWN_LINKS])
def test_what_is_watched_exists(label):
    assert apps.get_model(label)


def test_a_new_price_or_length_begins_a_new_version(version, db):
    package = make_package()
    for change in (
        lambda: package.save(),
        lambda: make_variant().save(),
        lambda: package.variants.add(make_variant("long", minutes=90)),
        lambda: make_variant("long").service.save(),
    ):
        before = version.now()
        committed(change)
        assert version.now() != before


def test_a_draft_ends_nothing(version, write):
    page = write()
    before = version.now()

    committed(page.save_revision)

    assert version.now() == before


def test_what_is_rolled_back_ends_nothing(version, tree):
    before, waiting = version.now(), len(connection.run_on_commit)

    class Undone(Exception):
        pass

    def undone():
        with transaction.atomic():
            make_package()
            raise Undone

    with pytest.raises(Undone):
        undone()
    assert connection.run_on_commit[waiting:] == []
    assert version.now() == before


def test_a_page_made_while_something_changed_is_not_served_as_new(version, clock):
    """The change commits after the page was read, and before it is kept."""
    pages = iter([b"old", b"new"])

    def portal(environ, start):
        start("200 OK", [("Content-Type", "text/html"), ("Cache-Control", "public, max-age=60")])
        page = next(pages)
        version.end()
        return [page]

    cache = PageCache(portal, version, clock)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/"}

    assert cache(dict(environ), lambda *_: None) == [b"old"]
    assert cache(dict(environ), lambda *_: None) == [b"new"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Control": "private, max-age=60"},
        {"Cache-Control": "max-age=60"},
        {"Cache-Control": "public"},
        {"Cache-Control": "public, max-age=60", "Set-Cookie": "a=b"},
        {"Cache-Control": "public, max-age=60", "Vary": "Cookie"},
        {"Cache-Control": "public, max-age=60", "Vary": "*"},
        {"Cache-Control": "public, max-age=60", "Content-Type": "image/png"},
    ],
)
def test_an_answer_that_does_not_allow_it_is_never_kept(version, headers):
    asked = []

    def portal(environ, start):
        asked.append(1)
        start("200 OK", list(({"Content-Type": "text/html"} | headers).items()))
        return [b"page"]

    cache = PageCache(portal, version)
    for _ in range(2):
        cache({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, lambda *_: None)

    assert len(asked) == 2


def test_it_forgets_the_oldest_when_it_is_full(version, monkeypatch):
    monkeypatch.setattr("cms.page_cache.MOST_PAGES", 2)

    def portal(environ, start):
        start("200 OK", [("Content-Type", "text/html"), ("Cache-Control", "public, max-age=60")])
        return [b"page"]

    cache = PageCache(portal, version)
    for path in ("/a/", "/b/", "/c/"):
        cache({"REQUEST_METHOD": "GET", "PATH_INFO": path}, lambda *_: None)

    assert [key[3] for key in cache._kept] == ["/b/", "/c/"]
