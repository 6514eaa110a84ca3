"""What a reader sees of search and of the newer blocks: no barrier by axe, nothing from elsewhere.

The browser is answered in process, so nothing has to run.
"""

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, Route, expect

from tests.cms.conftest import (  # noqa: F401 - fixtures used here
    FIVE,
    picture,
    sana,
    shop,
    sports_page,
    tree,
    write,
)

pytestmark = pytest.mark.browser
ORIGIN = "http://localhost:8000"
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
FILM = {"address": "https://youtu.be/dQw4w9WgXcQ", "title": "A calf raise", "note": "Slowly."}
CALL = {"title": "Heavy legs?", "text": "See who is free.", "label": "Find a time"}
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "woff2": "font/woff2"}


@pytest.fixture
def articles(write, sports_page):  # noqa: F811
    write(
        "Calves",
        body=[
            ("prose", "<p>Calves tighten.</p>"),
            ("embed", FILM),
            ("therapist", {"therapist": "sana", "note": ""}),
            ("call_to_action", CALL),
        ],
    )


@pytest.fixture
def open_page(opened, articles):
    return opened


@pytest.fixture
def opened(browser: Browser, client):
    """Opens a page; ``elsewhere`` on it lists what the browser asked other hosts for."""
    contexts = []

    def open_page(path, *later, size="phone", colours="light") -> Page:
        # Asked for here: the browser's callbacks run where the test's transaction is not seen.
        answers = {each: client.get(each) for each in (path, *later)}
        assert {answer.status_code for answer in answers.values()} == {200}
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=colours,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.elsewhere, page.answers = [], answers
        page.route("**/*", lambda route: _answer(route, answers, page.elsewhere))
        page.goto(f"{ORIGIN}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()


def _answer(route: Route, answers, elsewhere: list[str]) -> None:
    parts = urlsplit(route.request.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    if f"{parts.scheme}://{parts.netloc}" != ORIGIN:
        elsewhere.append(route.request.url)
        route.fulfill(body="<p>The film</p>", content_type="text/html")
    elif parts.path.startswith("/media/"):
        route.fulfill(status=404)  # drawn small in tests, and not in storage
    elif parts.path.startswith("/static/"):
        found = finders.find(parts.path.removeprefix("/static/"))
        kind = TYPES.get(parts.path.rpartition(".")[2], "application/octet-stream")
        route.fulfill(path=found, content_type=kind)
    else:
        answer = answers[path]
        route.fulfill(headers=dict(answer.headers), body=answer.content)


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "path", ["/search/", "/search/?q=calves", "/search/?q=zebra", "/journal/calves/"]
)
def test_axe_finds_nothing(open_page, path, size, colours):
    page = open_page(path, size=size, colours=colours)

    found = Axe().run(page).response["violations"]

    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.elsewhere == []


def test_an_open_page_shows_the_price_of_now_to_whoever_comes_back(
    open_page,
    client,
    write,  # noqa: F811
    shop,  # noqa: F811
):
    write("Packs", body=[("package_offer", {"package": "five-60", "note": ""})])
    page = open_page("/journal/packs/")
    offer = page.locator("[data-live]")
    expect(offer).to_contain_text("£265")

    def comes_back():
        page.answers["/journal/packs/"] = client.get("/journal/packs/")
        page.clock.fast_forward(61_000)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    page.clock.install()
    shop.packages["five-60"] = replace(FIVE, price_minor=28000)
    comes_back()
    expect(offer).to_contain_text("£280")

    shop.packages.clear()
    comes_back()
    expect(offer).to_have_count(0)


def test_a_film_comes_from_elsewhere_only_after_a_press(open_page):
    page = open_page("/journal/calves/")
    assert page.elsewhere == []

    page.get_by_role("link", name=re.compile("Play.*A calf raise")).click()

    expect(
        page.frame_locator("iframe[title='A calf raise']").get_by_text("The film")
    ).to_be_visible()
    assert [urlsplit(url).hostname for url in page.elsewhere] == ["www.youtube-nocookie.com"]
    assert (
        page.locator("iframe").get_attribute("sandbox")
        == "allow-scripts allow-same-origin allow-presentation"
    )


def test_search_is_a_form_that_leads_to_its_results(open_page):
    page = open_page("/search/", "/search/?q=Calves")

    page.get_by_label("What are you looking for?").fill("Calves")
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_role("link", name="Calves")).to_be_visible()
    expect(page.locator("mark").first).to_have_text("calves")
