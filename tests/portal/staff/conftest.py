"""People of the practice, signed in, and a practice with something to see."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.roles import BOOKKEEPERS, FRONT_DESK, MANAGERS
from tests.builders import make_runner, make_staff
from tests.payments.conftest import running_sandbox, shop  # noqa: F401 - fixtures used here
from tests.scheduling.builders import Practice, make_practice


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def in_group(group: str, **values):
    user = make_staff(**values)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def desk(db) -> Client:
    return signed_in(in_group(FRONT_DESK, name="Dee Desk"))


@pytest.fixture
def bookkeeper(db) -> Client:
    return signed_in(in_group(BOOKKEEPERS, name="Bo Books"))


@pytest.fixture
def manager(db) -> Client:
    return signed_in(in_group(MANAGERS, name="Max Manager"))


@pytest.fixture
def editor(db) -> Client:
    return signed_in(in_group("Editors", name="Ed Editor"))


@pytest.fixture
def runner_client(db) -> Client:
    return signed_in(make_runner())


@pytest.fixture
def practice(db) -> Practice:
    return make_practice()
