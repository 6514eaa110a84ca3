"""The style guide shows every component, and what it shows obeys the content security policy."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.http import Http404
from django.test import RequestFactory

from portal import stylesheets
from portal.styleguide import styleguide

COMPONENTS = sorted((settings.BASE_DIR / "templates" / "components").glob("*.html"))
INCLUDED = re.compile(r'{% include "components/(\w+)\.html"')
# The look of a block without a modifier: the class says it, the block's own rules draw it.
PLAIN_LOOKS = {"appt--booked", "note--info", "lanes--hero"}


@pytest.fixture
def guide(settings):
    settings.DEBUG = True
    response = styleguide(RequestFactory().get("/styleguide/"))
    assert response.status_code == 200
    return response.content.decode()


def test_it_is_not_there_on_a_production_site(settings):
    settings.DEBUG = False

    with pytest.raises(Http404):
        styleguide(RequestFactory().get("/styleguide/"))


def test_every_component_is_on_it():
    source = (settings.BASE_DIR / "templates" / "styleguide" / "index.html").read_text()
    shown = set(INCLUDED.findall(source)) | {"navigation"}  # the header of every page

    assert shown >= {path.stem for path in COMPONENTS}


def test_nothing_on_it_would_be_refused_by_the_policy(guide):
    tree = BeautifulSoup(guide, "html.parser")
    names = {name for element in tree.find_all() for name in element.attrs}

    assert "style" not in names
    assert not [name for name in names if name.startswith("on")]
    assert not [script for script in tree.find_all("script") if not script.has_attr("src")]
    assert not tree.find_all("style")


def test_each_id_on_it_is_there_once(guide):
    ids = [element["id"] for element in BeautifulSoup(guide, "html.parser").select("[id]")]

    assert sorted(ids) == sorted(set(ids))


def test_it_uses_no_class_that_no_stylesheet_knows(guide):
    css = "".join(path.read_text() for path in stylesheets.FOLDER.glob("*.css"))
    known = set(re.findall(r"\.([a-z][\w-]*)", css))
    elements = BeautifulSoup(guide, "html.parser").select("[class]")
    used = {name for element in elements for name in element["class"]}

    assert used - known == PLAIN_LOOKS


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_opens_with_its_contract(path: Path):
    first = path.read_text().splitlines()[0]

    assert first.startswith("{# ")
    assert first.endswith(" #}")


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_is_explained(path: Path):
    guide = (settings.BASE_DIR / "docs" / "design.md").read_text()

    assert f"`{path.stem}`" in guide


def test_the_joined_stylesheet_is_fresh():
    assert stylesheets.JOINED.read_text() == stylesheets.joined()
