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
print(find_or_add("one@example.com", at=datetime.now(UTC)).pk)
"""


@pytest.mark.parametrize(
    "engine", ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.postgres)]
)
def test_one_address_asked_for_by_four_processes_is_one_person(engine, request):
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
