"""From an article to the massage table to balanced books, in Chromium, all processes real."""

import re
import time
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.people import BOOKS, DESK, RUNNER, SECOND_RUNNER
from tests.journeys.running import RunningPortal
from tests.journeys.steps import DESK as DESKTOP
from tests.journeys.steps import Walk

pytestmark = pytest.mark.browser

ARTICLE = "Calves that will not let go"
HEADING = "Calves like this?"
FIVE = "5 sessions of 60 minutes"
DECLINED, GOOD = "4000000000000002", "4242424242424242"


def test_without_javascript(browser: Browser, portal: RunningPortal):
    """Only what a runner does. First of the two: the other one moves the clock at Stripe."""
    kit = Walk(browser, portal, java_script_enabled=False)
    kit.read_article(ARTICLE)
    kit.pick_time_in_article(HEADING)
    kit.say_who(SECOND_RUNNER)
    kit.type_code(SECOND_RUNNER)
    kit.choose_package(FIVE)
    kit.go_to_payment()
    kit.pay_with(DECLINED)
    expect(kit.page.get_by_text("declined").first).to_be_visible()
    back_to_check(kit)
    assert kit.chosen_package() == "five-60"
    kit.go_to_payment()
    kit.pay_with(GOOD)
    arrives_at_her_session(kit)
    kit.move_to_another_day()
    expect(kit.page.get_by_text("4 credits left")).to_be_visible()
    kit.cancel()
    expect(kit.page.get_by_text("You have 5 credits left.")).to_be_visible()
    assert kit.strangers == []
    kit.close()


def test_article_to_massage_table_to_balanced_books(
    browser: Browser, portal: RunningPortal, tmp_path
):
    robin = Walk(browser, portal)
    books_a_session(robin, tmp_path)
    moves_and_cancels(robin)
    assert robin.complaints == []
    assert robin.strangers == []
    robin.close()

    beck = Walk(browser, portal, DESKTOP)
    beck.sign_in(BOOKS, "/staff/reconciliation/")
    owed_before, owed_by_lots = beck.owed()
    assert owed_before == owed_by_lots
    staff_run_the_day(browser, portal)
    earned = 25900 // 5  # one of the five is revenue now
    assert beck.owed() == (owed_before - earned, owed_by_lots - earned)
    balances_the_books(beck)
    assert beck.complaints == []
    assert beck.strangers == []
    beck.close()


def books_a_session(robin: Walk, folder) -> None:
    robin.read_article(ARTICLE)
    picked = robin.pick_time_in_article(HEADING)
    robin.say_who(RUNNER)
    robin.type_code(RUNNER)
    robin.choose_package(FIVE)
    robin.go_to_payment()
    robin.pay_with(DECLINED)
    expect(robin.page.get_by_text("declined").first).to_be_visible()
    forget_expected_complaints(robin, "402")

    back_to_check(robin)
    assert robin.chosen_package() == "five-60"
    robin.page.go_forward()
    robin.page.wait_for_url(f"{robin.portal.sandbox.url}/c/pay/**")
    back_to_check(robin)
    assert robin.chosen_package() == "five-60"
    robin.go_to_payment()
    robin.pay_with(GOOD)

    arrives_at_her_session(robin)
    hour = picked.rsplit(" ", 1)[-1]
    expect(robin.page.get_by_role("heading", level=1)).to_contain_text(hour)
    expect(robin.page.locator("main")).to_contain_text("Harbour Yard, 3 Harbour Yard, Bristol")
    expect(robin.page.locator("main")).to_contain_text(re.compile("Imre Kovács|Sana Malik"))
    event = only_event(robin.calendar(folder))
    assert event["DTSTART"].dt.astimezone(UTC) > datetime.now(UTC)
    assert event["DTSTART"].dt.strftime("%H:%M") == hour


