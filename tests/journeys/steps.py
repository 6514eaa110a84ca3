"""What people do in a journey, in their words: each step ends on the page it leads to."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from icalendar import Calendar
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.journeys.people import Person
from tests.journeys.running import RunningPortal

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
WEDGED = 60_000  # a page that takes longer than this will never come


class Walk:
    """One person with one browser; keeps what the page complained about and asked for."""

    def __init__(self, browser: Browser, portal: RunningPortal, size=PHONE, **options) -> None:
        self.portal = portal
        self.context: BrowserContext = browser.new_context(
            base_url=portal.url, viewport=size, locale="en-GB", **options
        )
        self.context.set_default_timeout(WEDGED)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.page.on("console", lambda message: self._listen(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.context.on("request", self._watch)

    def _listen(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(f"{text} on {self.page.url}")

    def _watch(self, request: Request) -> None:
        known = {urlsplit(self.portal.url).netloc, urlsplit(self.portal.sandbox.url).netloc, ""}
        if urlsplit(request.url).netloc not in known:
            self.strangers.append(request.url)

    def close(self) -> None:
        self.context.close()

    # --- a runner ----------------------------------------------------------------------------

    def read_article(self, title: str) -> None:
        self.page.goto("/journal/")
        self.page.get_by_role("link", name=title).first.click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(title)

    def pick_time_in_article(self, heading: str) -> str:
        """Tap the first of the three times; its words."""
        block = self.page.locator("section", has=self.page.get_by_role("heading", name=heading))
        times = block.last.get_by_role("button")
        expect(times).to_have_count(3)
        words = times.first.locator("time").all_inner_texts()
        times.first.click()
        self.page.wait_for_url("**/you/")
        return " ".join(words).replace("\N{NO-BREAK SPACE}", " ")

    def say_who(self, person: Person) -> None:
        self.page.get_by_label("Name").fill(person.name)
        self.page.get_by_label("Email").fill(person.email)
        self.page.get_by_role("button", name="Send me a code").click()
        self.page.wait_for_url("**/code/")

    def type_code(self, person: Person) -> None:
        self.page.get_by_label("Code").fill(self.portal.code_for(person.email))
        self.page.get_by_role("button", name="Continue").click()
        self.page.wait_for_url("**/check/")

    def choose_package(self, name: str) -> None:
        self.page.get_by_role("radio", name=name).check()

    def chosen_package(self) -> str:
        return str(self.page.locator("input[name=package]:checked").get_attribute("value"))

    def go_to_payment(self) -> None:
        self.page.get_by_role("button", name="Go to payment").click()
        self.page.wait_for_url(f"{self.portal.sandbox.url}/c/pay/**")

    def pay_with(self, card: str) -> None:
        self.page.get_by_label("Card number").fill(card)
        self.page.get_by_label("Expiry").fill("12 / 34")
        self.page.get_by_label("CVC").fill("123")
        self.page.get_by_label("Name on card").fill("R Ashe")
        self.page.get_by_role("button", name=re.compile("^Pay ")).first.click()

    def calendar(self, folder: Path) -> Calendar:
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name="Add to calendar").click()
        file = folder / "session.ics"
        waiting.value.save_as(file)
        return Calendar.from_ical(file.read_bytes())

    def move_to_another_day(self) -> str:
        """Three taps: Move, a time of a later day, confirm. The new time's value."""
        self.page.get_by_role("link", name="Move this session").click()
        self.page.get_by_role("navigation", name="Day").get_by_role("link").last.click()
        slot = self.page.locator("a.slot").first
        moment = str(slot.locator("time").get_attribute("datetime"))
        slot.click()
        self.page.get_by_role("button", name="Move it").click()
        self.page.wait_for_url("**/bookings/*/")
        return moment

    def cancel(self) -> None:
        self.page.get_by_role("link", name="Cancel this session").click()
        expect(self.page.locator(".note")).to_contain_text("You get your credit back")
        self.page.get_by_role("button", name="Yes, cancel it").click()
        self.page.wait_for_url("**/bookings/*/")

    def statement(self) -> list[tuple[str, str, str]]:
        """What, change and left of each movement, the newest first."""
        self.page.goto("/account/credits/")
        rows = self.page.get_by_role("region", name="newest first").locator("tbody tr")
        last = rows.count() - 1  # above and below them stand the balances after and before
        return [
            (
                rows.nth(number).locator("[data-label=What]").inner_text().split("\n")[0],
                rows.nth(number).locator("[data-label=Change]").inner_text(),
                rows.nth(number).locator("[data-label=Left]").inner_text(),
            )
            for number in range(1, last)
        ]

    # --- staff -------------------------------------------------------------------------------

    def sign_in(self, person: Person, going_to: str) -> None:
        self.page.goto(f"/accounts/login/?next={going_to}")
        form = self.page.locator("form", has=self.page.locator("#code_email"))
        form.locator("#code_email").fill(person.email)
        form.get_by_role("button", name="Send me a code").click()
        self.page.get_by_label("Code").fill(self.portal.code_for(person.email))
        self.page.locator("main form button[type=submit]").first.click()
        if person.group:
            self.page.wait_for_url("**/accounts/2fa/authenticate/**")
            self.page.get_by_label("Six digits").fill(self.portal.digits_for(person.email))
            self.page.get_by_role("button", name="Continue").click()
        self.page.wait_for_url(f"**{going_to}")

    def owed(self) -> tuple[int, int]:
        """What the practice owes in pence, by its books and by the sum of the lots."""
        self.page.goto("/staff/reconciliation/?month=all")
        return (
            _pence(self.page.locator("#owed-by-books").inner_text()),
            _pence(self.page.locator("#owed-by-lots").inner_text()),
        )


def _pence(words: str) -> int:
    """£1,259.00 is 125900."""
    return int(re.sub(r"[^0-9]", "", words))
