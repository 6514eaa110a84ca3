"""Money back, over the local Stripe server: sums, states, doors, books."""

import itertools
from datetime import timedelta

import pytest
import stripe
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Message
from accounts.roles import FRONT_DESK
from payments import inbox, polling
from payments.crediting.ledger import units_in
from payments.invariants import breaches
from payments.models import (
    BookRules,
    Bucket,
    CreditEntry,
    CreditLot,
    Mismatch,
    PaymentAttempt,
    Refund,
    RefundLimit,
    RefundRequest,
)
from payments.refunding.approving import approve_refund, propose_refund, quote_proposed
from payments.refunding.errors import (
    AlreadyAssigned,
    MayNotRefund,
    NeedsApproval,
    NothingToRefund,
    OpenBookings,
    RefundingError,
    StaleRefundQuote,
    TooMuch,
    UnreadableRefundQuote,
)
from payments.refunding.external import assign_refund, guesses
from payments.refunding.limits import limit_of
from payments.refunding.quoting import quote_refund
from payments.refunding.requesting import refund_surplus, request_refund
from payments.refunding.sending import send_due
from payments.refunding.sums import LineFacts, pro_rata, single_price
from payments.refunding.watching import watch_refunds
from payments.selling import fulfil
from payments.signals import refund_failed, refund_settled
from tests.builders import make_policy, make_staff, pay_at_the_desk
from tests.payments.refunds import buckets, make_bookkeeper, refund, sold, sums, use_units
from tests.payments.test_webhooks import final_state

Status = RefundRequest.Status


@pytest.fixture
def bo(db):
    return make_bookkeeper(name="Bo Books")


def lot_of(order) -> CreditLot:
    return CreditLot.objects.get(order_line__order=order)


def hear_all(shop) -> None:
    shop.handle_all()
    polling.sweep_balance_transactions(at=shop.at)


# the sums (P8) -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rule", "used", "due"),
    [
        ("pro_rata", 0, 10000),
        ("pro_rata", 1, 6666),  # three units of 100.00: the dearest was used
        ("pro_rata", 3, 0),
        ("single_price", 0, 10000),
        ("single_price", 1, 6000),
        ("single_price", 3, 0),
        ("none", 1, 0),
    ],
)
def test_the_rule_frozen_at_the_sale_says_what_is_due(shop, bo, rule, used, due):
    policy = make_policy(code=f"terms-{rule}", refund_rule=rule)
    order = sold(shop, units=3, price_minor=10000, policy=policy)
    single = order.lines.get().single_price_minor
    use_units(shop, lot_of(order), used)

    quote = quote_refund(order=order, at=shop.at)

    assert (quote.rule, quote.units) == (rule, 3 - used)
    assert quote.pro_rata_minor == [10000, 6666, 3333, 0][used]
    whole = 10000 - used * single if single else [10000, 6666, 3333, 0][used]
    assert quote.single_price_minor == max(0, whole if used < 3 else 0)
    if rule != "single_price":
        assert quote.due_minor == due
    assert (
        quote.due_minor
        == {
            "pro_rata": quote.pro_rata_minor,
            "single_price": quote.single_price_minor,
            "none": 0,
        }[rule]
    )


@given(
    paid=st.integers(0, 100_000),
    single=st.integers(0, 20_000),
    units=st.integers(1, 12),
    data=st.data(),
)
def test_credits_given_back_one_by_one_come_to_what_all_together_would(paid, single, units, data):
    gone = data.draw(st.integers(0, units))
    line = LineFacts(paid_minor=paid, single_minor=single, units=units, gone=gone)
    unused = units - gone
    together = single_price([line], refunded_minor=0, left_minor=paid, units=unused, unused=unused)

    refunded = 0
    for left in range(unused, 0, -1):
        refunded += single_price(
            [line],
            refunded_minor=refunded,
            left_minor=paid - refunded,
            units=1,
            unused=left,
        )

    assert refunded == together
    assert 0 <= together <= paid


@given(worth=st.integers(0, 10**6), left=st.integers(-100, 10**6))
def test_no_rule_pays_back_more_than_is_left(worth, left):
    assert 0 <= pro_rata(worth_minor=worth, left_minor=left) <= max(0, left)


