"""How many taps and fields each thing costs a runner on a phone (experience 3.2 and 3.4).

Chromium at 390 px, once with JavaScript and once without, every process real.
"""

import itertools
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.people import Person
from tests.journeys.running import RunningPortal
from tests.journeys.steps import Walk
from tests.journeys.thumb import Thumb

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="module"),
]
SESSION_LINK = r"https?://\S+?(/session/[^/\s#]+/)(?:#again)?\s"
_number = itertools.count(1)


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def her(request: pytest.FixtureRequest, browser: Browser, portal: RunningPortal) -> Iterator[Walk]:
    """A browser on a phone."""
    walk = Walk(browser, portal, java_script_enabled=request.param)
    yield walk
    assert walk.complaints == []
    assert walk.strangers == []
    walk.close()


@pytest.fixture
def ana(portal: RunningPortal) -> Person:
    """A runner with three credits, a session done and a session in four days."""
    person = Person(f"ana{next(_number)}@example.org", "Ana Ortiz")
    portal.run("-m", "tests.journeys.regular", person.email, person.name)
    return person


def test_a_new_runner_books_with_four_taps_and_two_fields(her: Walk):
    """From her treatment's times to the card page; the code from the mail comes on top."""
    newcomer = Person(f"new{next(_number)}@example.org", "Noor Haddad")
    her.page.goto("/book/deep-60/")
    thumb = Thumb()
    thumb.tap(her.page.locator("button.slot").first)
    thumb.type(her.page.get_by_label("Name"), newcomer.name)
    thumb.type(her.page.get_by_label("Email"), newcomer.email)
    thumb.tap(her.page.get_by_role("button", name="Send me a code"))
    her.page.get_by_label("Code").fill(her.portal.code_for(newcomer.email))
    thumb.tap(her.page.get_by_role("button", name="Continue"))
    thumb.tap(her.page.get_by_role("button", name="Go to payment"))
    her.page.wait_for_url(f"{her.portal.sandbox.url}/c/pay/**")
    assert (thumb.taps, thumb.fields) == (4, 2)


def test_another_day_costs_one_tap_more(her: Walk):
    her.page.goto("/book/deep-60/")
    thumb = Thumb()
    thumb.tap(her.page.get_by_role("navigation", name="Day").get_by_role("link").nth(2))
    chosen = her.page.locator(".days [aria-current=date] b").inner_text().split()[0]
    thumb.tap(her.page.locator("button.slot").first)
    her.page.wait_for_url("**/you/")
    assert thumb.taps == 2
    expect(her.page.locator("main")).to_contain_text(re.compile(rf"day\s{chosen}\s"))


def test_the_same_again_from_the_account_is_two_taps_and_no_field(her: Walk, ana: Person):
    her.sign_in(ana, "/account/")
    times = her.page.locator("section", has=her.page.get_by_role("heading", name="Same again?"))
    buttons = times.last.locator("button.slot")
    expect(buttons).to_have_count(3)
    days = {str(one.get_attribute("datetime"))[:10] for one in times.last.locator("time").all()}
    assert len(days) == 3
    books_with_two_taps(her, buttons.first)


def test_the_same_again_from_the_mail_is_two_taps_and_no_field(her: Walk, ana: Person):
    her.sign_in(ana, "/account/")
    her.page.goto(f"{her.portal.link_in_mail(ana.email, SESSION_LINK, 'Same again?')}#again")
    expect(her.page.get_by_text("This session is over")).to_be_visible()
    books_with_two_taps(her, her.page.locator("#again button.slot").first)


def books_with_two_taps(her: Walk, slot) -> None:
    thumb = Thumb()
    thumb.tap(slot)
    thumb.tap(her.page.get_by_role("button", name="Confirm booking"))
    her.page.wait_for_url("**/bookings/*/")
    expect(her.page.get_by_role("heading", level=1)).to_contain_text("See you")
    expect(her.page.get_by_text("2 credits left")).to_be_visible()
    assert (thumb.taps, thumb.fields) == (2, 0)


@pytest.mark.parametrize("way", ["signed in", "by the link"])
def test_moving_is_three_taps_and_cancelling_two(her: Walk, ana: Person, way: str):
    if way == "signed in":
        her.sign_in(ana, "/account/")
        card = her.page.locator("section.card", has_text="Next session")
        move = card.get_by_role("link", name="Move")
    else:
        her.page.goto(her.portal.link_in_mail(ana.email, SESSION_LINK, "Booked"))
        move = her.page.get_by_role("link", name="Move this session")
    thumb = Thumb()
    thumb.tap(move)
    slot = her.page.locator("a.slot").last
    moment = str(slot.locator("time").get_attribute("datetime"))
    thumb.tap(slot)
    thumb.tap(her.page.get_by_role("button", name="Move it"))
    expect(her.page.get_by_text("Moved.")).to_be_visible()
    expect(her.page.locator("h1 time").first).to_have_attribute("datetime", moment)
    assert (thumb.taps, thumb.fields) == (3, 0)

    thumb = Thumb()
    thumb.tap(her.page.get_by_role("link", name="Cancel this session"))
    expect(her.page.locator(".note")).to_contain_text("You get your credit back")
    thumb.tap(her.page.get_by_role("button", name="Yes, cancel it"))
    expect(her.page.get_by_role("heading", level=1)).to_contain_text("Cancelled")
    assert (thumb.taps, thumb.fields) == (2, 0)


def test_an_old_link_offers_a_new_one_by_mail(her: Walk, ana: Person):
    """One tap, nothing typed, and the mail that comes opens the session again."""
    old = her.portal.link_in_mail(ana.email, SESSION_LINK, "Booked")
    her.page.goto(old)
    her.page.get_by_role("link", name="Move this session").click()
    her.page.locator("a.slot").last.click()
    her.page.get_by_role("button", name="Move it").click()
    expect(her.page.get_by_text("Moved.")).to_be_visible()
    her.page.goto(old)
    expect(her.page.get_by_role("heading", level=1)).to_have_text("This session has changed")
    her.complaints.clear()  # Chromium calls every 4xx page an error; this one is meant to be 410
    her.page.get_by_role("button", name="Mail me a new link").click()
    expect(her.page.get_by_text("A new link is on its way")).to_be_visible()
    her.complaints.clear()
    her.page.goto(her.portal.link_in_mail(ana.email, SESSION_LINK, "The link to your session"))
    expect(her.page.get_by_role("heading", level=1)).to_contain_text("See you")
