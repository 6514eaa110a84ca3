"""Webhook, return page and poller learn of one payment at the same moment."""

import json

import pytest

from payments.sandbox.testing import RunningSandbox
from tests.races.processes import BUY, environment_in_front_of, start

FULFIL = """
import sys, django; django.setup()
from datetime import UTC, datetime
from payments.selling import fulfil
from payments.models import CreditLot
print(fulfil(session_id=sys.argv[1], at=datetime.now(UTC)).status)
"""
COUNT = """
import json, sys, django; django.setup()
from payments.invariants import breaches
from accounts.models import Message
from payments.models import CreditEntry, Document, JournalEntry, PaymentAttempt
attempt = PaymentAttempt.objects.get(stripe_session_id=sys.argv[1])
order = attempt.order
print(json.dumps({
    "attempt": attempt.status,
    "lots": order.lines.exclude(lot=None).count(),
    "grants": CreditEntry.objects.filter(lot__order_line__order=order).count(),
    "sales": JournalEntry.objects.filter(source=f"sale:{order.pk}").count(),
    "receipts": Document.objects.filter(order=order, kind="receipt").count(),
    "mails": Message.objects.filter(kind="receipt", user=order.buyer).count(),
    "breaches": len(breaches()),
}))
"""


@pytest.mark.parametrize(
    "engine", ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.postgres)]
)
def test_five_doors_at_once_grant_one_lot(engine, request):
    with RunningSandbox() as sandbox:
        sandbox.deliver("never")
        environment = environment_in_front_of(sandbox, request.getfixturevalue(engine))
        session_id = start(BUY, environment).communicate(timeout=120)[0].strip()
        sandbox.pay(session_id)
        doors = [start(FULFIL, environment, session_id) for _ in range(5)]
        answers = [door.communicate(timeout=120)[0].strip() for door in doors]
        found = json.loads(start(COUNT, environment, session_id).communicate(timeout=120)[0])

    assert answers == ["paid"] * 5
    once = ("lots", "grants", "sales", "receipts", "mails")
    assert found == {"attempt": "paid", **dict.fromkeys(once, 1), "breaches": 0}