def test_both_alternatives_are_shown_with_their_sums(shop, bo):
    order = sold(shop, units=5, price_minor=26000)
    use_units(shop, lot_of(order), 2)

    quote = quote_refund(order=order, at=shop.at)

    assert quote.pro_rata_formula == (
        "3 unused at what was paid for each (£52.00 + £52.00 + £52.00) = £156.00"
    )
    assert quote.single_price_formula.startswith("£260.00 paid − 2 used at the single price (£")
    assert quote.single_price_formula.endswith(
        "£0.00 refunded before = £" + (f"{quote.single_price_minor / 100:.2f}")
    )


# the states --------------------------------------------------------------------------------
def test_a_whole_package_goes_back(shop, bo):
    order = sold(shop)

    request = refund(shop, order, bo)

    assert (request.status, request.amount_minor) == (Status.SUCCEEDED, 26000)
    assert request.idempotency_key == f"refund:{order.number}:1:{request.public_id}"
    assert buckets(order) == {"refunded": 5}
    hear_all(shop)
    assert set(sums()) == {"STRIPE_CLEARING", "FEES"}  # Stripe keeps its fee
    assert not breaches()
    assert not Mismatch.objects.open().exists()
    assert Message.objects.get(kind="refunded").to_email == order.buyer.email


def test_a_part_used_package_goes_back_in_two_parts(shop, bo):
    order = sold(shop, units=5, price_minor=26000, tax_rate_bp=2000)
    use_units(shop, lot_of(order), 2)
    whole = quote_refund(order=order, at=shop.at).due_minor

    first = refund(shop, order, bo, units=1)
    second = refund(shop, order, bo)

    assert first.amount_minor + second.amount_minor == whole
    assert (first.number, second.number) == (1, 2)
    assert buckets(order) == {"used": 2, "refunded": 3}
    hear_all(shop)
    books = sums()
    assert {"DEFERRED", "REFUNDS_OWED"}.isdisjoint(books)
    assert books["SESSION_REVENUE"] + books["TAX_PAYABLE"] == whole - 26000
    assert not breaches()


def test_tax_that_is_due_at_each_session_goes_back_from_where_it_waits(shop, bo):
    BookRules.objects.create(tax_timing="redemption")
    order = sold(shop, units=3, price_minor=10000, tax_rate_bp=2000)
    assert sums()["TAX_DEFERRED"] == -1667
    use_units(shop, lot_of(order), 1)

    refund(shop, order, bo)
    hear_all(shop)

    books = sums()
    assert {"DEFERRED", "TAX_DEFERRED", "REFUNDS_OWED"}.isdisjoint(books)
    assert books["TAX_PAYABLE"] + books["SESSION_REVENUE"] == -3334  # what one unit was sold for
    assert not breaches()


@pytest.mark.parametrize(
    ("amount", "role", "difference"),
    [(20000, "GOODWILL_COST", 4400), (10000, "SUSPENSE_REVENUE", -5600)],
)
def test_more_or_less_than_the_credits_were_sold_for_is_a_difference(
    shop, bo, amount, role, difference
):
    order = sold(shop)
    use_units(shop, lot_of(order), 2)

    refund(shop, order, bo, amount=amount)
    hear_all(shop)

    books = sums()
    assert books[role] == difference
    assert {"DEFERRED", "REFUNDS_OWED"}.isdisjoint(books)
    assert not breaches()


def test_pending_then_paid(shop, bo):
    order = sold(shop, card="4000000000007726")

    request = refund(shop, order, bo)
    assert (request.status, buckets(order)) == (Status.PENDING, {"refunded": 5})
    assert not Message.objects.filter(kind="refunded").exists()

    shop.sandbox.advance("30d")
    hear_all(shop)

    request.refresh_from_db()
    assert request.status == Status.SUCCEEDED
    assert sums()["STRIPE_CLEARING"]
    assert "REFUNDS_OWED" not in sums()
    assert not breaches()


