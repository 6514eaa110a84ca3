"""Reconciliation, the invariants that prove it, and the queue of what does not fit."""

import itertools
import uuid
from datetime import date, timedelta

import pytest
import stripe

from payments import polling
from payments.crediting import expire_due, release, reserve, use
from payments.invariants import CHECKS, breaches
from payments.models import (
    BalanceTransaction,
    CreditLot,
    JournalLine,
    Mismatch,
    Order,
    Payout,
    PayoutLine,
)
from payments.reconciling import check_mismatches, payout_detail, summary
from tests.builders import NOON, make_lot, make_package, make_runner, make_variant
from tests.tampering import without_guards

WEEK = timedelta(days=7)


def hold(lot, at=NOON):
    booking = uuid.uuid4()
    reserve(
        owner=lot.owner,
        variant=lot.variants.first(),
        booking_id=booking,
        session_on=at.date(),
        by=lot.owner,
        at=at,
        lot=lot,
    )
    return booking


def finish(booking, at=NOON):
    use(booking_id=booking, by=None, at=at, effective_at=at, reason="Session done")


def read_stripe(shop):
    polling.sweep_balance_transactions(at=shop.at)
    polling.sync_payouts(at=shop.at)


def three_sales_and_a_payout(shop):
    """Two sales paid out, a third on its way; one session done, one booked."""
    first = shop.paid_checkout()
    shop.paid_checkout(shop.order(package=make_package(units=3, price_minor=10000)))
    shop.sandbox.advance("4d")
    third = shop.paid_checkout()
    shop.sandbox.advance("1h")
    read_stripe(shop)
    lot = CreditLot.objects.get(order_line__order=first.order)
    finish(hold(lot, shop.at), shop.at)
    booked = hold(lot, shop.at)
    return first, third, booked


def test_taken_less_refunded_less_fees_is_paid_out_plus_on_its_way(shop):
    three_sales_and_a_payout(shop)
    books = summary()

    fees = [(amount * 150 + 5000) // 10000 + 25 for amount in (26000, 10000, 26000)]
    assert books.taken_minor == 62000
    assert books.fees_minor == sum(fees)
    assert books.refunded_minor == books.other_minor == 0
    assert books.paid_out_minor == 36000 - fees[0] - fees[1]
    assert books.on_its_way_minor == 26000 - fees[2]
    assert books.residual_minor == 0
    assert books.owed_minor == books.owed_by_lots_minor == 62000 - 5200
    assert (books.credits.sold_minor, books.credits.earned_minor) == (62000, 5200)
    assert books.holds
    assert breaches() == []


def test_each_period_holds_and_they_follow_on_one_another(shop):
    three_sales_and_a_payout(shop)
    days = [date(2026, 3, 10), date(2026, 3, 12), date(2026, 3, 14), date(2026, 3, 20)]
    periods = [summary(start=one, end=two) for one, two in itertools.pairwise(days)]

    assert all(period.residual_minor == 0 for period in periods)
    assert all(period.credits.residual_minor == 0 for period in periods)
    for before, after in itertools.pairwise(periods):
        assert after.opening_minor == before.on_its_way_minor
        assert after.credits.opening_minor == before.credits.closing_minor
    assert sum(period.taken_minor for period in periods) == summary().taken_minor


def test_a_day_ends_at_midnight_of_the_practice(shop):
    shop.sandbox.advance("109d")  # to Saturday 27 June 2026, in summer time
    shop.sandbox.set_clock(shop.at.replace(hour=23, minute=30))
    shop.paid_checkout()
    shop.sandbox.advance("1m")
    read_stripe(shop)

    assert summary(start=date(2026, 6, 27), end=date(2026, 6, 28)).taken_minor == 0
    assert summary(start=date(2026, 6, 28), end=date(2026, 6, 29)).taken_minor == 26000


def test_a_payout_opens_into_transactions_orders_lots_and_sessions(shop):
    first, _, booked = three_sales_and_a_payout(shop)
    payout = Payout.objects.get()
    detail = payout_detail(payout.pk)

    line = next(line for line in detail.lines if line.order == first.order.number)
    lot = CreditLot.objects.get(order_line__order=first.order)
    assert detail.residual_minor == 0
    assert len(detail.lines) == 2
    assert line.lot == lot.public_id
    assert line.net_minor == line.amount_minor - line.fee_minor == 26000 - 415
    assert len(line.bookings) == 2
    assert booked in line.bookings


def test_the_books_are_read_in_a_fixed_number_of_queries(shop, django_assert_max_num_queries):
    three_sales_and_a_payout(shop)

    with django_assert_max_num_queries(12):
        summary(start=date(2026, 3, 10), end=date(2026, 3, 20))
    with django_assert_max_num_queries(7):
        payout_detail(Payout.objects.get().pk)


def test_a_payout_made_by_hand_is_counted_and_shown_to_staff(shop):
    three_sales_and_a_payout(shop)
    payout = Payout.objects.get()
    PayoutLine.objects.all().delete()
    Payout.objects.update(automatic=False, itemised_at=None)

    assert summary().residual_minor == 0
    assert summary().paid_out_minor == payout.amount_minor


# each invariant, red ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sql", "red"),
    [
        ("UPDATE payments_balancetransaction SET fee_minor = fee_minor + 1", {"I1"}),
        ("UPDATE payments_payout SET amount_minor = amount_minor + 1", {"I2"}),
        ("DELETE FROM payments_payoutline", {"I2"}),
        ("UPDATE payments_journalline SET amount_minor = 1 WHERE debit = '5000'", {"I3"}),
        ("UPDATE payments_order SET total_minor = total_minor + 1", {"I5"}),
        (
            "UPDATE payments_creditlot SET unit_values = '[1, 1, 1, 1, 1]' WHERE units = 5",
            {"I5", "I7"},
        ),
        ("UPDATE payments_creditentry SET units = 9 WHERE kind = 'use'", {"I6"}),
        ("UPDATE payments_creditentry SET units = units + 1 WHERE kind = 'purchase'", {"I6"}),
        ("UPDATE payments_creditentry SET value_minor = 1 WHERE kind = 'use'", {"I7", "I8"}),
        ("DELETE FROM payments_journalline WHERE credit = '4000'", {"I8"}),
        (
            "UPDATE payments_journalline SET debit = '2100' WHERE credit = '4000'",
            {"I8"},
        ),
    ],
)
def test_a_corrupted_row_turns_its_invariant_red(shop, sql, red):
    three_sales_and_a_payout(shop)
    assert breaches() == []

    with without_guards() as cursor:
        cursor.execute(sql)

    assert {breach.invariant for breach in breaches()} >= red
    assert {name for name, check in CHECKS.items() if check()} >= red


