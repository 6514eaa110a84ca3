"""The day at the desk in Chromium: taps counted, drag, refresh, print, and no fault by axe."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.people import DESK, RUNNER
from tests.journeys.running import RunningPortal
from tests.journeys.steps import DESK as DESKTOP
from tests.journeys.steps import PHONE, Walk
from tests.journeys.thumb import Thumb

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="module"),
]
BOTH = pytest.mark.parametrize("scripted", [True, False], ids=["javascript", "no-javascript"])


@dataclass(frozen=True)
class BusyDay:
    """Tomorrow at the track, the last of its forty sessions, and who is signed in."""

    day: str
    session: str
    signed_in: dict

    @property
    def board(self) -> str:
        return f"/staff/day/?day={self.day}&location=track"


@pytest.fixture(scope="module")
def busy(browser: Browser, portal: RunningPortal) -> BusyDay:
    day, session = portal.run("-m", "tests.journeys.busy_day").split()
    portal.run("-m", "tests.journeys.regular", RUNNER.email, RUNNER.name)
    portal.run("-m", "tests.journeys.today", RUNNER.email)
    walk = Walk(browser, portal, DESKTOP)
    walk.sign_in(DESK, "/staff/day/")
    state = walk.context.storage_state()
    walk.close()
    return BusyDay(day, session, dict(state))


@pytest.fixture
def walks(browser: Browser, portal: RunningPortal, busy: BusyDay) -> Iterator:
    """Makes browsers of the desk; whatever a page complained about fails the test."""
    made: list[Walk] = []

    def walk(size=DESKTOP, **options) -> Walk:
        made.append(Walk(browser, portal, size, storage_state=busy.signed_in, **options))
        return made[-1]

    yield walk
    for one in made:
        assert one.complaints == []
        assert one.strangers == []
        one.close()


@BOTH
def test_arrived_is_one_tap_and_undone_from_the_keyboard(walks, busy: BusyDay, scripted):
    page = walks(PHONE, java_script_enabled=scripted).page
    page.goto("/staff/day/?location=harbour")
    thumb = Thumb()
    thumb.tap(page.get_by_role("button", name=f"Arrived {RUNNER.name}").first)
    said = page.get_by_role("status").filter(has_text=f"{RUNNER.name} has arrived.")
    expect(said).to_be_visible()
    assert (thumb.taps, thumb.fields) == (1, 0)
    page.reload()
    undo = said.get_by_role("button", name="Undo")
    undo.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="is booked again")).to_be_visible()
    expect(page.get_by_role("button", name=f"Arrived {RUNNER.name}").first).to_be_visible()


@BOTH
def test_a_walk_in_is_four_taps_and_one_field(walks, busy: BusyDay, scripted):
    page = walks(PHONE, java_script_enabled=scripted).page
    page.goto(f"{busy.board}&therapist=track-{'0' if scripted else '1'}")
    thumb = Thumb()
    gap = page.locator("a.gap").last
    expect(gap).to_contain_text("free")
    thumb.taps += 1
    gap.click(position={"x": 40, "y": 3})
    page.wait_for_url("**/staff/walk-in/**")
    thumb.type(
        page.get_by_role("main").get_by_role("searchbox"), "07700 900103" if scripted else "lane3@"
    )
    thumb.tap(page.get_by_role("button", name="Search"))
    thumb.tap(page.get_by_role("link", name="Runner of lane 4"))
    thumb.tap(page.get_by_role("button", name="Book", exact=True))
    expect(page.get_by_role("status").filter(has_text="Runner of lane 4 is booked")).to_be_visible()
    assert (thumb.taps, thumb.fields) == (4, 1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="is cancelled")).to_be_visible()


@BOTH
def test_blocking_is_three_taps(walks, busy: BusyDay, scripted):
    page = walks(PHONE, java_script_enabled=scripted).page
    page.goto(f"{busy.board}&therapist=track-2")
    thumb = Thumb()
    thumb.taps += 1
    page.locator("a.gap").last.click(position={"x": 40, "y": 3})
    thumb.tap(page.get_by_role("link", name="Block this time instead"))
    thumb.tap(page.get_by_role("button", name="Block it"))
    expect(page.get_by_role("status").filter(has_text="is blocked")).to_be_visible()
    assert (thumb.taps, thumb.fields) == (3, 0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="is free again")).to_be_visible()


@BOTH
def test_moving_by_form_is_three_taps(walks, busy: BusyDay, scripted):
    page = walks(PHONE, java_script_enabled=scripted).page
    page.goto(f"/staff/bookings/{busy.session}/")
    thumb = Thumb()
    thumb.tap(page.get_by_role("link", name="Move", exact=True))
    thumb.tap(page.locator("a.slot").last)
    expect(page.get_by_role("radio", name="Yes, send the mail")).to_be_checked()
    thumb.tap(page.get_by_role("button", name="Move it"))
    expect(page.get_by_role("status").filter(has_text="is moved to")).to_be_visible()
    assert (thumb.taps, thumb.fields) == (3, 0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="back where")).to_be_visible()


def test_a_drag_says_before_the_drop_whether_it_can_be_there(walks, busy: BusyDay):
    page = walks().page
    page.goto(busy.board)
    entry = page.locator(f"#b-{busy.session}")
    ghost = page.locator(".appt--ghost")

    lift(page, entry, rows=-4)
    expect(ghost).to_contain_text("another session then")
    expect(ghost).to_have_attribute("data-verdict", "taken")
    page.keyboard.press("Escape")
    expect(ghost).to_have_count(0)
    page.mouse.up()
    assert page.url.endswith(busy.board)

    lift(page, entry, rows=5)
    expect(ghost).to_have_attribute("data-verdict", "free")
    expect(ghost).to_contain_text("Free.")
    page.mouse.up()
    page.wait_for_url("**/move/?to=**")
    expect(page.get_by_role("radio", name="Yes, send the mail")).to_be_checked()
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_role("status").filter(has_text="is moved to")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="back where")).to_be_visible()


def test_a_click_still_opens_what_could_be_dragged(walks, busy: BusyDay):
    page = walks().page
    page.goto(busy.board)
    page.locator(f"#b-{busy.session}").click(position={"x": 60, "y": 12})

    page.wait_for_url(f"**/staff/bookings/{busy.session}/")


def test_a_time_nobody_works_opens_why(walks, busy: BusyDay):
    page = walks().page
    page.goto(busy.board)
    # Between two sessions there are five minutes: nothing to book there, and a row to ask about.
    entry = page.locator("[data-therapist=track-0] .appt").first
    entry.scroll_into_view_if_needed()
    box = entry.bounding_box()
    page.mouse.click(box["x"] + 40, box["y"] + box["height"] + 8)

    page.wait_for_url("**/staff/why/?**")
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"\d\d:\d\d"))


def test_the_refresh_keeps_focus_scroll_and_what_was_open(walks, busy: BusyDay):
    page = walks(PHONE, reduced_motion="reduce").page  # else the page still glides to the focus
    page.clock.install()
    page.goto(busy.board)
    page.locator("#later > summary").click()
    link = page.locator("#later a").last
    link.focus()
    page.locator(".board").evaluate("board => { board.scrollLeft = 300; board.scrollTop = 200; }")
    before = page.evaluate("[scrollY, document.querySelector('.board').scrollLeft]")
    address = link.get_attribute("href")
    with page.expect_response(lambda answer: "/staff/day/" in answer.url):
        page.clock.fast_forward(31_000)
    page.wait_for_function("document.querySelector('#live')")

    assert page.evaluate("document.activeElement.getAttribute('href')") == address
    assert page.locator("#later").get_attribute("open") is not None
    after = page.evaluate("[scrollY, document.querySelector('.board').scrollLeft]")
    assert after == before


@pytest.mark.parametrize("location", ["track", "harbour"])
def test_the_day_prints_on_one_sheet(walks, busy: BusyDay, location):
    """Forty sessions beside six people; and a place that is open round the clock."""
    page = walks().page
    page.goto(busy.board.replace("track", location))
    sheets = page.pdf(prefer_css_page_size=True)

    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", sheets)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_no_page_of_the_desk_has_a_fault(walks, busy: BusyDay, size, scheme):
    page = walks(size, color_scheme=scheme).page
    at = f"at={busy.day}T17:00&location=track"
    session = f"/staff/bookings/{busy.session}/"
    runner = _runner_of(page, session)
    for address in (
        busy.board,
        f"{busy.board}&by=room",
        f"{busy.board}&therapist=track-5",
        f"/staff/week/?day={busy.day}&location=track",
        f"/staff/why/?{at}&session=deep-60",
        f"/staff/walk-in/?{at}&q=lane",
        f"/staff/walk-in/?{at}&q=nobody",
        f"/staff/walk-in/?{at}&therapist=track-0&runner={runner}",
        f"/staff/blocks/?{at}",
        session,
        f"{session}move/",
        f"{session}move/?to={busy.day}T20:00&with=track-0",
    ):
        page.goto(address)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{address}\n{found.generate_report()}"
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, address


def _runner_of(page: Page, session: str) -> str:
    page.goto(session)
    link = page.locator("main a[href^='/staff/runners/']").first.get_attribute("href")
    return str(link).strip("/").split("/")[-1]


def lift(page: Page, entry: Locator, *, rows: int) -> None:
    """Press on a session and take it so many quarters of an hour down its column."""
    entry.scroll_into_view_if_needed()
    box = entry.bounding_box()
    x, y = box["x"] + 40, box["y"] + 10
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 12, steps=3)
    page.mouse.move(x, y + rows * box["height"] / 4, steps=6)
