"""A bank asks for the money back, over the local Stripe server: every end, any order of news."""

import random
from datetime import date, timedelta

import pytest

from cms.models import PolicyText
from payments import inbox, polling
from payments.crediting import NoCredit, release
from payments.disputing.answering import (
    DisputeDecided,
    MayNotAnswer,
    accept_dispute,
    submit_evidence,
)
from payments.disputing.evidence import pack_for
from payments.disputing.following import follow
from payments.disputing.watching import watch_disputes
from payments.invariants import breaches
from payments.models import CreditLot, Dispute, Mismatch, StripeEvent
from payments.refunding.errors import OrderDisputed
from payments.signals import dispute_closed, dispute_opened
from tests.builders import make_staff
from tests.payments.refunds import buckets, make_bookkeeper, refund, sold, sums, use_units
from tests.payments.test_webhooks import final_state


@pytest.fixture
def bo(db):
    return make_bookkeeper(name="Bo Books")


def hear_all(shop) -> None:
    shop.handle_all()
    polling.sweep_balance_transactions(at=shop.at)


def lot_of(order) -> CreditLot:
    return CreditLot.objects.get(order_line__order=order)


def disputed(shop, order, **how) -> Dispute:
    charge = order.attempts.get().charges.get()
    found = shop.sandbox.dispute(charge.pk, **how)
    hear_all(shop)
    return Dispute.objects.get(pk=found["id"])


def test_opened_freezes_what_is_unused_and_keeps_what_is_booked(shop, bo):
    heard = []
    listen = lambda **news: heard.append(news["booking_ids"])  # noqa: E731
    dispute_opened.connect(listen)
    order = sold(shop)
    lot = lot_of(order)
    use_units(shop, lot, 1)
    [booked] = use_units(shop, lot, 1, done=False)

    dispute = disputed(shop, order)

    lot.refresh_from_db()
    assert (lot.status, lot.frozen_for) == ("frozen", "dispute")
    assert buckets(order) == {"available": 3, "reserved": 1, "used": 1}
    assert heard == [(booked,)]
    books = sums()
    assert books["DISPUTES_RECEIVABLE"] == 26000
    assert books["DISPUTE_FEES"] > 0
    assert dispute.evidence_due_at is not None
    assert dispute.balance_transaction_ids
    assert not breaches()
    with pytest.raises(NoCredit):
        use_units(shop, lot, 1)
    with pytest.raises(OrderDisputed):
        refund(shop, order, bo, units=1)
    assert not Mismatch.objects.open().exists()


def test_won_gives_everything_back(shop, bo):
    order = sold(shop)
    dispute = disputed(shop, order)
    shop.sandbox.settle_dispute(dispute.pk, "won")
    hear_all(shop)

    lot = lot_of(order)
    assert (lot.status, lot.frozen_for, lot.frozen_on) == ("active", "", None)
    assert "DISPUTES_RECEIVABLE" not in sums()
    assert sums()["DEFERRED"] == -26000
    assert refund(shop, order, bo, units=1).status == "succeeded"
    hear_all(shop)
    assert not breaches()


def test_lost_takes_the_unused_and_is_a_bad_debt_for_the_used(shop):
    closed = []
    listen = lambda **news: closed.append(news["dispute"].pk)  # noqa: E731
    dispute_closed.connect(listen)
    order = sold(shop)
    use_units(shop, lot_of(order), 2)
    dispute = disputed(shop, order)
    shop.sandbox.settle_dispute(dispute.pk, "lost")
    hear_all(shop)

    assert buckets(order) == {"used": 2, "refunded": 3}
    books = sums()
    assert books["BAD_DEBT"] == 10400
    assert {"DEFERRED", "DISPUTES_RECEIVABLE"}.isdisjoint(books)
    assert closed == [dispute.pk]
    assert not breaches()


def test_a_booked_session_given_up_after_the_loss_is_owed_no_more(shop):
    order = sold(shop)
    [booked] = use_units(shop, lot_of(order), 1, done=False)
    dispute = disputed(shop, order)
    shop.sandbox.settle_dispute(dispute.pk, "lost")
    hear_all(shop)
    assert buckets(order) == {"reserved": 1, "refunded": 4}
    assert (sums()["BAD_DEBT"], sums()["DEFERRED"]) == (5200, -5200)
    assert Mismatch.objects.open().get().details["sessions"] == 1

    release(booking_id=booked, by=None, at=shop.at, reason="Called off")
    watch_disputes(at=shop.at)
    watch_disputes(at=shop.at)

    assert buckets(order) == {"refunded": 5}
    assert {"BAD_DEBT", "DEFERRED"}.isdisjoint(sums())
    assert not breaches()


