"""The demo's staff have a second factor, and a page shows what their phones would."""

import re

import pytest

from accounts.models import User
from portal.demo.factors import set_up
from portal.demo.logins import STAFF, welcome
from portal.mailbox import FILE_BACKEND
from tests.second_factor import accepted_digits

PAGE = "/mailbox/authenticator/"


@pytest.fixture
def demo(settings, tmp_path):
    settings.DEBUG = settings.DEMO = True
    settings.EMAIL_BACKEND = FILE_BACKEND
    settings.EMAIL_FILE_PATH = str(tmp_path)
    return settings


@pytest.mark.django_db
def test_the_page_shows_digits_that_are_accepted(client, demo):
    page = client.get(PAGE).content.decode()
    shown = re.findall(r'<b class="num">(\d{6})</b>', page)
    assert len(shown) == len(STAFF)
    assert len({login.secret for login in STAFF}) == len(STAFF)
    for login, digits in zip(STAFF, shown, strict=True):
        assert digits in accepted_digits(login.secret)
        person = User.objects.create_user(login.email, is_staff=True)
        set_up(person, login)
        set_up(person, login)
        assert person.authenticator_set.get().wrap().validate_code(digits)
    assert PAGE in welcome(8000, 8421)


@pytest.mark.django_db
@pytest.mark.parametrize(("setting", "value"), [("DEMO", False), ("DEBUG", False)])
def test_nowhere_but_in_the_demo(client, demo, setting, value):
    setattr(demo, setting, value)
    assert client.get(PAGE).status_code == 404
