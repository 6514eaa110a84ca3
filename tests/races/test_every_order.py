"""News of one purchase and its refund in every order there is, with repeats: one end.

Exhaustive and slow, so it stands here, where the suite goes once; the rules beside it in
`tests/payments` run on both engines and take samples.
"""

import itertools

import pytest

from payments import inbox, polling
from payments.invariants import breaches
from payments.models import Mismatch, Refund
from tests.payments.conftest import running_sandbox, shop  # noqa: F401 - fixtures used here
from tests.payments.test_webhooks import handled, replayed


@pytest.fixture
def news(shop):  # noqa: F811
    """What Stripe tells of a purchase that was paid back in its dashboard; nothing heard yet."""
    shop.paid_checkout()
    shop.sandbox.advance("2h")
    [charge] = {event["data"]["object"]["id"] for event in shop.events("charge.succeeded")}
    shop.sandbox.dashboard_refund(charge, 10400)
    shop.sandbox.advance("2h")
    return handled(shop.events())


def test_each_order_of_purchase_and_refund_ends_the_same(shop, news):  # noqa: F811
    kinds = sorted(event["type"] for event in news)
    assert kinds == [
        "charge.refunded",
        "charge.updated",
        "checkout.session.completed",
        "refund.created",
        "refund.updated",
    ]

    ends = [replayed(shop, [*told, *told[:3]]) for told in itertools.permutations(news)]

    assert len(ends) == 120
    assert all(end == ends[0] for end in ends)
    assert [status for _number, status in ends[0]["orders"]] == ["paid"]
    assert [code for code, _about in ends[0]["open"]] == ["M07"]


def test_and_that_end_is_in_the_books(shop, news):  # noqa: F811
    for event in news[::-1]:
        assert shop.deliver(event) == 200
        inbox.handle(event["id"], at=shop.at)
    polling.sweep_balance_transactions(at=shop.at)

    assert Refund.objects.get().amount_minor == 10400
    assert Mismatch.objects.open().get().code == "M07"
    assert breaches() == []