def test_a_part_that_is_lost_takes_as_many_as_it_had_paid_for(shop):
    order = sold(shop)
    dispute = disputed(shop, order, amount=12000)
    shop.sandbox.settle_dispute(dispute.pk, "lost")
    hear_all(shop)
    watch_disputes(at=shop.at)

    assert buckets(order) == {"available": 3, "refunded": 2}
    assert lot_of(order).status == "active"
    assert (sums()["BAD_DEBT"], sums()["DEFERRED"]) == (1600, -15600)
    assert not breaches()


def test_tax_goes_back_with_the_units(shop):
    order = sold(shop, tax_rate_bp=2000)
    dispute = disputed(shop, order)
    shop.sandbox.settle_dispute(dispute.pk, "lost")
    hear_all(shop)

    assert {"DEFERRED", "TAX_PAYABLE", "BAD_DEBT", "DISPUTES_RECEIVABLE"}.isdisjoint(sums())
    assert not breaches()


def test_a_question_freezes_nothing_until_it_becomes_a_dispute(shop, bo):
    order = sold(shop)
    dispute = disputed(shop, order, inquiry=True)
    assert dispute.status == "warning_needs_response"
    assert lot_of(order).status == "active"
    assert "DISPUTES_RECEIVABLE" not in sums()

    shop.sandbox.settle_dispute(dispute.pk, "escalated")
    hear_all(shop)

    assert lot_of(order).frozen_for == "dispute"
    assert sums()["DISPUTES_RECEIVABLE"] == 26000
    assert not breaches()


def test_a_question_ends_with_a_refund_of_everything(shop, bo):
    order = sold(shop)
    dispute = disputed(shop, order, inquiry=True)

    refund(shop, order, bo)
    hear_all(shop)

    dispute.refresh_from_db()
    assert dispute.status == "warning_closed"
    assert buckets(order) == {"refunded": 5}
    assert not breaches()


def test_a_pause_is_a_pause_again_when_the_dispute_is_won(shop):
    order = sold(shop)
    since = shop.at.date() - timedelta(days=3)
    CreditLot.objects.filter(order_line__order=order).update(
        status="frozen", frozen_for="pause", frozen_on=since
    )
    dispute = disputed(shop, order)
    assert lot_of(order).frozen_for == "dispute"
    shop.sandbox.settle_dispute(dispute.pk, "won")
    hear_all(shop)

    lot = lot_of(order)
    assert (lot.status, lot.frozen_for, lot.frozen_on) == ("frozen", "pause", since)


# answering ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "ended"), [("winning_evidence", "won"), ("losing_evidence", "lost")]
)
def test_evidence_is_sent_once_and_decides(shop, bo, words, ended):
    order = sold(shop)
    dispute = disputed(shop, order)
    with pytest.raises(MayNotAnswer):
        submit_evidence(dispute=dispute, evidence={}, by=make_staff(), at=shop.at)

    act = {"dispute": dispute, "evidence": {"uncategorized_text": words}, "by": bo, "at": shop.at}
    sent = submit_evidence(**act)
    assert (sent.evidence_sent_by, sent.evidence_sent_at) == (bo, shop.at)
    assert submit_evidence(**act).evidence_sent_at == shop.at

    shop.sandbox.advance("100d")
    hear_all(shop)
    dispute.refresh_from_db()
    assert dispute.status == ended
    assert "DISPUTES_RECEIVABLE" not in sums()
    assert not breaches()


def test_evidence_that_got_no_answer_is_sent_again_as_the_same(shop, bo):
    from payments.stripe_gateway import GatewayDown

    dispute = disputed(shop, sold(shop))
    act = {"dispute": dispute, "evidence": {"uncategorized_text": "x"}, "by": bo, "at": shop.at}
    shop.sandbox.fault(kind="500_after", path="/v1/disputes", method="POST")
    with pytest.raises(GatewayDown):
        submit_evidence(**act)

    # The bank has it: the second try learns of it, and nobody thinks that it was not sent.
    try:
        submit_evidence(**act)
    except (GatewayDown, DisputeDecided):
        watch_disputes(at=shop.at)
    dispute.refresh_from_db()
    assert dispute.status == "under_review"


