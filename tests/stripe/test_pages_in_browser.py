"""The hosted checkout and the control room in Chromium: no barrier by axe, nothing sticks out."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import browser_type_launch_args  # noqa: F401 - a fixture
from tests.journeys.steps import DESK, PHONE
from tests.stripe.conftest import order

pytestmark = pytest.mark.browser
BOTH = pytest.mark.parametrize(
    ("size", "colours"), [(PHONE, "light"), (DESK, "dark")], ids=["390 light", "1280 dark"]
)
ROOM = ("/", *(f"/room/{one}" for one in ("payments", "webhooks", "faults", "calls", "settings")))
DECLINED, ASKS = "4000000000000002", "4000002760003184"


@pytest.fixture
def pages(browser: Browser) -> Iterator:
    """Makes pages without JavaScript unless told otherwise, and closes them."""
    contexts = []

    def page(**options) -> Page:
        contexts.append(browser.new_context(locale="en-GB", **{"viewport": PHONE} | options))
        return contexts[-1].new_page()

    yield page
    for context in contexts:
        context.close()


def faults_of(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than the screen."""
    found = [f"{one['id']} on {page.url}" for one in Axe().run(page).response["violations"]]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > page.viewport_size["width"]:
        found.append(f"{width} px wide: {page.url}")
    return found


@BOTH
def test_no_barrier_on_the_way_through_the_checkout(client, pages, size, colours):
    page = pages(viewport=size, color_scheme=colours)
    session = client.v1.checkout.sessions.create(order())
    page.goto(session.url)
    found = faults_of(page)
    page.get_by_role("button", name="Pay €315.00").click()
    expect(page.get_by_label("Email")).to_be_focused()
    found += faults_of(page)
    page.get_by_role("radio", name="SEPA debit").check()
    found += faults_of(page)
    page.locator(f"button[value='{DECLINED}']").click()
    expect(page.get_by_role("alert")).to_be_focused()
    found += faults_of(page)
    page.locator(f"button[value='{ASKS}']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this you?")
    found += faults_of(page)
    client.v1.checkout.sessions.expire(session.id)
    page.goto(session.url)
    assert found + faults_of(page) == []


@BOTH
@pytest.mark.parametrize("addresses", [ROOM[:3], ROOM[3:]], ids=["money", "knobs"])
def test_no_barrier_in_the_control_room(
    stripe_server, client, pages, inbox, size, colours, addresses
):
    page = pages(viewport=size, color_scheme=colours)
    fill_the_room(stripe_server, client)
    found = []
    for address in addresses:
        page.goto(stripe_server.url + address)
        found += faults_of(page)
    assert found == []


@BOTH
def test_no_barrier_in_what_is_shown_in_full(stripe_server, client, pages, size, colours):
    page = pages(viewport=size, color_scheme=colours)
    fill_the_room(stripe_server, client)
    page.goto(f"{stripe_server.url}/room/calls")
    page.get_by_role("link", name="POST /v1/checkout/sessions").first.click()
    found = faults_of(page)
    page.goto(f"{stripe_server.url}/room/payments")
    page.get_by_role("link", name="ch_").first.click()
    found += faults_of(page)
    page.get_by_role("button", name="+1h").click()
    expect(page.get_by_role("status")).to_be_focused()
    assert found + faults_of(page) == []


def fill_the_room(sandbox, client) -> None:
    """A row of each kind, and something that waits."""
    for card in ("4242424242424242", DECLINED, "4000000000000259", "4000000000005126"):
        session = client.v1.checkout.sessions.create(order(customer_email="nora@example.com"))
        sandbox.pay(session.id, card)
    sandbox.advance("4d")
    sandbox.fault(kind="502", path="/v1/refunds")
    sandbox.hold()
    sandbox.pay(client.v1.checkout.sessions.create(order()).id)


def test_a_card_pays_without_javascript_by_keyboard_alone(stripe_server, client, pages):
    shop = f"{stripe_server.url}/static/mark.svg"  # anything that answers without the internet
    session = client.v1.checkout.sessions.create(order(success_url=f"{shop}?thanks"))
    page = pages(java_script_enabled=False)
    page.goto(session.url)
    page.get_by_label("Email").focus()
    for text in ("nora@example.com", "", "4242424242424242", "12/34", "123", "Nora"):
        page.keyboard.type(text)  # nothing on the choice of a way to pay, which is a card
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # on the button, which is next

    page.wait_for_url("**?thanks")
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_only_the_fields_of_the_chosen_way_are_seen(client, pages):
    page = pages(java_script_enabled=False)
    page.goto(client.v1.checkout.sessions.create(order()).url)
    expect(page.get_by_label("IBAN")).to_be_hidden()
    page.get_by_role("radio", name="SEPA debit").check()

    expect(page.get_by_label("IBAN")).to_be_visible()
    expect(page.get_by_label("Card number")).to_be_hidden()


def test_a_button_of_the_room_leads_back_to_where_it_stands(stripe_server, pages):
    page = pages(java_script_enabled=False)
    page.goto(f"{stripe_server.url}/room/webhooks")
    page.get_by_role("button", name="Hold").click()

    expect(page).to_have_url(f"{stripe_server.url}/room/webhooks")
    expect(page.get_by_role("status")).to_contain_text("Webhooks are held")
    expect(page.get_by_role("button", name="Stop holding")).to_be_visible()