def moves_and_cancels(robin: Walk) -> None:
    here = robin.page.url
    moment = robin.move_to_another_day()
    assert robin.page.url == here
    expect(robin.page.get_by_text("Moved. A mail is on its way.")).to_be_visible()
    shown = robin.page.locator("h1 time").first.get_attribute("datetime")
    assert datetime.fromisoformat(str(shown)) == datetime.fromisoformat(moment)
    expect(robin.page.get_by_text("4 credits left")).to_be_visible()

    robin.cancel()
    expect(robin.page.get_by_text("You have 5 credits left.")).to_be_visible()
    robin.page.reload()
    assert robin.statement() == [
        ("Credit returned", "+1", "5"),
        ("Session booked", "\N{MINUS SIGN}1", "4"),
        ("Bought", "+5", "5"),
    ]
    told = robin.portal.subjects_to(RUNNER.email)
    assert [word for word in ("Booked", "Moved", "Cancelled") if has_subject(told, word)] == [
        "Booked",
        "Moved",
        "Cancelled",
    ]


def staff_run_the_day(browser: Browser, portal: RunningPortal) -> None:
    portal.run("-m", "tests.journeys.today", RUNNER.email)
    dana = Walk(browser, portal, DESKTOP)
    dana.sign_in(DESK, "/staff/day/")
    expect(dana.page.locator("main")).to_contain_text("Sana Malik")
    dana.page.get_by_role("button", name=f"Arrived {RUNNER.name}").first.click()
    expect(dana.page.get_by_text("1 here")).to_be_visible()
    dana.page.get_by_role("link", name=re.compile(RUNNER.name)).first.click()
    dana.page.get_by_role("button", name="Done").click()
    expect(dana.page.locator("main")).to_contain_text(re.compile("done", re.IGNORECASE))
    assert dana.complaints == []
    dana.close()


def balances_the_books(beck: Walk) -> None:
    """Days pass at Stripe, it pays out, and everything matches to the penny."""
    then = datetime.fromtimestamp(beck.portal.sandbox.advance("3d"), UTC)
    months = [f"/staff/reconciliation/?month={day:%Y-%m}" for day in (then, datetime.now(UTC))]
    payout = appears(beck.page, months, "a[href^='/staff/payouts/']")
    expect(beck.page.locator("#residual")).to_have_text("0.00")
    payout.first.click()
    expect(beck.page.locator("#residual")).to_have_text("0.00")
    order = appears(beck.page, [beck.page.url], "a[href^='/staff/orders/']")
    expect(beck.page.locator("main")).to_contain_text("259.00")
    order.first.click()
    expect(beck.page.get_by_role("heading", level=1)).to_contain_text("MFR-")
    expect(beck.page.locator("main")).to_contain_text(FIVE)
    assert beck.page.locator("a[href^='/staff/bookings/']").count() >= 1
    by_books, by_lots = beck.owed()
    assert by_books == by_lots


# --- small things --------------------------------------------------------------------------


def back_to_check(walk: Walk) -> None:
    """The back button, as often as it takes to leave the card page."""
    for _press in range(4):
        walk.page.go_back()
        if "/check/" in walk.page.url:
            return
    raise AssertionError(f"The back button ends on {walk.page.url}.")


def arrives_at_her_session(walk: Walk) -> None:
    """From the card page to the session, through "being confirmed" if it takes a moment."""
    walk.page.wait_for_url("**/bookings/*/")
    expect(walk.page.get_by_text("4 credits left")).to_be_visible()
    expect(walk.page.get_by_role("heading", level=1)).to_contain_text("See you")


def forget_expected_complaints(walk: Walk, status: str) -> None:
    """Chromium calls every 4xx page an error; the page for a refused card is meant to be one."""
    walk.complaints = [one for one in walk.complaints if f"status of {status}" not in one]


def only_event(calendar):
    [event] = calendar.walk("VEVENT")
    return event


def has_subject(subjects: list[str], word: str) -> bool:
    return any(subject.startswith(word) for subject in subjects)


def appears(page: Page, urls: list[str], selector: str, *, seconds: float = 90):
    """Look at pages until one shows something: webhooks and the worker need their moment."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for url in urls:
            page.goto(url)
            if page.locator(selector).count():
                return page.locator(selector)
        time.sleep(0.5)
    raise AssertionError(f"{selector} did not appear on {urls} in {seconds} s.")