def test_giving_in_is_losing(shop, bo):
    order = sold(shop)
    dispute = disputed(shop, order)

    done = accept_dispute(dispute=dispute, by=bo, at=shop.at)
    assert done.status == "lost"
    assert accept_dispute(dispute=dispute, by=bo, at=shop.at).status == "lost"

    hear_all(shop)
    assert buckets(order) == {"refunded": 5}
    assert {"DISPUTES_RECEIVABLE", "DEFERRED"}.isdisjoint(sums())
    assert not breaches()
    with pytest.raises(DisputeDecided):
        submit_evidence(dispute=dispute, evidence={"receipt": "x"}, by=bo, at=shop.at)


# what a person must see --------------------------------------------------------------------
def test_evidence_due_in_three_days_is_put_before_people_until_it_is_sent(shop, bo):
    dispute = disputed(shop, sold(shop))
    assert not Mismatch.objects.open().exists()

    days = (dispute.evidence_due_at - shop.at).days
    shop.sandbox.advance(f"{days - 1}d")
    watch_disputes(at=shop.at)
    watch_disputes(at=shop.at)
    assert Mismatch.objects.open().get().details["what"] == "Evidence is due"

    submit_evidence(dispute=dispute, evidence={"uncategorized_text": "x"}, by=bo, at=shop.at)
    assert not Mismatch.objects.open().exists()


def test_credits_that_are_not_frozen_are_put_before_people(shop):
    order = sold(shop)
    dispute = disputed(shop, order)
    CreditLot.objects.filter(order_line__order=order).update(
        status="active", frozen_for="", frozen_on=None
    )
    from payments.disputing.reporting import report_dispute

    report_dispute(dispute, at=shop.at)
    assert Mismatch.objects.open().get().details["what"] == "Its credits are not frozen"
    follow(dispute, at=shop.at)
    report_dispute(dispute, at=shop.at)
    assert not Mismatch.objects.open().exists()


def test_a_fraud_warning_is_put_before_people(shop):
    order = sold(shop, card="4000000000005423")
    hear_all(shop)

    mismatch = Mismatch.objects.open().get()
    assert (mismatch.code, mismatch.order) == ("M10", order)
    assert "suspects fraud" in mismatch.details["what"]


def test_without_any_webhook_the_watch_finds_it(shop):
    order = sold(shop)
    shop.sandbox.dispute(order.attempts.get().charges.get().pk)

    watch_disputes(at=shop.at)

    assert lot_of(order).frozen_for == "dispute"
    assert sums()["DISPUTES_RECEIVABLE"] == 26000
    assert not breaches()


# any order ---------------------------------------------------------------------------------
@pytest.mark.parametrize("ending", ["won", "lost"])
def test_any_order_of_the_news_with_repeats_ends_the_same(shop, ending):
    """Purchase, use, dispute, decision: twenty orders, each event twice, and the sweep anywhere."""
    order = sold(shop)
    use_units(shop, lot_of(order), 2)
    charge = order.attempts.get().charges.get()
    opened = shop.sandbox.dispute(charge.pk)
    shop.sandbox.settle_dispute(opened["id"], ending)
    news = [event for event in shop.events() if event["type"].startswith("charge.dispute")]
    ends = []
    for seed in range(6):
        from django.db import transaction

        shuffled = news * 2
        random.Random(seed).shuffle(shuffled)
        with transaction.atomic():
            for event in shuffled:
                shop.deliver(event)
                inbox.retry_due(at=shop.at)
            polling.sweep_balance_transactions(at=shop.at)
            assert not breaches()
            assert not StripeEvent.objects.exclude(error="").exists()
            ends.append(final_state())
            transaction.set_rollback(True)
    assert all(end == ends[0] for end in ends)


def test_the_pack_names_the_version_of_the_words_agreed_to(shop, bo, settings):
    PolicyText.objects.create(
        code="cancellation",
        number=3,
        language=settings.LANGUAGE_CODE,
        title="Cancellation",
        rules_code="terms",
        rules_version=1,
        rules={},
        effective_on=date(2020, 1, 1),
        published_at=shop.at,
    )
    order = sold(shop)

    pack = pack_for(disputed(shop, order), at=shop.at)

    assert pack.terms_name == "terms v1, cancellation/3"
    assert pack.terms.endswith(f"{settings.SITE_URL}/policies/cancellation/3/")
