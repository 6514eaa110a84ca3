"""Processes of the portal beside each other, in front of one local Stripe server."""

import os
import subprocess
import sys

from tests.races.crew import ROOT

BUY = """
import django; django.setup()
from datetime import UTC, datetime, timedelta
from payments.selling import start_checkout
from tests.builders import make_order, make_package, make_runner
at = datetime.now(UTC)
tag = f"race-{at.timestamp()}"  # the database is shared with other races
order = make_order(make_runner(f"{tag}@example.org"), make_package(tag.replace(".", "-")), at=at)
attempt = start_checkout(order=order, success_url="https://portal.example/",
                         cancel_url="https://portal.example/", expires_at=at, at=at)
print(attempt.stripe_session_id)
"""


def environment_in_front_of(sandbox, url):
    """As people run the portal, with this database and this Stripe."""
    return {
        **os.environ,
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": url,
        "STRIPE_API_BASE": sandbox.url,
        "STRIPE_SECRET_KEY": sandbox.key,
    }


def start(code, environment, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def send_off(processes):
    """Let those that wait behind their first line go at the same moment."""
    for process in processes:
        assert process.stdout.readline().strip() == "ready"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
