"""What a runner sees on a phone: the clock she lives by, awkward days, and no barrier (axe)."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.people import Person
from tests.journeys.quay import LONG_NAME
from tests.journeys.running import RunningPortal
from tests.journeys.steps import DESK, PHONE, Walk
from tests.journeys.test_runner_taps import SESSION_LINK

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="module"),
]
ANA = Person("ana@example.org", "Ana Ortiz")
QUAY = "/book/deep-60/?location=quay"


@pytest.fixture(scope="module")
def shut(portal: RunningPortal) -> date:
    """Ana has been here before; the quay is shut on this day."""
    portal.run("-m", "tests.journeys.regular", ANA.email, ANA.name)
    return date.fromisoformat(portal.run("-m", "tests.journeys.quay").strip())


@pytest.fixture
def walks(browser: Browser, portal: RunningPortal) -> Iterator:
    """Makes walks and closes them."""
    made: list[Walk] = []

    def walk(**options) -> Walk:
        made.append(Walk(browser, portal, **options))
        return made[-1]

    yield walk
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def cookies(browser: Browser, portal: RunningPortal, shut: date) -> Any:
    """Ana signed in, once: codes are sent to nobody every minute."""
    walk = Walk(browser, portal)
    walk.sign_in(ANA, "/account/")
    state = walk.context.storage_state()
    walk.close()
    return state


# --- two clocks --------------------------------------------------------------------------------


def test_on_another_clock_each_time_has_a_second_line(walks, portal, shut):
    page = walks(timezone_id="America/St_Johns").page
    for address in (QUAY, portal.link_in_mail(ANA.email, SESSION_LINK, "Booked")):
        page.goto(address)
        times = page.locator("main time[data-zone]")
        assert times.count() > 0
        for time in times.all():
            moment = datetime.fromisoformat(str(time.get_attribute("datetime")))
            hers = moment.astimezone(ZoneInfo("America/St_Johns"))
            words = time.locator("xpath=..").inner_text()
            assert f"{hers:%H:%M} your time" in words, words


@pytest.mark.parametrize(
    "options",
    [{"timezone_id": "Europe/London"}, {"timezone_id": "Asia/Tokyo", "java_script_enabled": False}],
    ids=["same clock", "no-javascript"],
)
def test_on_the_same_clock_or_without_a_script_there_is_one_time_and_it_is_right(
    walks, shut, options
):
    page = walks(**options).page
    page.goto(QUAY)
    expect(page.get_by_text("Times are London time.").first).to_be_visible()
    expect(page.locator(".slot time").first).to_have_text("09:00")
    expect(page.get_by_text("your time")).to_have_count(0)


def test_arrow_keys_go_through_days_and_times_and_each_time_says_all_of_itself(walks, shut):
    page = walks().page
    page.goto(f"{QUAY}&day={shut - timedelta(days=1)}&therapist=aleksandrina")
    focus = page.locator(":focus")
    days, slots = page.locator(".days a"), page.locator("button.slot")
    days.first.focus()
    page.keyboard.press("ArrowRight")
    expect(days.nth(1)).to_be_focused()
    page.keyboard.press("Home")
    expect(days.first).to_be_focused()

    slots.first.focus()
    page.keyboard.press("End")
    expect(slots.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(slots.last).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(slots.nth(10)).to_be_focused()
    day = shut - timedelta(days=1)
    words = rf"{day:%A}\s{day.day}\s{day:%B}, \d\d:\d\d for 60 min with Aleks"
    expect(focus).to_have_accessible_name(re.compile(words))


# --- awkward days ------------------------------------------------------------------------------


def test_twelve_starts_a_name_of_sixty_letters_and_a_day_that_is_shut(walks, shut):
    """Without JavaScript at 390 px."""
    page = walks(java_script_enabled=False).page
    page.goto(f"{QUAY}&day={shut - timedelta(days=1)}&therapist=aleksandrina")
    slots = page.locator("button.slot")
    expect(slots).to_have_count(12)
    for slot in slots.all():
        box = slot.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
    expect(page.locator("#who")).to_contain_text(LONG_NAME)
    full = page.locator(".days .full", has_text=str(shut.day))
    expect(full.last).to_contain_text("full")
    expect(full.last.locator("a")).to_have_count(0)

    page.goto(f"{QUAY}&day={shut}&therapist=aleksandrina")
    expect(slots).to_have_count(0)
    expect(page.get_by_text("The next day with room is")).to_be_visible()
    page.get_by_role("link", name="Go to that day").click()
    expect(slots).to_have_count(12)
    slots.first.click()
    expect(page.get_by_text(LONG_NAME).first).to_be_visible()
    stays_on_the_screen(page)


def stays_on_the_screen(page: Page) -> None:
    """Measured from outside, because the page may have no script: nothing sticks out."""
    widest = max(
        box["x"] + box["width"]
        for one in page.locator("main *:visible").all()
        if (box := one.bounding_box())
    )
    assert widest <= PHONE["width"]


def test_the_chosen_day_has_a_mark_of_its_own_in_forced_colours(walks, shut):
    page = walks(forced_colors="active").page
    page.goto(QUAY)
    style = "one => [getComputedStyle(one).outlineStyle, getComputedStyle(one).outlineWidth]"
    chosen = page.locator(".days [aria-current=date]")
    expect(chosen).to_have_count(1)
    assert chosen.evaluate(style) == ["solid", "3px"]
    other = page.locator(".days a:not([aria-current])").first
    assert other.evaluate(style)[0] == "none"


# --- no barrier --------------------------------------------------------------------------------


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1280"])
def test_axe_finds_nothing_on_any_page_of_a_runner(walks, portal, shut, cookies, size, colours):
    walk = walks(size=size, color_scheme=colours, storage_state=cookies)
    link = portal.link_in_mail(ANA.email, SESSION_LINK, "Booked")
    over = portal.link_in_mail(ANA.email, SESSION_LINK, "Same again?")
    slot = slot_to_move_to(walk.page, link)
    pages = [link, f"{link}move/", slot, f"{link}cancel/", over, QUAY, f"{QUAY}&day={shut}"]
    found = [complaint for page in pages for complaint in axe(walk.page, page)]
    walk.page.goto("/account/")
    if (make := walk.page.get_by_role("button", name="Get an address to subscribe to")).count():
        make.click()
    walk.page.wait_for_url("**/account/")
    for page in ("/account/", f"{QUAY}&covered=1"):
        found += axe(walk.page, page)
    assert found == []


def slot_to_move_to(page: Page, link: str) -> str:
    page.goto(f"{link}move/")
    return str(page.locator("a.slot").last.get_attribute("href"))


def axe(page: Page, address: str) -> list[str]:
    page.goto(address)
    violations = Axe().run(page).response["violations"]
    return [f"{one['id']} on {address}" for one in violations]
