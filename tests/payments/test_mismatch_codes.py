"""Every code of the list: made, found, guessed at, settled by its button, and back if it fails."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import MANAGERS
from payments import polling
from payments.banking import unmatch
from payments.chart import Role
from payments.checking import check_mismatches, recheck
from payments.invariants import breaches
from payments.mismatching import RULES, open_mismatch
from payments.models import (
    BankImport,
    BankLine,
    Charge,
    CreditLot,
    JournalEntry,
    Mismatch,
    Order,
    OrderLine,
    PaymentAttempt,
    Payout,
    PayoutLine,
    Refund,
    StripeEvent,
)
from payments.period_end import close_period
from payments.posting import Move, post
from payments.resolving import (
    ResolutionError,
    accept_suggestion,
    comment_on_mismatch,
    own_mismatch,
    resolve_mismatch,
    suggestions,
)
from payments.resolving.suggestions import SUGGESTERS
from payments.selling import fulfil
from tests.builders import (
    NOON,
    make_lot,
    make_order,
    make_package,
    make_runner,
    make_staff,
)
from tests.tampering import without_guards

DAY = timedelta(days=1)


@pytest.fixture
def by(db):
    manager = make_staff(name="Max Manager")
    manager.groups.add(Group.objects.get(name=MANAGERS))
    return manager


def only(code):
    return Mismatch.objects.open().get(code=code)


def found(code, at=NOON):
    recheck(code, at=at)
    return only(code)


def best(mismatch):
    return suggestions([mismatch])[mismatch.pk][0]


def press(mismatch, by, at=NOON, key=""):
    """The button; what came of it."""
    return accept_suggestion(mismatch=mismatch, by=by, at=at, key=key)


def settled(mismatch, by, at=NOON, key=""):
    accepted = press(mismatch, by, at, key)
    assert accepted.is_settled, accepted
    mismatch.refresh_from_db()
    assert mismatch.resolved_by == by
    assert mismatch.resolution
    assert recheck(mismatch.code, at=at) == 0 or RULES[mismatch.code].once
    assert not Mismatch.objects.open().filter(code=mismatch.code, about=mismatch.about).exists()
    return mismatch


def charge_of_nobody(order, **values):
    return Charge.objects.create(
        pk=f"ch_{uuid.uuid4().hex}",
        payment_intent_id="pi_unknown",
        amount_minor=order.total_minor,
        currency=order.currency,
        status="succeeded",
        livemode=False,
        created_at=NOON,
        **values,
    )


def test_every_code_has_words_a_rule_and_a_guess():
    from payments.checking.rules import FINDERS

    codes = {f"M{number:02}" for number in range(1, 25)}
    assert set(RULES) == set(FINDERS) == set(SUGGESTERS) == codes


# M01 -----------------------------------------------------------------------------------------
def test_m01_a_payment_of_nobody_is_taken_for_the_order_it_fits(by):
    order = make_order(at=NOON - timedelta(hours=1))
    make_order(package=make_package(price_minor=999), at=NOON)
    charge = charge_of_nobody(order)
    mismatch = found("M01")
    assert best(mismatch).label == f"Match with {order.number}"

    settled(mismatch, by)

    order.refresh_from_db()
    assert order.is_paid
    assert CreditLot.objects.get().owner == order.buyer
    # Broken again: the charge loses its order.
    charge.refresh_from_db()
    Charge.objects.update(attempt=None)
    assert found("M01").pk != mismatch.pk


def test_m01_without_an_order_one_is_made_for_the_person_the_payment_names(by):
    buyer, package = make_runner(), make_package(price_minor=4200)
    charge = Charge.objects.create(
        pk="ch_1",
        payment_intent_id="pi_1",
        amount_minor=4200,
        currency="GBP",
        status="succeeded",
        livemode=False,
        created_at=NOON,
    )
    mismatch = open_mismatch(
        "M01", about="pi_1", at=NOON, amount_minor=4200, details={"buyer": str(buyer.public_id)}
    )
    assert package.name in best(mismatch).label

    settled(mismatch, by)

    charge.refresh_from_db()
    assert charge.attempt.order.buyer == buyer
    assert breaches() == []


def test_m01_the_books_hold_when_money_that_waited_finds_its_order(shop, by):
    attempt = shop.paid_checkout()
    shop.sandbox.advance("1h")
    # As if the order had been made by another system: nothing here knows the payment.
    PaymentAttempt.objects.filter(pk=attempt.pk).update(
        status="failed", stripe_session_id=None, public_id=uuid.uuid4()
    )
    polling.sweep_balance_transactions(at=shop.at)
    mismatch = found("M01", shop.at)
    assert {breach.invariant for breach in breaches()} == {"I4"}

    settled(mismatch, by, shop.at)

    assert breaches() == []
    assert Order.objects.get().is_paid


# M02, M04, M05, M06 --------------------------------------------------------------------------
def test_m02_a_charge_whose_news_was_lost_is_looked_up(shop, by):
    attempt = shop.paid_checkout()
    fulfil(session_id=attempt.stripe_session_id, at=shop.at)
    Charge.objects.all().delete()
    at = shop.at + timedelta(hours=3)
    mismatch = found("M02", at)

    settled(mismatch, by, at)

    Charge.objects.all().delete()
    assert found("M02", at).pk != mismatch.pk


def test_m02_without_a_charge_at_stripe_the_unused_credits_are_held(by):
    order = make_order()
    attempt = PaymentAttempt.objects.create(
        order=order, number=1, amount_minor=order.total_minor, idempotency_key="k", created_at=NOON
    )
    from payments.selling import settle

    [lot] = settle(order=order, attempt=attempt, at=NOON)
    at = NOON + DAY

    accepted = press(found("M02", at), by, at)

    lot.refresh_from_db()
    assert not accepted.is_settled
    assert (lot.status, lot.frozen_for) == ("frozen", "review")


def test_m04_missing_credits_are_granted_once(by):
    lot = make_lot()
    order = lot.order_line.order
    with without_guards() as cursor:
        cursor.execute("DELETE FROM payments_journalline")
        cursor.execute("DELETE FROM payments_journalentry")
        cursor.execute("DELETE FROM payments_creditentry")
        cursor.execute("DELETE FROM payments_creditlot_variants")
        cursor.execute("DELETE FROM payments_creditlot")
    mismatch = found("M04")

    settled(mismatch, by)

    assert CreditLot.objects.get().units == order.lines.get().units
    assert breaches() == []


def test_m05_the_later_payment_goes_back(shop, by):
    attempt = shop.paid_checkout()
    fulfil(session_id=attempt.stripe_session_id, at=shop.at)
    order = attempt.order
    second = PaymentAttempt.objects.create(
        order=order,
        number=2,
        amount_minor=order.total_minor,
        idempotency_key="second",
        stripe_payment_intent_id="pi_second",
        created_at=shop.at,
    )
    from payments.selling import settle

    order.refresh_from_db()
    settle(order=order, attempt=second, at=shop.at)
    mismatch = found("M05", shop.at)

    # Its charge is not known here yet, so nothing can go back: said, and nothing done.
    with pytest.raises(Exception, match="Stripe has not told us"):
        press(mismatch, by, shop.at)
    mismatch.refresh_from_db()
    assert mismatch.status == "open"
    charge_of_nobody(order, attempt=second, amount_refunded_minor=order.total_minor)
    assert recheck("M05", at=shop.at) == 0


def test_m05_of_two_tabs_that_both_paid_the_later_money_goes_back(shop, by):
    order = shop.order()
    first = shop.checkout(order)
    # Taken for given up, so a second session was opened; the first was still in the other tab.
    PaymentAttempt.objects.filter(pk=first.pk).update(status=PaymentAttempt.Status.EXPIRED)
    second = shop.checkout(order)
    for attempt in (first, second):
        assert shop.sandbox.pay(attempt.stripe_session_id)["outcome"] == "paid"
        fulfil(session_id=attempt.stripe_session_id, at=shop.at)
    mismatch = found("M05", shop.at)

    press(mismatch, by, shop.at)
    shop.sandbox.advance("1h")
    shop.handle_all()
    recheck("M05", at=shop.at)

    mismatch.refresh_from_db()
    assert mismatch.status == "resolved"
    assert Refund.objects.get().charge.attempt == second
    assert CreditLot.objects.get().order_line.order == order
    assert breaches() == []


def test_m06_a_late_payment_is_kept_and_not_asked_about_again(by):
    order = make_order()
    mismatch = open_mismatch("M06", about=order.number, at=NOON, order=order)
    recheck("M06", at=NOON)

    settled(mismatch, by)

    assert open_mismatch("M06", about=order.number, at=NOON, order=order).pk == mismatch.pk
    assert not Mismatch.objects.open().exists()


# M03 -----------------------------------------------------------------------------------------
def test_m03_credits_of_a_payment_that_differs_are_held(by):
    lot = make_lot()
    attempt = PaymentAttempt.objects.get()
    Charge.objects.create(
        pk="ch_1",
        attempt=attempt,
        amount_minor=attempt.amount_minor - 100,
        currency="GBP",
        status="succeeded",
        livemode=False,
        created_at=NOON,
    )
    mismatch = found("M03")

    accepted = press(mismatch, by)

    lot.refresh_from_db()
    assert lot.frozen_for == "review"
    assert not accepted.is_settled
    Charge.objects.update(amount_minor=attempt.amount_minor)
    assert recheck("M03", at=NOON) == 0
    mismatch.refresh_from_db()
    assert mismatch.status == "resolved"


# M07 to M10 ----------------------------------------------------------------------------------
@pytest.fixture
def refunded(db):
    lot = make_lot()
    attempt = PaymentAttempt.objects.get()
    charge = charge_of_nobody(lot.order_line.order, attempt=attempt)
    return Refund.objects.create(
        pk="re_1",
        charge=charge,
        amount_minor=5200,
        currency="GBP",
        status="succeeded",
        livemode=False,
        created_at=NOON,
    )


def test_m07_leads_to_the_choice_of_credits(refunded, by):
    mismatch = found("M07")

    assert best(mismatch).leads_to.kind == "refund"
    with pytest.raises(ResolutionError):
        press(mismatch, by)
    refunded.status = "failed"
    refunded.save()
    assert recheck("M07", at=NOON) == 0


def test_m08_a_late_refund_closes_when_it_arrives_and_opens_when_it_fails(refunded, by):
    Refund.objects.update(status="pending")
    assert recheck("M08", at=NOON + DAY) == 0
    late = NOON + 6 * DAY
    mismatch = found("M08", late)
    assert best(mismatch).key == "look"
    Refund.objects.update(status="succeeded")
    assert recheck("M08", at=late) == 0

    Refund.objects.update(status="failed")
    failed = found("M08", late)
    assert failed.pk != mismatch.pk
    assert best(failed).key == "order"
    resolve_mismatch(mismatch=failed, resolution="Paid by transfer.", by=by, at=late)
    assert recheck("M08", at=late) == 0


# M11 to M13, M15 -----------------------------------------------------------------------------
@pytest.fixture
def paid_out(shop):
    shop.paid_checkout()
    shop.sandbox.advance("10d")
    shop.handle_all()
    polling.sweep_balance_transactions(at=shop.at)
    polling.sync_payouts(at=shop.at)
    return Payout.objects.get()


def test_m11_a_payout_is_read_again(shop, paid_out, by):
    PayoutLine.objects.all().delete()
    mismatch = found("M11", shop.at)
    assert mismatch.amount_minor == paid_out.amount_minor

    settled(mismatch, by, shop.at)

    PayoutLine.objects.all().delete()
    assert found("M11", shop.at).pk != mismatch.pk


def test_m12_a_payout_is_matched_with_the_line_of_the_bank(paid_out, by):
    at = NOON + 40 * DAY
    assert recheck("M12", at=at) == 0  # nobody imports statements, so nobody compares
    imported = BankImport.objects.create(
        format="csv", file_name="march.csv", sha256="0" * 64, imported_at=at, imported_by=by
    )

    def line(amount_minor, number):
        return BankLine.objects.create(
            imported=imported,
            booked_on=paid_out.arrival_on,
            amount_minor=amount_minor,
            text="STRIPE",
            fingerprint=str(number),
        )

    line(-500, 1)
    mismatch = found("M12", at)
    assert best(mismatch).leads_to.kind == "bank"
    wanted = line(paid_out.amount_minor, 2)
    assert best(mismatch).label.startswith("Match with the line")

    settled(mismatch, by, at)

    wanted.refresh_from_db()
    assert (wanted.payout, wanted.matched_by) == (paid_out, by)
    assert (balance(Role.BANK_IN_TRANSIT), balance(Role.BANK)) == (0, paid_out.amount_minor)
    unmatch(line=wanted, by=by, at=at)
    again = found("M12", at)
    assert again.pk != mismatch.pk
    settled(again, by, at, key="arrived")


def test_m13_a_payout_by_hand_is_told_once(paid_out, by):
    PayoutLine.objects.all().delete()
    Payout.objects.update(automatic=False, itemised_at=None)

    mismatch = settled(found("M13"), by)

    check_mismatches(at=NOON)
    assert list(Mismatch.objects.filter(code="M13")) == [mismatch]


def test_m15_money_that_waits_is_looked_for_and_closes_when_paid_out(shop, by):
    shop.paid_checkout()
    shop.sandbox.advance("1h")
    shop.handle_all()
    polling.sweep_balance_transactions(at=shop.at)
    shop.sandbox.advance("20d")
    late = shop.at
    mismatch = found("M15", late)

    settled(mismatch, by, late)

    PayoutLine.objects.all().delete()
    assert found("M15", late).pk != mismatch.pk


# M14, M21, M22 -------------------------------------------------------------------------------
def odd_row(pk="txn_odd", category="risk_reserved_funds"):
    from payments.mirroring import keep_balance_transaction
    from payments.stripe_objects import BalanceRow

    return keep_balance_transaction(
        BalanceRow(
            id=pk,
            amount_minor=-1500,
            fee_minor=0,
            net_minor=-1500,
            currency="GBP",
            reporting_category=category,
            type="adjustment",
            source_id="",
            description="",
            created_at=NOON,
            available_at=NOON,
            fee_details=[],
        ),
        at=NOON,
    )


def balance(role):
    from payments.balances import balance_of

    return balance_of(role)


def test_m14_an_unknown_kind_is_classified_once_and_remembered(by):
    odd_row()
    assert balance(Role.UNCLASSIFIED) == 1500
    mismatch = found("M14")
    assert best(mismatch).label == "It is: Held back by Stripe"

    settled(mismatch, by)

    assert (balance(Role.UNCLASSIFIED), balance(Role.STRIPE_RESERVES)) == (0, 1500)
    odd_row("txn_again")
    assert (balance(Role.UNCLASSIFIED), balance(Role.STRIPE_RESERVES)) == (0, 3000)
    assert recheck("M14", at=NOON) == 0
    assert breaches() == []


def test_m21_a_test_payment_is_left_out_of_a_live_order(by):
    lot = make_lot()
    PaymentAttempt.objects.update(livemode=True)
    charge = charge_of_nobody(lot.order_line.order, attempt=PaymentAttempt.objects.get())
    mismatch = found("M21")

    settled(mismatch, by)

    charge.refresh_from_db()
    assert charge.attempt is None
    Charge.objects.update(attempt=PaymentAttempt.objects.get())
    assert found("M21").pk != mismatch.pk


def test_m22_what_stripe_could_not_tell_is_asked_for(shop, by):
    shop.paid_checkout()
    shop.sandbox.advance("1h")
    polling.poll_events(at=shop.at)
    mismatch = found("M22", shop.at)
    assert mismatch.details["events"] > 0

    settled(mismatch, by, shop.at)

    shop.paid_checkout()
    shop.sandbox.advance("1h")
    polling.poll_events(at=shop.at)
    assert found("M22", shop.at).pk != mismatch.pk
    StripeEvent.objects.update(signature_verified=True)
    assert recheck("M22", at=shop.at) == 0


# M16, M20 ------------------------------------------------------------------------------------
def test_m16_a_broken_lot_is_held_and_its_entries_are_shown(by):
    lot = make_lot(units=3, price_minor=9000)
    with without_guards() as cursor:
        cursor.execute("UPDATE payments_creditentry SET value_minor = value_minor + 1")
    mismatch = found("M16")
    assert mismatch.about == str(lot.public_id)

    accepted = press(mismatch, by)

    lot.refresh_from_db()
    assert (lot.frozen_for, accepted.is_settled) == ("review", False)
    assert best(mismatch).leads_to.kind == "lot"
    with without_guards() as cursor:
        cursor.execute(
            "UPDATE payments_creditentry SET value_minor = value_minor - 1 WHERE kind = 'purchase'"
        )
    assert recheck("M16", at=NOON) == 0
    with without_guards() as cursor:
        cursor.execute("UPDATE payments_creditlot SET units = 4")
    assert found("M16").pk != mismatch.pk


def test_m20_credits_that_should_have_ended_are_ended(by):
    make_lot(validity_days=5)
    at = NOON + 8 * DAY
    mismatch = found("M20", at)

    settled(mismatch, by, at)

    make_lot(validity_days=5)
    assert found("M20", at).pk != mismatch.pk


# M23, M24 ------------------------------------------------------------------------------------
def test_m23_what_was_learnt_after_closing_is_told_once(by):
    make_lot()
    at = NOON + 40 * DAY
    close_period(ends_on=(NOON + 20 * DAY).date(), by=by, at=at)
    entry = post(
        source="late",
        kind="fee",
        description="A fee nobody had told of",
        moves=[Move(Role.FEES, Role.BANK, 100)],
        currency="GBP",
        effective_at=NOON,
        at=at,
    )
    assert (entry.occurred_at, entry.effective_at) == (NOON, at)
    mismatch = found("M23", at)
    assert mismatch.amount_minor == 100

    settled(mismatch, by, at)

    check_mismatches(at=at)
    assert Mismatch.objects.filter(code="M23").count() == 1


def test_m24_tax_that_is_not_of_its_rate_is_reviewed(by):
    lot = make_lot(price_minor=12000, tax_rate_bp=2000)
    assert recheck("M24", at=NOON) == 0
    with without_guards() as cursor:
        cursor.execute("UPDATE payments_orderline SET tax_minor = tax_minor - 1")
    mismatch = found("M24")
    assert (mismatch.amount_minor, mismatch.order) == (-1, lot.order_line.order)

    settled(mismatch, by)


@pytest.mark.parametrize("price", [0, 1, 3, 5800, 9999, 123457])
@pytest.mark.parametrize("rate", [0, 500, 700, 1900, 2000])
def test_m24_agrees_with_every_tax_we_compute(db, price, rate):
    make_order(package=make_package(price_minor=price, tax_rate_bp=rate))
    assert OrderLine.objects.count() == 1
    assert recheck("M24", at=NOON) == 0


# what all of them share ----------------------------------------------------------------------
def test_an_owner_and_comments_stay_with_it(by):
    mismatch = open_mismatch("M06", about="MFR-1", at=NOON)
    own_mismatch(mismatch=mismatch, owner=by)
    comment_on_mismatch(mismatch=mismatch, text=" Called her. ", by=by, at=NOON)

    with pytest.raises(ResolutionError):
        comment_on_mismatch(mismatch=mismatch, text="  ", by=by, at=NOON)
    assert [(one.author, one.text) for one in mismatch.comments.all()] == [(by, "Called her.")]
    assert Mismatch.objects.get().owner == by


def test_a_second_press_changes_nothing(by):
    odd_row()
    mismatch = found("M14")
    press(mismatch, by)
    before = JournalEntry.objects.count()

    again = press(mismatch, make_staff())

    assert again.is_settled
    assert Mismatch.objects.get().resolved_by == by
    assert JournalEntry.objects.count() == before


def test_guesses_for_a_long_list_cost_no_more_queries(by, django_assert_num_queries):
    for _ in range(2):
        charge_of_nobody(
            make_order(),
        )
        Charge.objects.filter(payment_intent_id="pi_unknown").update(payment_intent_id="")
    recheck("M01", at=NOON)
    few = list(Mismatch.objects.open())
    with CaptureQueriesContext(connection) as queries:
        suggestions(few)
    for _ in range(5):
        charge_of_nobody(make_order())
        Charge.objects.filter(payment_intent_id="pi_unknown").update(payment_intent_id="")
    recheck("M01", at=NOON)

    many = list(Mismatch.objects.open())
    with django_assert_num_queries(len(queries)):
        guesses = suggestions(many)
    assert len(guesses) == 7
