"""People and the code in their mail."""

import re
from collections.abc import Callable

import pytest
from django.core import mail

from accounts.models import User


@pytest.fixture
def mara(db: None) -> User:
    return User.objects.create_user("mara@example.com", name="Mara Voss")


@pytest.fixture
def code() -> Callable[[], str]:
    """The code in the last mail, read as a person reads it: from the subject."""

    def read() -> str:
        found = re.fullmatch(r"Your code: (\d{6})", mail.outbox[-1].subject)
        assert found, mail.outbox[-1].subject
        return found[1]

    return read
