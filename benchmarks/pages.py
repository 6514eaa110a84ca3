"""B7, in process: public pages against a page of the same frame without a query."""

from django.test import Client
from django.test.utils import override_settings
from wagtail.models import Site

from benchmarks.measuring import Ratio, in_turn


def run(quick: bool) -> list[Ratio]:
    Site.clear_site_root_paths_cache()
    with override_settings(ALLOWED_HOSTS=["*"], DEBUG=False):
        client = Client(SERVER_NAME="localhost")
        return [
            _against_empty(client, "/", "home page, uncached"),
            _against_empty(client, "/journal/", "journal, uncached"),
        ]


def _against_empty(client: Client, path: str, what: str) -> Ratio:
    assert client.get(path).status_code == 200, path
    ours, empty = in_turn(lambda: client.get(path), lambda: client.get("/no-such-page/"), rounds=15)
    return Ratio("B7*", what, ours, "the 404 page", empty, ">= 0.25", of_requests=True)