def test_paid_and_failed_later_gives_the_credits_back_and_owes_them_again(shop, bo):
    heard = []
    settled = lambda **news: heard.append(("settled", news["request"].pk))  # noqa: E731
    failed = lambda **news: heard.append(("failed", news["request"].pk))  # noqa: E731
    refund_settled.connect(settled)
    refund_failed.connect(failed)
    order = sold(shop, card="4000000000005126")
    before = sums()

    request = refund(shop, order, bo)
    assert request.status == Status.SUCCEEDED
    shop.sandbox.advance("30d")
    hear_all(shop)

    request.refresh_from_db()
    assert request.status == Status.FAILED
    assert buckets(order) == {"available": 5}
    now = sums()
    now["STRIPE_CLEARING"] = now.pop("BANK_IN_TRANSIT", 0) + now.get("STRIPE_CLEARING", 0)
    assert now == before  # whatever was paid out meanwhile
    assert not breaches()
    assert Mismatch.objects.open().get().code == "M08"
    assert heard == [("settled", request.pk), ("failed", request.pk)]
    assert Message.objects.filter(kind="refund_failed").count() == 1
    # Another way to pay it back, from the drawer this time.
    again = refund(shop, order, bo, method="cash", reference="Slip 7")
    assert (again.status, again.number) == (Status.SUCCEEDED, 2)
    assert sums()["CASH_DRAWER"] == -26000
    assert not breaches()


def test_credits_that_come_back_after_their_last_day_get_a_month(shop, bo):
    order = sold(shop, card="4000000000005126", validity_days=1)
    refund(shop, order, bo)
    shop.sandbox.advance("30d")
    hear_all(shop)

    lot = lot_of(order)
    assert (lot.expires_on - shop.at.date()).days >= 29
    assert units_in(lot, [Bucket.AVAILABLE]) == 5
    assert not breaches()


def test_waiting_for_the_buyer_and_cancelled(shop, bo):
    shop.sandbox.next_refund("requires_action")
    order = sold(shop)
    request = refund(shop, order, bo)
    assert request.status == Status.PENDING

    dashboard = stripe.StripeClient(shop.sandbox.key, base_addresses={"api": shop.sandbox.url})
    dashboard.v1.refunds.cancel(request.stripe_refund_id)
    hear_all(shop)

    request.refresh_from_db()
    assert (request.status, buckets(order)) == (Status.CANCELED, {"available": 5})
    assert not breaches()


# Stripe does not answer --------------------------------------------------------------------
@pytest.mark.parametrize(
    "kind", ["500_before", "500_after", "timeout_after", "reset_after", "502", "garbage"]
)
def test_without_an_answer_the_job_asks_again_with_the_same_key(shop, bo, kind):
    order = sold(shop)
    shop.sandbox.fault(kind=kind, path="/v1/refunds", method="POST")

    request = refund(shop, order, bo)
    assert request.status in {Status.REQUESTED, Status.SUCCEEDED}
    assert buckets(order) == {"refunded": 5}

    shop.sandbox.advance("2h")
    send_due(at=shop.at)
    hear_all(shop)

    request.refresh_from_db()
    assert request.status == Status.SUCCEEDED
    assert Refund.objects.count() == 1
    assert not breaches()


def test_a_key_too_old_is_not_used_again_but_looked_up(shop, bo):
    order = sold(shop)
    shop.sandbox.fault(kind="500_after", path="/v1/refunds", method="POST")
    request = refund(shop, order, bo)
    assert request.status == Status.REQUESTED

    shop.sandbox.advance("26h")
    send_due(at=shop.at)

    request.refresh_from_db()
    assert request.status == Status.SUCCEEDED
    posts = [
        one for one in shop.sandbox.log() if one["method"] == "POST" and "refunds" in one["path"]
    ]
    assert len(posts) == 1


def test_what_stripe_never_heard_of_has_failed_after_a_day(shop, bo):
    order = sold(shop)
    shop.sandbox.fault(kind="500_before", path="/v1/refunds", method="POST")
    request = refund(shop, order, bo)

    shop.sandbox.advance("26h")
    send_due(at=shop.at)

    request.refresh_from_db()
    assert (request.status, buckets(order)) == (Status.FAILED, {"available": 5})
    assert Mismatch.objects.open().get().code == "M08"
    assert not Message.objects.filter(kind="refund_failed").exists()
    assert not breaches()


def test_what_stripe_refuses_has_failed_and_the_credits_are_back(shop, bo):
    order = sold(shop)
    charge = order.attempts.get().charges.get()
    shop.sandbox.dashboard_refund(charge.pk)  # nobody has told us of it yet

    request = refund(shop, order, bo)

    assert request.status == Status.FAILED
    assert "refunded" in request.trouble
    assert buckets(order) == {"available": 5}
    hear_all(shop)
    assert sorted(Mismatch.objects.open().values_list("code", flat=True)) == ["M07", "M08"]
    assert not breaches()


