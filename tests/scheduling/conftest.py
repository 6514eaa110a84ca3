import pytest
from django.contrib.auth.models import Group

from accounts.roles import MANAGERS
from tests.builders import make_staff
from tests.scheduling.builders import Practice, make_practice, make_runner_with_credits


@pytest.fixture
def practice(db) -> Practice:
    return make_practice()


@pytest.fixture
def runner(practice):
    """A runner with five credits for the 60 minute session."""
    return make_runner_with_credits(practice=practice)


@pytest.fixture
def manager(practice, client):
    """A browser a manager has signed in from."""
    user = make_staff()
    user.groups.add(Group.objects.get(name=MANAGERS))
    client.force_login(user)
    return client
