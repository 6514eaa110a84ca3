"""Wagtail's editor under a policy without inline scripts or styles: Chromium has nothing to report.

What comes as markup is looked at on every address by ``tests/portal/hardening/test_survey.py``;
here is what its scripts do while somebody works.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.people import EDITH
from tests.journeys.running import RunningPortal
from tests.journeys.steps import DESK, WEDGED, Walk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="module"),
]
TELL = """document.addEventListener("securitypolicyviolation", (one) =>
  console.error(`policy: ${one.violatedDirective} ${one.blockedURI} ${one.sourceFile}`));"""
OWNER = """
import django; django.setup()
from accounts.models import User
User.objects.filter(email="{email}").update(is_superuser=True)
"""
PAGES = (
    "/admin/images/", "/admin/documents/", "/admin/users/", "/admin/groups/new/",
    "/admin/redirects/", "/admin/collections/", "/admin/sites/", "/admin/locales/",
    "/admin/reports/site-history/", "/admin/reports/workflow/", "/admin/reports/content/health/",
    "/admin/practice_packages/add/", "/admin/practice_services/add/",
    "/admin/schedule_therapists/add/", "/admin/schedule_closures/add/", "/admin/webhooks/",
    "/admin/api-tokens/", "/admin/import/", "/admin/policy_versions/", "/admin/account/",
)  # fmt: skip


@pytest.fixture
def walk(browser: Browser, portal: RunningPortal) -> Iterator[Walk]:
    portal.run("-m", "tests.journeys.editors")
    portal.settings["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    portal.run("-c", OWNER.format(email=EDITH.email))
    walk = Walk(browser, portal, DESK)
    walk.context.add_init_script(TELL)
    walk.sign_in(EDITH, "/admin/")
    yield walk
    walk.close()


def test_an_editor_works_a_day_and_the_policy_stops_nothing(walk: Walk, tmp_path: Path):
    page = walk.page
    picture = tmp_path / "track.png"
    Image.new("RGB", (800, 600), "#0f3d36").save(picture)

    write_an_article(page, picture)
    look_and_schedule(page)
    fill_forms_with_choosers(page)
    another = tmp_path / "finish.png"  # the same one again would be asked about
    Image.new("RGB", (800, 600), "#c8553d").save(another)
    send_pictures(page, another)
    for path in PAGES:
        page.goto(path)

    told = [one for one in walk.complaints if "olicy" in one or "violat" in one]
    assert told == []


def write_an_article(page: Page, picture: Path) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Write an article").click()
    page.locator("#id_title").fill("Hips that hush")
    page.locator("#id_intro").fill("What tight hips do to a stride.")
    pick_a_day(page, page.locator("#id_published_on"))
    body = page.locator("[data-contentpath=body]").first
    body.get_by_title("Insert a block").first.click()
    page.get_by_role("option", name="Text", exact=True).click()
    words = body.get_by_role("textbox").first
    expect(words).to_be_focused(timeout=WEDGED)
    page.keyboard.type("Hips carry the most.")
    page.keyboard.press("Enter")
    page.keyboard.type("* a list")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("and one below it")
    body.get_by_title("Insert a block").last.click()
    page.get_by_role("option", name="Picture", exact=True).click()
    page.get_by_role("button", name=re.compile("choose an image", re.I)).last.click()
    window = page.locator(".modal-dialog").last
    window.get_by_role("tab", name="Upload").click()
    window.locator("input[type=file]").set_input_files(picture)
    window.locator("[name$=title]").last.fill("A track")
    window.get_by_role("button", name="Upload").click()
    expect(page.locator(".modal-dialog")).to_have_count(0, timeout=WEDGED)


def look_and_schedule(page: Page) -> None:
    page.get_by_role("button", name="Toggle preview").click()
    seen = page.frame_locator("iframe[title=Preview]").last
    expect(seen.get_by_role("heading", level=1)).to_have_text("Hips that hush", timeout=WEDGED)
    page.get_by_role("button", name="Toggle checks").click()
    page.get_by_role("button", name="Toggle status").click()
    page.get_by_role("button", name="Set schedule").click()
    goes_live = page.get_by_label("Go live date/time")
    goes_live.click()
    page.keyboard.type("2027-06-01 07:30")
    page.keyboard.press("Escape")
    with page.expect_navigation():  # it may have saved itself before, under the same address
        page.keyboard.press("Control+s")


def pick_a_day(page: Page, field: Locator) -> None:
    field.click()
    page.locator(".xdsoft_datetimepicker:visible td.xdsoft_date").nth(15).click()
    expect(field).to_have_value(re.compile(r"\d{4}-\d\d-\d\d"))


def fill_forms_with_choosers(page: Page) -> None:
    """The parts that Wagtail starts by inline scripts, each started by ours."""
    page.goto("/admin/redirects/add/")
    choose_a_page(page)

    page.goto("/admin/searchpicks/add/")
    page.get_by_role("button", name="Add a recommended result").click()
    choose_a_page(page)
    page.get_by_role("button", name="Choose from popular search terms").click()
    see_window(page, "Popular search terms")

    page.goto("/admin/workflows/add/")
    page.get_by_role("button", name="Add task", exact=True).click()
    page.get_by_role("button", name=re.compile("choose a task", re.I)).last.click()
    see_window(page, "Choose a task")

    page.goto("/admin/pages/add/cms/formpage/2/")
    fields = page.locator("[data-inline-panel-child]:visible")
    before = fields.count()
    page.get_by_role("button", name="Add field").click()
    expect(fields).to_have_count(before + 1)


def choose_a_page(page: Page) -> None:
    page.get_by_role("button", name="Choose a page").last.click()
    page.locator(".modal-dialog").last.locator("a.choose-page").first.click()
    expect(page.locator("[data-chooser-title]").last).to_have_text("Massage for Runners")


def see_window(page: Page, title: str) -> None:
    expect(page.locator(".modal-dialog").last).to_contain_text(title, timeout=WEDGED)


def send_pictures(page: Page, picture: Path) -> None:
    page.goto("/admin/images/multiple/add/")
    page.locator("input[type=file]").first.set_input_files([picture])
    expect(page.get_by_role("button", name="Update").first).to_be_visible(timeout=WEDGED)
    page.goto("/admin/images/1/")
    expect(page.locator(".jcrop-holder").first).to_be_visible(timeout=WEDGED)
