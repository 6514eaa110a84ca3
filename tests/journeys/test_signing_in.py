"""Signing in as people do: a passkey from a device, an app set up by staff, pages for everybody."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.people import Person
from tests.journeys.running import RunningPortal
from tests.journeys.steps import DESK, PHONE, Walk
from tests.migrated import sqlite_copy
from tests.second_factor import accepted_digits

pytestmark = pytest.mark.browser
NOOR = Person("noor@example.org", "Noor Aziz")
NEW_AT_THE_DESK = Person("new-desk@example.org", "Nia Okoro", "Front desk")
HIRE = f"""
from django.contrib.auth.models import Group
from accounts.models import User
nia = User.objects.create_user("{NEW_AT_THE_DESK.email}", name="{NEW_AT_THE_DESK.name}")
nia.groups.add(Group.objects.get(name="{NEW_AT_THE_DESK.group}"))
"""


class LocalPortal(RunningPortal):
    """A passkey belongs to a name, and an address of numbers is none."""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    """With the settings of development, where passkeys do without TLS."""
    folder: Path = tmp_path_factory.mktemp("portal")
    database = sqlite_copy(folder / "portal.sqlite3")
    local = {"ALLOWED_HOSTS": "localhost", "DEBUG": "1"}
    with LocalPortal(folder, database, settings=local) as running:
        yield running


@pytest.fixture
def walk(browser: Browser, portal: RunningPortal, request: pytest.FixtureRequest) -> Iterator[Walk]:
    size = getattr(request, "param", PHONE)
    walking = Walk(browser, portal, size)
    yield walking
    walking.close()


def _give_device(page: Page) -> None:
    """A phone that keeps passkeys and knows its owner's finger."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def _looks_fine(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = Axe().run(page).response["violations"]
        problems = [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]
        assert not problems, f"{page.url} in {scheme}: {problems}"
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, f"{page.url} scrolls sideways"


def _ask_for_code(walk: Walk, person: Person) -> None:
    form = walk.page.locator("form", has=walk.page.locator("#code_email"))
    form.locator("#code_email").fill(person.email)
    form.get_by_role("button", name="Send me a code").click()
    walk.page.get_by_label("Code").fill(walk.portal.code_for(person.email))
    walk.page.get_by_role("button", name="Go on").click()


def test_a_passkey_is_added_after_the_first_sign_in_and_is_enough_from_then_on(walk):
    page = walk.page
    _give_device(page)
    page.goto("/accounts/login/")
    _looks_fine(page)
    _ask_for_code(walk, NOOR)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are in")
    _looks_fine(page)
    page.get_by_role("link", name="Add a passkey").click()
    _looks_fine(page)
    page.get_by_label("What to call it").fill("My phone")
    page.get_by_role("button", name="Add the passkey").click()
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    _looks_fine(page)

    page.goto("/account/")
    page.get_by_role("link", name="Sign-in and security").click()
    _looks_fine(page)
    page.get_by_role("link", name="See your passkeys").click()
    expect(page.get_by_role("cell", name="Name My phone", exact=True)).to_be_visible()
    _looks_fine(page)
    for path in ("/accounts/sessions/", "/accounts/2fa/webauthn/reauthenticate/"):
        page.goto(path)
        _looks_fine(page)

    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.goto("/account/")
    page.wait_for_url("**/accounts/login/**")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/account/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")
    assert walk.complaints == []


@pytest.mark.parametrize("walk", [DESK], indirect=True)
def test_a_new_colleague_sets_up_an_app_and_shows_it_the_next_time(walk, portal):
    portal.manage("shell", "-c", HIRE)
    page = walk.page
    page.goto("/staff/day/")
    _ask_for_code(walk, NEW_AT_THE_DESK)
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step for staff")
    _looks_fine(page)
    page.get_by_role("link", name="Set up an app").click()
    _looks_fine(page)
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Six digits").fill(accepted_digits(secret)[1])
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_role("link", name="I have them, go on").click()
    page.wait_for_url("**/staff/day/")

    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.goto("/staff/day/")
    page.get_by_role("button", name="Send me a code").first.wait_for()
    for letter in portal.mails.iterdir():
        letter.unlink()
    _ask_for_code(walk, NEW_AT_THE_DESK)
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    _looks_fine(page)
    page.get_by_label("Six digits").fill("000000")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Six digits")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Six digits").fill(accepted_digits(secret)[2])
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/staff/day/")
