"""Several processes meet one unknown address at the same moment."""

import os
import subprocess
import sys

import pytest

from tests.races.crew import ROOT

JOIN = """
import django; django.setup()
from datetime import UTC, datetime
from accounts.joining import find_or_add
from accounts.models import Message
from payments import claimed
at = datetime.now(UTC)
user = find_or_add("one@example.com", at=at)
claimed.anything_waited = lambda user: True
claimed.tell(None, user=user, at=at)
print(user.pk, Message.objects.get(kind=claimed.MAIL).pk)
"""


@pytest.mark.parametrize(
    "engine", ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.postgres)]
)
def test_one_address_proven_in_four_processes_is_one_person_and_claims_once(engine, request):
    environment = {
        **os.environ,
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": request.getfixturevalue(engine),
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", JOIN], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    answers = {process.communicate(timeout=120)[0] for process in processes}

    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert len(answers) == 1
