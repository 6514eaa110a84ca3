"""People and the code in their mail."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.db import transaction

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


@pytest.fixture
def commits_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test is a transaction itself: what waits for the end of one would wait for ever."""
    monkeypatch.setattr(transaction, "on_commit", lambda act, **kwargs: act())
