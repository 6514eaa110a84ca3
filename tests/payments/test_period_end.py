"""Closing the books: in order, over, proved; and what comes after."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from payments.chart import Role, accounts
from payments.charting import ChartError, rename_account
from payments.invariants import breaches
from payments.mismatching import open_mismatch
from payments.models import CreditEntry, JournalEntry, Mismatch, Period
from payments.models.credits import AppendOnlyError
from payments.period_end import ClosingError, NotProved, close_period, readiness, trial_balance
from payments.posting import CorrectionError, Move, post, post_correction, reverse_entry
from tests.builders import NOON, make_lot, make_staff
from tests.payments.test_books import finish, hold
from tests.tampering import without_guards

DAY = timedelta(days=1)
LATER = NOON + 40 * DAY
TENTH, TWELFTH = date(2026, 3, 10), date(2026, 3, 12)


@pytest.fixture
def by(db):
    return make_staff()


def close(by, ends_on=TENTH, at=LATER, **values):
    return close_period(ends_on=ends_on, by=by, at=at, **values)


def pay_fee(at=NOON, posted=LATER, source="fee"):
    return post(
        source=source,
        kind="fee",
        description="A fee",
        moves=[Move(Role.FEES, Role.BANK, 130)],
        currency="GBP",
        effective_at=at,
        at=posted,
    )


def test_a_period_begins_where_the_one_before_ended_and_keeps_its_trial_balance(by):
    make_lot()
    first = close(by)
    pay_fee(NOON + DAY)
    second = close(by, TWELFTH)

    assert (first.starts_on, first.ends_on, second.starts_on) == (TENTH, TENTH, date(2026, 3, 11))
    assert first.trial_balance == {"GBP": {"1010": 26000, "2000": -26000}}
    assert second.trial_balance["GBP"] == {"1000": -130, "1010": 26000, "2000": -26000, "5000": 130}
    assert all(sum(sums.values()) == 0 for sums in second.trial_balance.values())


def test_the_same_day_again_is_the_same_period(by):
    make_lot()
    assert close(by) == close(make_staff(), note="again")
    assert Period.objects.count() == 1


@pytest.mark.parametrize("ends_on", [LATER.date(), LATER.date() + DAY, date(2026, 3, 9)])
def test_only_days_that_are_over_and_not_closed(by, ends_on):
    make_lot()
    with pytest.raises(ClosingError):
        close(by, ends_on)
    assert not Period.objects.exists()


def test_without_a_posting_there_is_nothing_to_close(by):
    with pytest.raises(ClosingError):
        close(by)


def test_an_open_critical_item_or_a_broken_proof_needs_a_reason(by):
    lot = make_lot()
    open_mismatch("M04", about="MFR-1", at=NOON)
    with pytest.raises(NotProved, match="one critical item is open"):
        close(by)
    Mismatch.objects.update(severity="warning")
    assert readiness(ends_on=TENTH).is_ready
    with without_guards() as cursor:
        cursor.execute("UPDATE payments_creditentry SET value_minor = value_minor + 1")
    with pytest.raises(NotProved, match="I7"):
        close(by)

    period = close(by, note="March.", despite="The accountant knows.")

    assert period.note == "March. Closed although not proved: The accountant knows."
    assert lot.units == 5


def test_the_database_refuses_what_is_dated_into_it_and_acts_post_after_it(by):
    lot = make_lot()
    booking = hold(lot)
    period = close(by)
    with pytest.raises(IntegrityError, match="period_is_closed"), transaction.atomic():
        JournalEntry.objects.create(
            source="x", kind="fee", description="x", effective_at=NOON, posted_at=LATER
        )
    finish(booking, NOON)

    used = CreditEntry.objects.get(kind="use")
    earned = JournalEntry.objects.get(source=f"credit:{used.pk}")
    for entry in (used, earned):
        assert entry.occurred_at == NOON
        assert entry.effective_at == period.ends_at
    assert trial_balance(before=period.ends_at) == period.trial_balance
    assert breaches() == []


def test_a_closed_period_is_never_changed(by):
    make_lot()
    close(by)
    with pytest.raises(AppendOnlyError):
        Period.objects.update(note="x")
    period = Period.objects.get()
    period.note = "x"
    with pytest.raises(IntegrityError), transaction.atomic():
        period.save()


# corrections --------------------------------------------------------------------------------
def test_an_entry_is_turned_round_in_the_open_books(by):
    entry = pay_fee(posted=NOON)
    close(by)
    reversal = reverse_entry(entry=entry, by=by, at=LATER, reason=" Twice. ")

    assert reversal == reverse_entry(entry=entry, by=make_staff(), at=LATER, reason="Again")
    assert (reversal.reason, reversal.actor, reversal.occurred_at) == ("Twice.", by, NOON)
    assert trial_balance(before=LATER + DAY) == {"GBP": {}}
    with pytest.raises(CorrectionError):
        reverse_entry(entry=reversal, by=by, at=LATER, reason="Back")
    with pytest.raises(CorrectionError):
        reverse_entry(entry=pay_fee(source="b"), by=by, at=LATER, reason=" ")


WRONG = [{"amount_minor": 0}, {"credit": Role.FEES}, {"reason": " "}, {"effective_at": LATER + DAY}]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_correction_has_two_accounts_an_amount_a_day_and_a_reason(by, wrong):
    right = {
        "key": "k",
        "debit": Role.FEES,
        "credit": Role.BANK,
        "amount_minor": 5,
        "currency": "GBP",
        "effective_at": NOON,
        "by": by,
        "at": LATER,
        "reason": "Bank charge",
    }
    with pytest.raises(CorrectionError):
        post_correction(**right | wrong)
    assert post_correction(**right) == post_correction(**right)
    assert JournalEntry.objects.count() == 1


# the chart ----------------------------------------------------------------------------------
def test_an_account_is_called_as_the_practice_likes(by, django_assert_num_queries):
    rename_account(role=Role.DEFERRED, code=" 3100 ", name="Prepaid")
    with django_assert_num_queries(1):
        named = accounts()
    assert (named["2000"].code, named["2000"].name) == ("3100", "Prepaid")
    assert named["1000"].name == "Bank"
    assert set(named) == {role.code for role in Role}
    for code, name in [("", "x"), ("1000", "x"), ("1", " "), ("9" * 21, "x")]:
        with pytest.raises(ChartError):
            rename_account(role=Role.DEFERRED, code=code, name=name)
