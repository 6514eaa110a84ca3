"""An editor's day in Chromium: from nothing to scheduled, and two people on one page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.people import EDITH, MAX
from tests.journeys.running import RunningPortal
from tests.journeys.steps import DESK, PHONE, WEDGED, Walk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="module"),
]
MOST_CLICKS = 12
DESK_ONLY = {"include": [[".desk"]]}


@pytest.fixture(scope="module")
def signed_in(browser: Browser, portal: RunningPortal) -> dict[str, Any]:
    """Both, once: codes are sent to nobody every minute."""
    portal.run("-m", "tests.journeys.editors")
    states = {}
    for person in (EDITH, MAX):
        walk = Walk(browser, portal, DESK)
        walk.sign_in(person, "/admin/")
        states[person.name] = walk.context.storage_state()
        walk.close()
    return states


@pytest.fixture
def walks(browser: Browser, portal: RunningPortal, signed_in) -> Iterator:
    made: list[Walk] = []

    def walk(person, size=DESK, **options) -> Walk:
        made.append(Walk(browser, portal, size, storage_state=signed_in[person.name], **options))
        return made[-1]

    yield walk
    for one in made:
        one.close()


class Clicks:
    """Clicks and counts; typing is free."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, target: Locator) -> None:
        target.click()
        self.count += 1


def see(what: Locator) -> None:
    expect(what).to_be_visible(timeout=WEDGED)


def see_who_else(page: Page, name: str) -> None:
    """The face of somebody else on this page; their name shows when it is pointed at."""
    face = page.locator(".w-editing-sessions__session").first
    see(face)
    face.hover()
    named = page.get_by_text(name).or_(page.get_by_role("button", name=name))
    see(named.filter(visible=True).first)
    page.mouse.move(0, 400)


def keep_writing(page: Page) -> None:
    """Write on until the page has an address: what came before the form was ready is not seen."""
    for _ in range(60):
        page.keyboard.type(" Slowly.")
        page.wait_for_timeout(1000)
        if page.url.endswith("/edit/"):
            return
    raise AssertionError("Nothing was saved by itself.")


def saved(page: Page) -> Locator:
    """What the editor says once it has saved by itself."""
    return page.get_by_text("Saved", exact=True).filter(visible=True).first


def test_from_a_blank_article_to_scheduled_in_twelve_clicks(walks, portal):
    walk = walks(MAX)
    page, click = walk.page, Clicks()
    page.goto("/admin/")

    click.on(page.get_by_role("link", name="Write an article"))
    click.on(page.locator("#id_title"))
    page.keyboard.type("Hips that hush")
    click.on(page.locator("#id_intro"))
    page.keyboard.type("What tight hips do to a stride.")
    body = page.locator("[data-contentpath=body]").first
    click.on(body.get_by_title("Insert a block").first)
    click.on(page.get_by_role("option", name="Text", exact=True))
    expect(body.get_by_role("textbox").first).to_be_focused(timeout=WEDGED)
    page.keyboard.type("Hips carry the most on the way down.")

    keep_writing(page)
    see(saved(page))  # nobody pressed save
    click.on(page.get_by_role("button", name="Toggle preview"))
    seen = page.frame_locator("iframe[title=Preview]").last  # a new one takes over while it loads
    expect(seen.get_by_role("heading", level=1)).to_have_text("Hips that hush", timeout=WEDGED)
    see(seen.get_by_text("Hips carry the most on the way down. Slowly."))

    click.on(page.get_by_role("button", name="Toggle status"))
    click.on(page.get_by_role("button", name="Set schedule"))
    see(page.get_by_text("Both by the practice's clock: Europe/London."))
    click.on(page.get_by_label("Go live date/time"))
    page.keyboard.type("2027-06-01 07:30")
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    see(page.get_by_text("To go live 1 June 2027, 07:30 BST (Europe/London)"))
    click.on(page.get_by_role("button", name="More actions"))
    click.on(page.get_by_role("button", name="Schedule to publish"))

    see(page.get_by_text("has been scheduled for publishing"))
    assert click.count <= MOST_CLICKS
    assert walk.strangers == [], "nothing is asked of other hosts"
    page.goto("/admin/")
    scheduled = page.get_by_role("region", name="Scheduled")
    see(scheduled.get_by_role("link", name="Hips that hush"))
    expect(scheduled).to_contain_text("goes live 1 Jun 2027, 07:30 BST")
    assert walks(EDITH).page.goto("/journal/hips-that-hush/").status == 404


def test_two_editors_of_one_page_see_each_other(walks):
    edith, max_ = walks(EDITH).page, walks(MAX).page
    edith.goto("/admin/")
    edith.get_by_role("link", name="Write an article").click()
    edith.locator("#id_title").click()
    edith.keyboard.type("Shared shins")
    edith.locator("#id_intro").click()
    keep_writing(edith)

    edith.wait_for_timeout(2000)  # her last words are saved too before he comes
    see(saved(edith))
    max_.goto(edith.url)
    see_who_else(max_, "Edith Moor")
    see_who_else(edith, "Max Abara")

    max_.locator("#id_intro").click()
    warned = edith.get_by_role("button", name="Max Abara saved a new version")
    for _ in range(60):
        max_.keyboard.type(" Max was here.")
        max_.wait_for_timeout(1000)
        if warned.count():
            break
    see(warned.first)


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1280", "390"])
def test_the_desk_has_no_barrier_and_fits(walks, size, colours, tmp_path: Path):
    page: Page = walks(EDITH, size, color_scheme=colours).page
    page.goto("/admin/")
    see(page.get_by_role("heading", name="Your desk"))

    found = Axe().run(page, context=DESK_ONLY)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
