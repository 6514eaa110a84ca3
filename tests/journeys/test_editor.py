"""An editor's day in Chromium: from nothing to scheduled, and two people on one page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.people import EDITH, MAX
from tests.journeys.running import RunningPortal
from tests.journeys.steps import DESK, PHONE, Walk

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
    page.keyboard.type("Hips carry the most on the way down.")

    expect(page.get_by_text("Saved", exact=True).first).to_be_visible()  # nobody pressed save
    page.wait_for_url("**/edit/")
    click.on(page.get_by_role("button", name="Toggle preview"))
    seen = page.frame_locator("iframe[title=Preview]")
    expect(seen.get_by_role("heading", level=1)).to_have_text("Hips that hush")
    expect(seen.get_by_text("Hips carry the most on the way down.")).to_be_visible()

    click.on(page.get_by_role("button", name="Toggle status"))
    click.on(page.get_by_role("button", name="Set schedule"))
    expect(page.get_by_text("Both by the practice's clock: Europe/London.")).to_be_visible()
    click.on(page.get_by_label("Go live date/time"))
    page.keyboard.type("2027-06-01 07:30")
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    expect(page.get_by_text("To go live 1 June 2027, 07:30 BST (Europe/London)")).to_be_visible()
    click.on(page.get_by_role("button", name="More actions"))
    click.on(page.get_by_role("button", name="Schedule to publish"))

    expect(page.get_by_text("has been scheduled for publishing")).to_be_visible()
    assert click.count <= MOST_CLICKS
    assert walk.strangers == [], "nothing is asked of other hosts"
    page.goto("/admin/")
    scheduled = page.get_by_role("region", name="Scheduled")
    expect(scheduled.get_by_role("link", name="Hips that hush")).to_be_visible()
    expect(scheduled).to_contain_text("goes live 1 Jun 2027, 07:30 BST")
    assert walks(EDITH).page.goto("/journal/hips-that-hush/").status == 404


def test_two_editors_of_one_page_see_each_other(walks):
    edith, max_ = walks(EDITH).page, walks(MAX).page
    edith.goto("/admin/")
    edith.get_by_role("link", name="Write an article").click()
    edith.locator("#id_title").click()
    edith.keyboard.type("Shared shins")
    edith.wait_for_url("**/edit/")

    max_.goto(edith.url)
    expect(max_.get_by_role("button", name="Edith Moor")).to_be_attached(timeout=30_000)
    expect(edith.get_by_role("button", name="Max Abara")).to_be_attached(timeout=30_000)

    max_.locator("#id_intro").click()
    max_.keyboard.type("Max was here.")
    expect(max_.get_by_text("Saved", exact=True).first).to_be_visible()
    warned = edith.get_by_text("Max Abara saved a new version")
    expect(warned.first).to_be_attached(timeout=30_000)


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1280", "390"])
def test_the_desk_has_no_barrier_and_fits(walks, size, colours, tmp_path: Path):
    page: Page = walks(EDITH, size, color_scheme=colours).page
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="Your desk")).to_be_visible()

    found = Axe().run(page, context=DESK_ONLY)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
