"""Two people pay the same order back while Stripe's news of it arrives, on both engines."""

import json

import pytest

from payments.sandbox.testing import RunningSandbox
from tests.races.processes import BUY, environment_in_front_of, start

QUOTES = """
import json, sys, django; django.setup()
from datetime import UTC, datetime
from payments.refunding.quoting import quote_refund
from payments.selling import fulfil
at = datetime.now(UTC)
order = fulfil(session_id=sys.argv[1], at=at)
print(json.dumps([quote_refund(order=order, at=at).token for _ in range(3)]))
"""
REFUND = """
import sys, django; django.setup()
from datetime import UTC, datetime
from payments.models import Order, PaymentAttempt
from payments.refunding.errors import RefundingError
from payments.refunding.requesting import request_refund
from tests.payments.refunds import make_bookkeeper
order = PaymentAttempt.objects.get(stripe_session_id=sys.argv[1]).order
try:
    done = request_refund(order=order, token=sys.argv[2], by=make_bookkeeper(),
                          reason="A race", at=datetime.now(UTC))
    print(done.status)
except RefundingError as refusal:
    print(type(refusal).__name__)
"""
HEAR = """
import django; django.setup()
import time
from datetime import UTC, datetime
from payments.polling import sweep_balance_transactions
from payments.refunding.watching import watch_refunds
end = time.monotonic() + 4
while time.monotonic() < end:
    if watch_refunds(at=datetime.now(UTC)):
        sweep_balance_transactions(at=datetime.now(UTC))
print("heard")
"""
COUNT = """
import json, sys, django; django.setup()
from payments.invariants import breaches
from payments.models import CreditEntry, JournalEntry, PaymentAttempt, Refund, RefundRequest
order = PaymentAttempt.objects.get(stripe_session_id=sys.argv[1]).order
requests = RefundRequest.objects.filter(order=order)
print(json.dumps({
    "requests": [one.status for one in requests],
    "at_stripe": Refund.objects.filter(charge__attempt__order=order).count(),
    "taken": CreditEntry.objects.filter(lot__order_line__order=order, kind="refund").count(),
    "posted": JournalEntry.objects.filter(source=f"refund:{requests[0].pk}").count(),
    "external": order.mismatches.filter(code="M07").count(),
    "breaches": len(breaches()),
}))
"""


@pytest.mark.parametrize(
    "engine", ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.postgres)]
)
def test_one_of_two_people_pays_back_and_the_news_of_it_finds_the_request(engine, request):
    with RunningSandbox() as sandbox:
        sandbox.deliver("never")
        environment = environment_in_front_of(sandbox, request.getfixturevalue(engine))
        session = start(BUY, environment).communicate(timeout=120)[0].strip()
        sandbox.pay(session)
        tokens = json.loads(start(QUOTES, environment, session).communicate(timeout=120)[0])
        # The first quote is agreed to twice: a double click. The news is read all the while.
        doors = [start(REFUND, environment, session, token) for token in (tokens[0], *tokens)]
        news = start(HEAR, environment)
        answers = [door.communicate(timeout=120)[0].strip() for door in doors]
        assert news.communicate(timeout=120)[0].strip() == "heard"
        found = json.loads(start(COUNT, environment, session).communicate(timeout=120)[0])

    assert set(answers) <= {"succeeded", "requested", "StaleRefundQuote"}
    assert "StaleRefundQuote" in answers
    assert found == {
        "requests": ["succeeded"],
        "at_stripe": 1,
        "taken": 1,
        "posted": 1,
        "external": 0,
        "breaches": 0,
    }
