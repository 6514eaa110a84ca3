"""Paying back and answering disputes on the staff pages."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Message
from payments import polling
from payments.crediting import release
from payments.models import CreditEntry, CreditLot, Dispute, Mismatch, Refund, RefundRequest
from payments.refunding.quoting import quote_refund
from payments.refunding.requesting import request_refund
from scheduling.day import complete
from scheduling.models import Booking, BookingChange
from tests.builders import make_runner
from tests.payments.conftest import shop_today  # noqa: F401 - a fixture used here
from tests.payments.refunds import buckets, make_bookkeeper, use_units
from tests.portal.staff.conftest import signed_in
from tests.scheduling.builders import TUESDAY_10, book


@pytest.fixture
def shop(shop_today):  # noqa: F811 - pages look at the clock on the wall
    return shop_today


def sold(shop, **values):
    from tests.builders import make_package

    attempt = shop.paid_checkout(shop.order(make_runner(), make_package(**values)))
    shop.handle_all()
    order = attempt.order
    order.refresh_from_db()
    return order


def hear_all(shop) -> None:
    shop.handle_all()
    polling.sweep_balance_transactions(at=shop.at)


def lot_of(order) -> CreditLot:
    return CreditLot.objects.get(order_line__order=order)


def token_on(page) -> str:
    return re.search(r'name="token" value="([^"]+)"', page.content.decode())[1]


def address(order) -> str:
    return reverse("staff:refund", args=[order.public_id])


def test_the_page_shows_both_rules_the_result_and_the_credits(bookkeeper, shop):
    order = sold(shop)
    use_units(shop, lot_of(order), 2)

    words = bookkeeper.get(address(order)).content.decode()

    assert "3 unused at what was paid for each (£52.00 + £52.00 + £52.00) = £156.00" in words
    assert "£260.00 paid − 2 used at the single price" in words
    assert "The terms say this" in words
    assert "Pay back £156.00" in words


def test_paying_back_and_what_the_runner_sees(bookkeeper, shop):
    order = sold(shop)
    page = bookkeeper.get(address(order) + "?units=2")
    act = {"token": token_on(page), "method": "card", "reason": "She moves away."}

    answer = bookkeeper.post(address(order) + "?units=2", act, follow=True)

    assert "£104.00: Paid back." in answer.content.decode()
    assert buckets(order) == {"available": 3, "refunded": 2}
    # A second tap on the same button.
    bookkeeper.post(address(order) + "?units=2", act)
    assert RefundRequest.objects.count() == 1
    seen = signed_in(order.buyer).get(order.get_absolute_url()).content.decode()
    assert "Paid back: £104.00" in seen
    listed = bookkeeper.get(reverse("staff:refunds")).content.decode()
    assert order.number in listed
    assert "She moves away." in listed


def test_sums_that_changed_are_shown_again_and_nothing_is_paid(bookkeeper, shop):
    order = sold(shop)
    token = token_on(bookkeeper.get(address(order)))
    use_units(shop, lot_of(order), 1)

    answer = bookkeeper.post(
        address(order), {"token": token, "method": "card", "reason": "She moves away."}
    )

    assert answer.status_code == 422
    assert "Something has changed since" in answer.content.decode()
    assert "Pay back £208.00" in answer.content.decode()
    assert not RefundRequest.objects.exists()


def test_sessions_in_the_way_are_linked(bookkeeper, shop):
    order = sold(shop)
    use_units(shop, lot_of(order), 2, done=False)

    words = bookkeeper.get(address(order)).content.decode()

    assert "Sessions are booked with these credits" in words
    assert 'name="token"' not in words
    assert "Pay back £156.00" in bookkeeper.get(address(order) + "?units=3").content.decode()


def test_the_desk_sees_its_limit(desk, shop):
    order = sold(shop)

    assert "more than you may pay back" in desk.get(address(order)).content.decode()
    page = desk.get(address(order) + "?units=1")
    answer = desk.post(
        address(order) + "?units=1",
        {"token": token_on(page), "method": "cash", "reference": "Slip 3", "reason": "Ill."},
    )
    assert answer.status_code == 302
    assert RefundRequest.objects.get().method == "cash"


def test_nobody_else_opens_them(runner_client, editor, shop):
    order = sold(shop)
    for client in (runner_client, editor):
        assert client.get(address(order)).status_code == 403
        assert client.get(reverse("staff:refunds")).status_code == 403
        assert client.get(reverse("staff:disputes")).status_code == 403


def test_stripe_is_down_and_it_says_that_it_will_be_sent(bookkeeper, shop):
    order = sold(shop)
    token = token_on(bookkeeper.get(address(order)))
    shop.sandbox.fault(kind="502", path="/v1/refunds", method="POST")

    act = {"token": token, "method": "card", "reason": "She moves away."}
    answer = bookkeeper.post(address(order), act, follow=True)

    assert "sent by itself, once" in answer.content.decode()


def test_more_than_unused_is_proposed_and_agreed_to_by_another(bookkeeper, manager, shop):
    order = sold(shop)
    use_units(shop, lot_of(order), 4)
    asked = address(order) + "?units=2&amount=104.00"
    page = bookkeeper.get(asked)
    assert "a second person has to agree" in page.content.decode()
    act = {"token": token_on(page), "method": "card", "reason": "A bad session."}
    assert "put before them" in bookkeeper.post(asked, act, follow=True).content.decode()

    proposal = Mismatch.objects.get(code="M09")
    there = reverse("staff:approve_refund", args=[proposal.pk])
    assert "somebody else has to agree" in bookkeeper.get(there).content.decode()
    assert "Look at it" in manager.get(reverse("staff:refunds")).content.decode()
    page = manager.get(there)
    manager.post(there, {"token": token_on(page)})

    assert RefundRequest.objects.get().amount_minor == 10400
    proposal.refresh_from_db()
    assert proposal.status == "resolved"


def test_choosing_the_credits_of_a_refund_made_at_stripe(bookkeeper, shop):
    order = sold(shop)
    shop.sandbox.dashboard_refund(order.attempts.get().charges.get().pk, 10400)
    shop.handle_all()
    refund = Refund.objects.get()
    there = reverse("staff:assign_refund", args=[refund.pk])
    mismatch = Mismatch.objects.get(code="M07")
    assert there in bookkeeper.get(reverse("staff:mismatch", args=[mismatch.pk])).content.decode()
    assert there in bookkeeper.get(reverse("staff:refunds")).content.decode()

    page = bookkeeper.get(there).content.decode()
    assert "2 credits, the nearest" in page
    name = f"units_{lot_of(order).public_id.hex}"
    assert bookkeeper.post(there, {name: "9", "reason": "x"}).status_code == 422
    bookkeeper.post(there, {name: "2", "reason": "By phone."})

    assert buckets(order) == {"available": 3, "refunded": 2}
    assert "Its credits were chosen" in bookkeeper.get(there).content.decode()


def test_the_list_costs_as_much_for_many(bookkeeper, shop):
    order, staff = sold(shop), make_bookkeeper()
    costs = []
    for times in (1, 3):
        for _ in range(times):
            quote = quote_refund(order=order, units=1, at=shop.at)
            request_refund(order=order, token=quote.token, by=staff, reason="One", at=shop.at)
        with CaptureQueriesContext(connection) as asked:
            bookkeeper.get(reverse("staff:refunds"))
        costs.append(len(asked))
    assert costs[1] <= costs[0]


# disputes ----------------------------------------------------------------------------------
CANARY = "sciatica-canary"


@pytest.fixture
def disputed(shop, practice):
    """A package with a session given, and health planted wherever people may type."""
    order = sold(shop, variants=[practice.sports_60])
    booking = book(practice, runner=order.buyer, starts_at=TUESDAY_10)
    complete(booking=booking, by=make_bookkeeper("Front desk"), at=booking.ends_at)
    BookingChange.objects.create(
        booking=booking,
        from_state=booking.state,
        to_state=booking.state,
        kind=BookingChange.Kind.TAKEN_BACK,
        at=booking.ends_at,
        reason=CANARY,
        details={"note": CANARY},
    )
    [given_up] = use_units(shop, lot_of(order), 1, done=False)
    release(booking_id=given_up, by=None, at=shop.at, reason=CANARY)
    Booking.objects.filter(pk=booking.pk).update(overrides=[CANARY])
    Message.objects.update(sent_at=shop.at, subject=CANARY, last_error=CANARY)
    shop.sandbox.dispute(order.attempts.get().charges.get().pk)
    shop.handle_all()
    Mismatch.objects.update(details={"what": CANARY})
    return Dispute.objects.get()


def test_the_pack_is_made_of_real_records_and_tells_nothing_of_health(
    bookkeeper, disputed, monkeypatch
):
    entry_reason = CreditEntry.objects.exclude(reason="").values_list("reason", flat=True)
    assert entry_reason
    printed = bookkeeper.get(reverse("staff:evidence", args=[disputed.pk])).content.decode()
    file = bookkeeper.get(reverse("staff:evidence_file", args=[disputed.pk]))
    shown = bookkeeper.get(reverse("staff:submit_evidence", args=[disputed.pk])).content.decode()

    pack = json.loads(file.content)
    said = json.dumps(pack)
    sections = {section["code"] for section in pack["sections"]}
    assert {"purchase", "credits", "sessions", "mails"} <= sections
    assert "the session was given" in said
    assert pack["terms"]["version"] == "terms v1"
    assert pack["refund_sums"][0].startswith("4 unused")
    for words in (printed, said, shown):
        assert CANARY not in words


def test_a_dispute_shows_its_deadline_money_credits_and_is_answered(bookkeeper, disputed):
    there = reverse("staff:dispute", args=[disputed.pk])
    page = bookkeeper.get(there).content.decode()
    assert "Answer until" in page
    assert "frozen" in page
    assert disputed.pk in bookkeeper.get(reverse("staff:disputes")).content.decode()
    order = disputed.charge.attempt.order
    assert disputed.pk in bookkeeper.get(f"/staff/orders/{order.public_id}/").content.decode()

    answer = bookkeeper.post(
        reverse("staff:submit_evidence", args=[disputed.pk]), {"more": ""}, follow=True
    )
    assert "The evidence is with the bank" in answer.content.decode()
    disputed.refresh_from_db()
    assert disputed.evidence_sent_by is not None


def test_accepting_asks_first(bookkeeper, disputed):
    there = reverse("staff:accept_dispute", args=[disputed.pk])
    assert "cannot be undone" in bookkeeper.get(there).content.decode()
    disputed.refresh_from_db()
    assert disputed.status == "needs_response"

    bookkeeper.post(there)
    disputed.refresh_from_db()
    assert disputed.status == "lost"
    assert "The bank has decided already" in bookkeeper.get(there).content.decode()


def test_a_session_booked_with_disputed_credits_is_flagged(bookkeeper, shop, practice):
    order = sold(shop, variants=[practice.sports_60])
    booking = book(practice, runner=order.buyer, starts_at=TUESDAY_10)
    there = reverse("staff:booking", args=[booking.public_id])
    assert "Payment disputed" not in bookkeeper.get(there).content.decode()

    shop.sandbox.dispute(order.attempts.get().charges.get().pk)
    shop.handle_all()

    assert "Payment disputed" in bookkeeper.get(there).content.decode()
    assert booking.public_id.hex in (
        bookkeeper.get(reverse("staff:dispute", args=[Dispute.objects.get().pk]))
        .content.decode()
        .replace("-", "")
    )


# by API ------------------------------------------------------------------------------------
def test_the_same_by_api(bookkeeper, runner_client, shop):
    order = sold(shop)
    base = f"/api/v1/staff/orders/{order.public_id}"
    assert runner_client.get(f"{base}/refund-quote/").status_code == 404
    quote = bookkeeper.get(f"{base}/refund-quote/?units=2").json()
    assert (quote["due_minor"], quote["rule"], quote["bookings"]) == (10400, "pro_rata", [])

    wanted = {"token": quote["token"], "reason": "She moves away."}
    as_json = {"content_type": "application/json"}
    done = bookkeeper.post(f"{base}/refunds/", json.dumps(wanted), **as_json).json()
    again = bookkeeper.post(f"{base}/refunds/", json.dumps(wanted), **as_json).json()

    assert (done["status"], done["units"], done["amount_minor"]) == ("succeeded", 2, 10400)
    assert again["id"] == done["id"]
    stale = bookkeeper.get(f"{base}/refund-quote/?units=1").json()
    use_units(shop, lot_of(order), 1)
    refused = bookkeeper.post(
        f"{base}/refunds/", json.dumps(wanted | {"token": stale["token"]}), **as_json
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "stale_refund_quote")
    assert refused.json()["quote"]["due_minor"] == 5200
    assert [one["id"] for one in bookkeeper.get("/api/v1/staff/refunds/").json()] == [done["id"]]
