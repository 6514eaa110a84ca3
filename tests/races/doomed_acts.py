"""What web and worker do in a purchase and a refund, and what is true afterwards."""

import json
from datetime import datetime

from django.test import Client

from accounts import outbox
from accounts.models import Message, User
from payments import inbox, polling
from payments.invariants import breaches
from payments.models import (
    Charge,
    CreditEntry,
    Document,
    JournalEntry,
    Mismatch,
    Order,
    Package,
    Refund,
    RefundRequest,
    StripeEvent,
)
from payments.refunding.quoting import quote_refund
from payments.refunding.requesting import request_refund
from payments.refunding.sending import send_due
from payments.refunding.watching import watch_refunds
from payments.selling import fulfil, place_order, start_checkout
from tests.builders import make_package, make_runner
from tests.payments.conftest import signature
from tests.payments.refunds import make_bookkeeper


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


# --- the web ---------------------------------------------------------------------------------
def buy(*, runner: str, package: str, at: str) -> dict:
    order = place_order(
        buyer=User.objects.get(email=runner),
        package=Package.objects.get(code=package),
        at=moment(at),
    )
    attempt = start_checkout(
        order=order,
        success_url="https://portal.example/",
        cancel_url="https://portal.example/",
        expires_at=moment(at),
        at=moment(at),
    )
    return {"session": attempt.stripe_session_id, "order": order.number}


def come_back(*, session: str, at: str) -> str:
    """The success page asks Stripe."""
    found = fulfil(session_id=session, at=moment(at))
    return found.status if found else "unknown"


def pay_back(*, order: str, token: str, by: str, at: str) -> str:
    """Staff say yes to the sums they were shown; the same page sent again says the same yes."""
    request = request_refund(
        order=Order.objects.get(number=order),
        token=token,
        by=User.objects.get(email=by),
        reason="She moves away.",
        at=moment(at),
    )
    return request.status


def hear(*, events: list, secret: str, at: str) -> list:
    """Stripe's webhooks at the door."""
    answers = []
    for event in events:
        body = json.dumps(event).encode()
        answer = Client().generic(
            "POST",
            "/webhooks/stripe",
            body,
            content_type="application/json",
            headers={"Stripe-Signature": signature(body, signed_with=secret)},
        )
        answers.append(answer.status_code)
    return answers


# --- the worker ------------------------------------------------------------------------------
def work(*, at: str) -> None:
    """One round of the jobs of money and of the outbox."""
    for job in (
        inbox.retry_due,
        polling.poll_events,
        polling.poll_open_orders,
        send_due,
        polling.sweep_balance_transactions,
        polling.sync_payouts,
        watch_refunds,
        outbox.send_due,
    ):
        job(at=moment(at))


ACTS = {"buy": buy, "come_back": come_back, "hear": hear, "pay_back": pay_back, "work": work}


# --- before and after ------------------------------------------------------------------------
def shop(*, name: str, at: str) -> dict:
    package = make_package(f"{name}-five")
    runner = make_runner(f"{name}@example.org", at=moment(at))
    return {"package": package.code, "runner": runner.email}


def sums(*, order: str, units: int, at: str) -> dict:
    """The page with both sums of a refund, as a bookkeeper opens it."""
    bookkeeper = make_bookkeeper(f"books-{order}@example.org".lower())
    quote = quote_refund(order=Order.objects.get(number=order), units=units, at=moment(at))
    return {"token": quote.token, "by": bookkeeper.email}


def state(*, runner: str) -> dict:
    """All that a runner and a bookkeeper would notice of her purchases, counted."""
    person = User.objects.get(email=runner)
    orders = Order.objects.of(person)
    mails = Message.objects.filter(to_email=runner)
    return {
        "paid orders": orders.paid().count(),
        "lots": person.credit_lots.count(),
        "movements": sorted(
            CreditEntry.objects.filter(lot__owner=person).values_list("kind", "units")
        ),
        "posted": sorted(
            JournalEntry.objects.filter(lines__order__in=orders)
            .distinct()
            .values_list("kind", flat=True)
        ),
        "refunds": sorted(
            RefundRequest.objects.filter(order__in=orders).values_list("status", "amount_minor")
        ),
        "refunds at Stripe": Refund.objects.filter(charge__attempt__order__in=orders).count(),
        "documents": sorted(
            Document.objects.filter(order__in=orders).values_list("kind", "total_minor")
        ),
        "charges": Charge.objects.filter(attempt__order__in=orders, status="succeeded").count(),
        "mails": sorted(mails.values_list("kind", flat=True)),
        "unsent": mails.filter(sent_at=None, dropped_at=None).count(),
        "to look at": sorted(
            Mismatch.objects.open().filter(order__in=orders).values_list("code", flat=True)
        ),
        "failed events": StripeEvent.objects.needing_a_person().count(),
    }


def wrongs() -> list[str]:
    """What breaks a rule of the books, anywhere."""
    return [str(breach) for breach in breaches()]


TOOLS = {"shop": shop, "state": state, "sums": sums, "wrongs": wrongs}
