"""Five clicks of the desk at the same moment, each in a process of its own."""

import json
import os
import uuid

import pytest

from tests.races.test_fulfil_race import start

SET_UP = """
import django; django.setup()
from tests.builders import make_package, make_runner, make_staff
print(make_package().code, make_staff().email, *(make_runner().email for _ in range(5)))
"""
SELL = """
import sys, uuid, django; django.setup()
from datetime import UTC, datetime
from accounts.models import User
from payments.desk_selling import sell_at_desk
from payments.models import Package
package, staff, runner, key = sys.argv[1:]
print(sell_at_desk(buyer=User.objects.get(email=runner), package=Package.objects.get(code=package),
                   method="cash", by=User.objects.get(email=staff), at=datetime.now(UTC),
                   key=uuid.UUID(key)).number)
"""
COUNT = """
import json, sys, django; django.setup()
from payments.models import Document, Order
orders = Order.objects.filter(buyer__email__in=sys.argv[1:])
receipts = Document.objects.filter(kind="receipt").order_by("number")
print(json.dumps({
    "orders": orders.count(),
    "lots": sum(order.lines.exclude(lot=None).count() for order in orders),
    "receipts": receipts.filter(order__in=orders).count(),
    "gapless": [one.number for one in receipts] == list(range(1, len(receipts) + 1)),
}))
"""
ENGINES = ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.postgres)]


def run(environment, code, *arguments) -> str:
    return start(code, environment, *arguments).communicate(timeout=120)[0].strip()


@pytest.mark.parametrize("engine", ENGINES)
def test_five_clicks_sell_once(engine, request):
    environment = _environment(request.getfixturevalue(engine))
    package, staff, runner, *_others = run(environment, SET_UP).split()
    key = str(uuid.uuid4())

    clicks = [start(SELL, environment, package, staff, runner, key) for _ in range(5)]
    answers = {click.communicate(timeout=120)[0].strip() for click in clicks}

    assert len(answers) == 1
    assert answers != {""}
    once = {"orders": 1, "lots": 1, "receipts": 1, "gapless": True}
    assert json.loads(run(environment, COUNT, runner)) == once


@pytest.mark.parametrize("engine", ENGINES)
def test_five_sales_at_once_have_numbers_in_a_row(engine, request):
    environment = _environment(request.getfixturevalue(engine))
    package, staff, *runners = run(environment, SET_UP).split()

    sales = [
        start(SELL, environment, package, staff, runner, str(uuid.uuid4())) for runner in runners
    ]
    for sale in sales:
        sale.communicate(timeout=120)

    each = {"orders": 5, "lots": 5, "receipts": 5, "gapless": True}
    assert json.loads(run(environment, COUNT, *runners)) == each


def _environment(url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": url,
    }
