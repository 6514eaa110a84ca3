"""Processes of the portal beside each other, in front of one local Stripe server."""

import os
import subprocess
import sys

from tests.races.crew import ROOT

BUY = """
import django; django.setup()
from datetime import UTC, datetime, timedelta
from payments.selling import start_checkout
from tests.builders import make_order
at = datetime.now(UTC)
attempt = start_checkout(order=make_order(at=at), success_url="https://portal.example/",
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
        stdout=subprocess.PIPE,
        text=True,
    )
