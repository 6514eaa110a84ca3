"""The example front end against a running portal: the whole site and a booking, by API alone."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from cms.blocks import BodyBlock
from tests.journeys.api_client import ApiClient
from tests.journeys.front_end import NODE, SOURCE, FrontEnd, copied, lacks_node
from tests.journeys.headless_words import ARTICLE, WORDS
from tests.journeys.people import MANAGER, PASSWORD, RUNNER
from tests.journeys.running import RunningPortal, free_port
from tests.journeys.steps import DESK, PHONE, WEDGED, Walk
from tests.migrated import sqlite_copy

pytestmark = pytest.mark.journey
PAGES = {
    "/": "Your legs did the work",
    "/journal/": "Journal",
    "/journal/?topic=recovery": "Journal: Recovery",
    "/journal/every-block/": ARTICLE,
    "/treatments/": "Treatments",
    "/treatments/deep-tissue/": "Deep tissue",
    "/therapists/": "Therapists",
    "/therapists/sana/": "Sana Malik",
    "/packages/": "Packages",
    "/privacy/": "Privacy",
    "/locations/": "Locations",
    "/locations/harbour/": "Harbour Yard",
    "/questions/": WORDS["faq"],
    "/cancellation-and-refunds/": "in force from",
    "/contact/": "Write to us",
    "/book/": "Book a session",
    "/book/deep-60/": "60",
    "/search/?q=calf": "Search",
}


@pytest.fixture(scope="module")
def front_port() -> int:
    if why := lacks_node():
        if os.environ.get("REQUIRE_NODE"):
            pytest.fail(f"{why} (REQUIRE_NODE is set)")
        pytest.skip(why)
    return free_port()


@pytest.fixture(scope="module")
def portal(front_port, tmp_path_factory):
    """As in development: webhooks may go to this machine only there."""
    own = f"http://127.0.0.1:{front_port}"
    settings = {
        "DEBUG": "1",
        "LOCAL_WEBHOOKS_ALLOWED": "1",
        "CORS_ALLOWED_ORIGINS": own,
        "HEADLESS_PREVIEW_URL": f"{own}/preview",
    }
    folder = tmp_path_factory.mktemp("portal")
    seed = "tests.journeys.headless_seed"
    database = sqlite_copy(folder / "portal.sqlite3")
    with RunningPortal(folder, database, seed=seed, settings=settings) as running:
        yield running


@pytest.fixture(scope="module")
def manager(portal: RunningPortal) -> ApiClient:
    client = ApiClient(portal)
    client.sign_in(MANAGER.email, PASSWORD)
    return client


@pytest.fixture(scope="module")
def front(portal: RunningPortal, manager: ApiClient, front_port: int, tmp_path_factory):
    """Built from the running portal, told of changes by its webhooks."""
    front = FrontEnd(copied(tmp_path_factory.mktemp("front")), front_port, portal)
    events = ["page.published", "page.unpublished", "page.moved", "page.deleted"]
    wanted = {"label": "Front end", "url": f"{front.url}/hooks/content", "events": events}
    front.secret = manager.post("webhooks/", wanted, expect=201)["secret"]
    front.npm("ci")
    front.npm("test")
    front.npm("run", "build")
    with front.running():
        yield front


def test_its_lock_file_names_no_registry_and_it_needs_nothing_installed():
    lock = (SOURCE / "package-lock.json").read_text()
    assert "http" not in lock
    assert list(json.loads(lock)["packages"]) == [""]


def test_the_front_end_knows_every_block(front: FrontEnd):
    script = "import('./src/views/blocks.js').then((m) => console.log(JSON.stringify(m.KNOWN)))"
    said = subprocess.run(
        [NODE, "-e", script], cwd=front.folder, capture_output=True, text=True, check=True
    )
    assert set(BodyBlock().child_blocks) <= set(json.loads(said.stdout))


def test_every_public_page_is_there_and_was_built(front: FrontEnd):
    for path, words in PAGES.items():
        status, body = front.read(path)
        assert (status, words in body) == (200, True), path
    built = [name for name in PAGES if (front.folder / f"dist{name}index.html").exists()]
    assert built == [name for name in PAGES if "?" not in name and name != "/book/deep-60/"]
    sitemap = front.read("/sitemap.xml")[1]
    assert f"<loc>{front.url}/journal/every-block/</loc>" in sitemap
    assert front.read("/nowhere/")[0] == 404
    assert ">Privacy</h1>" in front.read("/data-protection/")[1]  # the redirect of an editor


def test_a_draft_shows_with_its_address_and_a_change_once_it_is_published(
    portal: RunningPortal, front: FrontEnd
):
    assert "One of each." in front.read("/journal/every-block/")[1]
    change = ("-m", "tests.journeys.headless_change")
    token = portal.run(*change, "draft", "Said in a draft.").split()[-1]
    assert "Said in a draft." in front.read(f"/preview?token={token}")[1]
    assert front.read("/preview?token=made-up")[0] == 404
    assert "One of each." in front.read("/journal/every-block/")[1]

    portal.run(*change, "publish", "Said to everybody.")

    # Its copy of the page is good for a minute: without the webhook this would take that long.
    eventually(lambda: "Said to everybody." in front.read("/journal/every-block/")[1], seconds=25)


def eventually(look: Callable[[], Any], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, f"Not within {seconds} s."
        time.sleep(0.3)


# --- In a browser -----------------------------------------------------------------------------


@pytest.fixture
def looked_at(browser: Browser, front: FrontEnd):
    """Opens pages in a colour scheme and a size, and hears what they complain of."""
    complaints: list[str] = []

    @contextmanager
    def looked_at(scheme: str, size: dict[str, int]):
        context = browser.new_context(base_url=front.url, viewport=size, color_scheme=scheme)
        context.set_default_timeout(WEDGED)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text))
        yield page
        context.close()

    yield looked_at
    assert complaints == []


A_FEW = ("/", "/journal/every-block/", "/book/deep-60/", "/sign-in/")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("scheme", "size", "paths"),
    [("light", PHONE, (*PAGES, "/sign-in/")), ("dark", DESK, A_FEW)],
    ids=["phone", "desk"],
)
def test_pages_fit_the_screen_and_lack_nothing_readers_need(looked_at, axe, scheme, size, paths):
    too_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    with looked_at(scheme, size) as page:
        for path in paths:
            page.goto(path)
            expect(page.locator("h1")).to_have_count(1)
            assert not page.evaluate(too_wide), path
            assert axe(page) == [], path


@pytest.fixture
def axe():
    from axe_playwright_python.sync_playwright import Axe

    def look(page: Page) -> list[str]:
        found = Axe().run(page).response["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]

    return look


@pytest.mark.browser
def test_from_the_home_page_to_a_session_and_back(
    browser: Browser, portal: RunningPortal, front: FrontEnd
):
    her = Walk(browser, portal)
    page = her.page
    page.goto(front.url)
    page.get_by_role("link", name=ARTICLE).first.click()
    for name in BodyBlock().child_blocks:
        expect(page.locator("main")).to_contain_text(WORDS[name])
    expect(page.get_by_alt_text("Lanes of a track")).to_be_visible()

    # She buys five sessions: who she is comes first, then Stripe's own page.
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Packages").click()
    page.get_by_role("link", name="Buy 5").click()
    new = page.locator("form", has=page.get_by_role("heading", name="I am new"))
    new.get_by_label("Name").fill(RUNNER.name)
    new.get_by_label("Email").fill(RUNNER.email)
    new.get_by_role("button", name="Join").click()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Code").fill(portal.code_for(RUNNER.email))
    page.get_by_role("button", name="Continue").click()
    her.go_to_payment()
    her.pay_with("4242424242424242")
    page.wait_for_url(f"{front.url}/paid/**")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")

    # She books with a credit, moves it, and cancels after reading what that means.
    page.get_by_role("link", name="Book a session").click()
    page.get_by_role("link", name="60 minutes").first.click()
    page.get_by_role("link", name="Later").click()
    page.locator("button.slot").nth(3).click()
    page.get_by_role("button", name="Book with one credit").click()
    expect(page.get_by_role("status")).to_contain_text("Booked")
    page.get_by_role("link", name="Move it").click()
    page.get_by_role("link", name="Later").click()
    page.locator("button.slot").nth(6).click()
    page.get_by_role("button", name="Yes, move it").click()
    page.get_by_role("button", name="Cancel it").click()
    expect(page.locator("main")).to_contain_text("credit")
    page.get_by_role("button", name="Yes, cancel it").click()
    expect(page.locator("main")).to_contain_text("Cancelled")
    page.get_by_role("link", name="All my sessions").click()
    expect(page.locator("#credits")).to_have_text("5")

    # The session token is out of the page's reach, and ends when she says so.
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{front.url}/account/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert len(her.complaints) == 1  # the wrong code's 422
    her.close()


@pytest.mark.browser
def test_a_time_in_an_article_is_kept_through_signing_in_and_paid_by_card(
    browser: Browser, portal: RunningPortal, front: FrontEnd
):
    her = Walk(browser, portal)
    page, email = her.page, "pat@example.org"
    page.goto(f"{front.url}/journal/every-block/")
    page.locator("section.times button.slot").first.click()
    new = page.locator("form", has=page.get_by_role("heading", name="I am new"))
    new.get_by_label("Email").fill(email)
    new.get_by_role("button", name="Join").click()
    page.get_by_label("Code").fill(portal.code_for(email))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("radio").first.check()
    her.go_to_payment()
    her.pay_with("4242424242424242")
    page.wait_for_url(f"{front.url}/bookings/**", timeout=WEDGED)
    expect(page.get_by_role("status")).to_contain_text("Booked")
    her.close()


def test_when_the_portal_is_away_the_pages_are_still_there(
    portal: RunningPortal, front: FrontEnd, tmp_path
):
    """Another run of the same build that never reaches a portal."""
    lonely = FrontEnd(front.folder, free_port(), portal)
    lonely.environment = lambda: {  # type: ignore[method-assign]
        **FrontEnd.environment(lonely), "PORTAL_URL": f"http://127.0.0.1:{free_port()}",
    }  # fmt: skip
    with lonely.running():
        assert ARTICLE in lonely.read("/journal/every-block/")[1]
        assert lonely.read("/search/?q=calf")[0] == 503