def test_a_missing_row_of_stripe_shows_in_the_residual(shop):
    three_sales_and_a_payout(shop)
    line = PayoutLine.objects.first()
    line.delete()

    assert summary().residual_minor == -line.balance_transaction.net_minor
    assert not summary().holds


# mismatches ---------------------------------------------------------------------------------
def codes():
    return sorted(Mismatch.objects.open().values_list("code", flat=True))


def settled_sales(shop):
    """The same, and no credit waits for a session that only this test has made up (M17)."""
    *_sold, booked = three_sales_and_a_payout(shop)
    release(booking_id=booked, by=None, at=shop.at, reason="Not coming")


def test_sound_books_have_an_empty_queue(shop):
    settled_sales(shop)

    assert check_mismatches(at=shop.at) == 0
    assert codes() == []


def test_a_payout_that_does_not_add_up_is_opened_once_and_closed_by_itself(shop):
    settled_sales(shop)
    payout = Payout.objects.get()
    lost = PayoutLine.objects.first()
    PayoutLine.objects.filter(pk=lost.pk).delete()
    check_mismatches(at=shop.at)
    check_mismatches(at=shop.at)
    [mismatch] = Mismatch.objects.open()
    assert (mismatch.code, mismatch.about) == ("M11", payout.pk)
    assert mismatch.amount_minor == lost.balance_transaction.net_minor

    PayoutLine.objects.create(payout=payout, balance_transaction=lost.balance_transaction)
    check_mismatches(at=shop.at)

    mismatch.refresh_from_db()
    assert mismatch.status == Mismatch.Status.RESOLVED


def test_what_waits_too_long_is_shown(shop):
    shop.paid_checkout()
    shop.sandbox.advance("1h")
    polling.sweep_balance_transactions(at=shop.at)

    check_mismatches(at=shop.at + 3 * WEEK)

    assert codes() == ["M15"]
    assert Mismatch.objects.get().about == BalanceTransaction.objects.get().pk


def test_an_expired_lot_nobody_ended_is_shown_until_the_job_runs(db):
    lot = make_lot(make_runner(), validity_days=10)
    later = NOON + timedelta(days=13)
    check_mismatches(at=later)
    assert [(one.code, one.about) for one in Mismatch.objects.open()] == [
        ("M20", str(lot.public_id))
    ]

    expire_due(at=later)
    check_mismatches(at=later)
    assert codes() == []


def test_a_paid_order_without_charge_is_shown(shop):
    attempt = shop.paid_checkout()
    shop.handle_all()
    attempt.charges.all().delete()

    check_mismatches(at=shop.at + timedelta(hours=3))

    assert codes() == ["M02"]
    assert Mismatch.objects.get().order == attempt.order


def test_money_of_the_desk_never_touches_stripe(db):
    make_lot(variants=[make_variant()])
    books = summary()

    assert books.taken_minor == 0
    assert books.owed_minor == 26000
    assert JournalLine.objects.get().debit == "1010"
    assert Order.objects.get().is_paid
    assert breaches() == []


@pytest.mark.parametrize("how", ["fails", "fails_late", "by hand", "by hand, and it fails"])
def test_money_that_comes_back_leaves_with_a_later_payout_and_all_adds_up(shop, how):
    if how.startswith("by hand"):
        shop.sandbox.settings(payout_schedule="manual")
        shop.paid_checkout()
        shop.sandbox.advance("5d")
        made = stripe_client(shop).v1.payouts.create({"amount": 10000, "currency": "gbp"})
        if how.endswith("fails"):
            shop.sandbox.fail_payout(made.id)
        shop.sandbox.settings(payout_schedule="daily")
    else:
        shop.sandbox.next_payout(how)
        shop.paid_checkout()
    shop.sandbox.advance("4d")
    shop.paid_checkout()
    for _ in range(8):  # each day is a truth of its own
        shop.sandbox.advance("1d")
        shop.handle_all()
        read_stripe(shop)
        polling.sync_payouts(at=shop.at)
        assert (breaches(), summary().residual_minor) == ([], 0)

    assert summary().on_its_way_minor == 0
    assert summary().paid_out_minor == 2 * (26000 - 415)
    check_mismatches(at=shop.at)
    assert not Mismatch.objects.open().filter(code="M11").exists()


def stripe_client(shop) -> stripe.StripeClient:
    return stripe.StripeClient(shop.sandbox.key, base_addresses={"api": shop.sandbox.url})