def test_the_webhook_may_come_before_the_answer(shop, bo, monkeypatch):
    from payments import stripe_gateway as gateway

    order = sold(shop)
    real = gateway.create_refund

    def slow(**values):
        row = real(**values)
        hear_all(shop)  # the webhook and the sweep are faster than the answer
        return row

    monkeypatch.setattr(gateway, "create_refund", slow)
    request = refund(shop, order, bo)

    assert request.status == Status.SUCCEEDED
    assert buckets(order) == {"refunded": 5}
    assert not Mismatch.objects.open().exists()
    assert not breaches()


def test_a_second_refund_that_names_the_same_request_is_put_before_people(shop, bo):
    from payments import stripe_gateway as gateway

    order = sold(shop)
    request = refund(shop, order, bo, units=2)
    gateway.create_refund(
        charge_id=request.attempt.charges.get().pk,
        amount_minor=request.amount_minor,
        metadata={"refund_request_id": str(request.public_id)},
        idempotency_key="a-restored-database",
    )
    hear_all(shop)

    assert Mismatch.objects.open().get().code == "M07"
    assert buckets(order) == {"available": 3, "refunded": 2}


# refusals ----------------------------------------------------------------------------------
def test_sessions_that_are_booked_are_handled_first(shop, bo):
    order = sold(shop)
    ids = use_units(shop, lot_of(order), 2, done=False)

    with pytest.raises(OpenBookings) as refusal:
        refund(shop, order, bo)
    assert set(refusal.value.booking_ids) == set(ids)
    assert not RefundRequest.objects.exists()

    assert refund(shop, order, bo, units=3).amount_minor == 15600


def test_more_than_is_left_is_refused_with_what_is_left(shop, bo):
    order = sold(shop)
    refund(shop, order, bo, units=4)

    with pytest.raises(TooMuch, match=r"£52[.]00 is left"):
        refund(shop, order, bo, units=1, amount=5201)
    refund(shop, order, bo, units=1)
    with pytest.raises(NothingToRefund):
        refund(shop, order, bo)


def test_stale_and_foreign_sums_are_refused(shop, bo):
    order, other = sold(shop), sold(shop)
    quote = quote_refund(order=order, at=shop.at)
    act = {"by": bo, "reason": "She moves away.", "at": shop.at}

    with pytest.raises(UnreadableRefundQuote):
        request_refund(order=other, token=quote.token, **act)
    with pytest.raises(UnreadableRefundQuote):
        request_refund(order=order, token="nonsense", **act)
    with pytest.raises(StaleRefundQuote):
        request_refund(
            order=order, token=quote.token, **(act | {"at": shop.at + timedelta(hours=1)})
        )
    use_units(shop, lot_of(order), 1)
    with pytest.raises(StaleRefundQuote) as refusal:
        request_refund(order=order, token=quote.token, **act)
    assert refusal.value.quote.due_minor == 20800


def test_two_yeses_to_one_quote_are_one_refund_and_two_quotes_are_one_too(shop, bo):
    order = sold(shop)
    hers = quote_refund(order=order, at=shop.at)
    his = quote_refund(order=order, at=shop.at)
    act = {"order": order, "reason": "She moves away.", "at": shop.at}

    first = request_refund(token=hers.token, by=bo, **act)
    assert request_refund(token=hers.token, by=bo, **act) == first
    with pytest.raises(StaleRefundQuote):
        request_refund(token=his.token, by=make_bookkeeper(), **act)
    assert RefundRequest.objects.count() == 1


def test_who_may_pay_back_how_much(shop, bo):
    order = sold(shop)
    desk = make_bookkeeper(group=FRONT_DESK, name="Dee Desk")
    nobody = make_staff()

    with pytest.raises(MayNotRefund):
        refund(shop, order, nobody, units=1)
    with pytest.raises(MayNotRefund, match=r"up to £100[.]00"):
        refund(shop, order, desk, units=2)
    assert refund(shop, order, desk, units=1).amount_minor == 5200

    assert (limit_of(desk), limit_of(bo)) == (10000, None)
    RefundLimit.objects.create(role=desk.groups.get(), most_minor=30000)
    assert limit_of(desk) == 30000
    desk.groups.add(bo.groups.get())
    assert limit_of(desk) is None
    RefundLimit.objects.create(role=bo.groups.get(), most_minor=50000)
    assert limit_of(desk) == 50000


