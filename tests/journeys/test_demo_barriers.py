"""Every type of page of the demo, in two sizes and colours: no barrier by axe, nothing sideways."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.cms.conftest import demo, loaded_demo, shop  # noqa: F401 - fixtures used here
from tests.journeys.test_reader_sees import opened  # noqa: F401 - a fixture used here

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("size", "colours"), [("phone", "light"), ("desk", "dark")])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/journal/",
        "/journal/massage-for-runners/",
        "/treatments/",
        "/treatments/sports-massage/",
        "/packages/",
        "/therapists/",
        "/locations/",
        "/locations/harbour-yard/",
        "/questions/",
        "/cancellation-and-refunds/",
        "/policies/cancellation/1/",
        "/accessibility/",
        "/contact/",
        "/de/",
        "/de/behandlungen/",
    ],
)
def test_no_type_of_page_of_the_demo_has_a_barrier(
    opened,  # noqa: F811
    demo,  # noqa: F811
    path,
    size,
    colours,
):
    page = opened(path, size=size, colours=colours)

    found = Axe().run(page).response["violations"]

    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
