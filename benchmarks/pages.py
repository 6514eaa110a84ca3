"""B6, B7 and B8, in process: public pages and the list of pages, on the demo's content.

Both sides of each line are answered by the same process without a socket; a server adds the same
to both.
"""

from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone
from wagtail.models import Site

from benchmarks.measuring import Ratio, in_turn

PAGE = "/journal/race-week/"


def run(quick: bool) -> list[Ratio]:
    _write_the_demo()
    Site.clear_site_root_paths_cache()
    rounds = 10 if quick else 40
    with override_settings(ALLOWED_HOSTS=["*"], DEBUG=False):
        client = Client(SERVER_NAME="localhost")
        return [
            _kept(rounds),
            _against_empty(client, "/", "home page, uncached", rounds),
            _against_empty(client, "/journal/", "journal, uncached", rounds),
            _against_empty(client, PAGE, "article, uncached", rounds),
            _list(rounds),
        ]


def _write_the_demo() -> None:
    from cms.demo import load_demo_content
    from portal.demo.practice import open_practice

    open_practice(since=date(2026, 1, 1))
    load_demo_content(at=timezone.now(), by=None)


def _kept(rounds: int) -> Ratio:
    """A page that was asked for before, against a static file of its size."""
    from cms.page_cache import PageCache
    from cms.purging import content_version

    with TemporaryDirectory() as folder, override_settings(STATIC_ROOT=folder):
        size = len(_ask(WSGIHandler(), PAGE))
        Path(folder, "same-size.html").write_bytes(b"x" * size)
        portal = PageCache(WSGIHandler(), content_version())
        static = f"{settings.STATIC_URL}same-size.html"
        assert len(_ask(portal, PAGE)) == len(_ask(portal, static)) == size
        ours, file = in_turn(
            lambda: [_ask(portal, PAGE) for _ in range(50)],
            lambda: [_ask(portal, static) for _ in range(50)],
            rounds=rounds,
        )
    return Ratio("B6*", "50 articles, kept", ours, "50 static files", file, ">= 0.8", True)


def _against_empty(client: Client, path: str, what: str, rounds: int) -> Ratio:
    assert client.get(path).status_code == 200, path
    ours, empty = in_turn(
        lambda: client.get(path), lambda: client.get("/no-such-page/"), rounds=rounds
    )
    return Ratio("B7*", what, ours, "the 404 page", empty, ">= 0.25", of_requests=True)


def _list(rounds: int) -> Ratio:
    with override_settings(ROOT_URLCONF="benchmarks.hello"):
        client = Client(SERVER_NAME="localhost")
        path = "/api/v1/pages/?limit=20"
        assert client.get(path).status_code == 200
        ours, hello = in_turn(lambda: client.get(path), lambda: client.get("/hello"), rounds=rounds)
    return Ratio("B8*", "20 pages by the API", ours, "hello", hello, ">= 0.10", of_requests=True)


def _ask(application: Any, path: str) -> bytes:
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(), "HTTP_HOST": "localhost",
    }  # fmt: skip
    answer = application(environ, lambda *_: None)
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return body