def test_more_credits_than_are_unused_need_a_second_person(shop, bo):
    order = sold(shop)
    use_units(shop, lot_of(order), 3)
    quote = quote_refund(order=order, units=3, amount_minor=15600, at=shop.at)
    act = {"order": order, "token": quote.token, "reason": "Bad session.", "at": shop.at}
    with pytest.raises(NeedsApproval):
        request_refund(by=bo, **act)

    proposal = propose_refund(by=bo, **act)
    assert proposal.code == "M09"
    assert not RefundRequest.objects.exists()
    again = quote_proposed(proposal, at=shop.at)
    with pytest.raises(MayNotRefund):
        approve_refund(proposal=proposal, token=again.token, by=bo, at=shop.at)
    desk = make_bookkeeper(group=FRONT_DESK)
    with pytest.raises(MayNotRefund):
        approve_refund(proposal=proposal, token=again.token, by=desk, at=shop.at)
    other = make_bookkeeper(name="Max Manager")
    request = approve_refund(proposal=proposal, token=again.token, by=other, at=shop.at)

    assert (request.requested_by, request.sums["approved_by"]) == (bo, "Max Manager")
    assert buckets(order) == {"used": 3, "refunded": 2}
    assert sums()["GOODWILL_COST"] == 5200
    proposal.refresh_from_db()
    assert proposal.resolved_by == other
    with pytest.raises(RefundingError):
        approve_refund(proposal=proposal, token=again.token, by=other, at=shop.at)
    hear_all(shop)
    assert not breaches()


@pytest.mark.parametrize(
    ("method", "role"),
    [("cash", "CASH_DRAWER"), ("terminal", "TERMINAL_CLEARING"), ("transfer", "BANK")],
)
def test_by_hand_the_money_has_left_at_once(shop, bo, method, role):
    order = shop.order()
    pay_at_the_desk(order, at=shop.at)
    order.refresh_from_db()
    taken = sums().get(role, 0)

    with pytest.raises(RefundingError):
        refund(shop, order, bo, units=1, method=method)
    with pytest.raises(RefundingError):
        refund(shop, order, bo, units=1)  # it did not come by card
    request = refund(shop, order, bo, units=1, method=method, reference="Slip 12")

    assert (request.status, request.sums["reference"]) == (Status.SUCCEEDED, "Slip 12")
    assert sums().get(role, 0) - taken == -request.amount_minor
    assert "REFUNDS_OWED" not in sums()
    assert not breaches()


def test_nothing_paid_is_nothing_to_refund(shop, bo):
    with pytest.raises(NothingToRefund):
        refund(shop, shop.order(), bo)


# made at Stripe ($8) -----------------------------------------------------------------------
def test_a_refund_made_at_stripe_waits_for_people_to_choose(shop, bo):
    order = sold(shop)
    charge = order.attempts.get().charges.get()
    shop.sandbox.dashboard_refund(charge.pk, 10400)
    hear_all(shop)

    row = Refund.objects.get()
    assert Mismatch.objects.open().get().code == "M07"
    assert buckets(order) == {"available": 5}
    assert sums()["UNASSIGNED"] == 10400
    assert [guess.units for guess in guesses(row)][:2] == [2, 1]
    assert quote_refund(order=order, at=shop.at).left_minor == 15600

    lot = lot_of(order)
    act = {"refund": row, "by": bo, "reason": "On the phone.", "at": shop.at}
    with pytest.raises(RefundingError):
        assign_refund(units={lot.public_id: 6}, **act)
    request = assign_refund(units={lot.public_id: 2}, **act)

    assert (request.origin, request.status) == ("external", Status.SUCCEEDED)
    assert buckets(order) == {"available": 3, "refunded": 2}
    assert "UNASSIGNED" not in sums()
    assert not Mismatch.objects.open().exists()
    assert not breaches()
    with pytest.raises(AlreadyAssigned):
        assign_refund(units={lot.public_id: 2}, **act)

    shop.sandbox.fail_refund(row.pk)
    hear_all(shop)
    assert buckets(order) == {"available": 5}
    assert {"UNASSIGNED", "REFUNDS_OWED", "GOODWILL_COST"}.isdisjoint(sums())
    assert not breaches()


def test_units_chosen_before_the_money_is_booked_come_to_the_same(shop, bo):
    order = sold(shop)
    shop.sandbox.dashboard_refund(order.attempts.get().charges.get().pk, 10400)
    shop.handle_all()
    assert "UNASSIGNED" not in sums()

    assign_refund(
        refund=Refund.objects.get(),
        units={lot_of(order).public_id: 0},
        by=bo,
        reason="For the wait.",
        at=shop.at,
    )
    hear_all(shop)

    assert sums()["GOODWILL_COST"] == 10400
    assert "UNASSIGNED" not in sums()
    assert not breaches()


def test_a_refund_at_stripe_that_fails_is_over(shop, bo):
    order = sold(shop)
    shop.sandbox.dashboard_refund(order.attempts.get().charges.get().pk, 10400)
    hear_all(shop)
    shop.sandbox.fail_refund(Refund.objects.get().pk)
    hear_all(shop)

    assert not Mismatch.objects.open().filter(code="M07").exists()
    assert "UNASSIGNED" not in sums()
    with pytest.raises(RefundingError):
        assign_refund(refund=Refund.objects.get(), units={}, by=bo, reason="", at=shop.at)
    assert not breaches()


def test_without_any_webhook_the_poll_finds_it(shop, bo):
    order = sold(shop)
    shop.sandbox.dashboard_refund(order.attempts.get().charges.get().pk, 10400)

    assert watch_refunds(at=shop.at) == 1
    assert watch_refunds(at=shop.at) == 1

    assert Mismatch.objects.open().get().code == "M07"


def test_only_a_second_payment_goes_back_as_one(shop, bo):
    order = sold(shop)
    twin = PaymentAttempt.objects.create(
        order=order,
        number=2,
        amount_minor=order.total_minor,
        currency=order.currency,
        idempotency_key="twin",
        status=PaymentAttempt.Status.FAILED,
        created_at=shop.at,
    )
    with pytest.raises(RefundingError):
        refund_surplus(attempt=twin, by=bo, reason="Paid twice.", at=shop.at)


# any order ---------------------------------------------------------------------------------
def test_every_order_of_purchase_and_refund_with_repeats_ends_in_one_state(shop, bo):
    """A purchase, two refunds in part and one of them failed: what Stripe tells, in every order."""
    attempt = shop.paid_checkout()
    fulfil(session_id=attempt.stripe_session_id, at=shop.at)
    order = attempt.order
    order.refresh_from_db()
    shop.sandbox.advance("2h")
    fulfil(session_id=attempt.stripe_session_id, at=shop.at)
    first = refund(shop, order, bo, units=2)
    refund(shop, order, bo, units=1)
    shop.sandbox.fail_refund(first.stripe_refund_id)
    kinds = ("checkout.session.completed", "refund.created", "refund.failed", "charge.refunded")
    news = [event for event in shop.events() if event["type"] in kinds][:6]
    charges = [event for event in shop.events() if event["type"] == "charge.updated"][:1]
    ends = []
    for told in itertools.islice(itertools.permutations(news + charges), 0, None, 397):
        with transaction.atomic():
            for event in (*told, *told[:3]):
                assert shop.deliver(event) == 200
                inbox.retry_due(at=shop.at)
            polling.sweep_balance_transactions(at=shop.at)
            assert not breaches()
            ends.append(final_state())
            transaction.set_rollback(True)
    assert len(ends) > 5
    assert all(end == ends[0] for end in ends)
    assert [code for code, _about in ends[0]["open"]] == ["M08"]


# what the database keeps -------------------------------------------------------------------
def test_the_database_refuses_what_would_break_the_line(shop, bo):
    order = sold(shop)
    request = refund(shop, order, bo, units=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        RefundRequest.objects.filter(pk=request.pk).update(settled_at=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        request.parts.create(lot=lot_of(order), units=1, value_minor=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditEntry.objects.create(
            lot=lot_of(order),
            kind="refund",
            units=5,
            from_bucket="available",
            to_bucket="refunded",
            effective_at=shop.at,
            posted_at=shop.at,
            source="too many",
        )
