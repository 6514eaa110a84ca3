"""The last day of a credit: two rules for it (P4), its beginning (P5), and its end (P7, P16)."""

import uuid
from datetime import date, timedelta

import pytest

from payments.balances import balance_of, owed_by_books
from payments.chart import Role
from payments.crediting import (
    CreditError,
    expire_due,
    release,
    release_ended,
    reserve,
    take_back_use,
    use,
    wallet,
)
from payments.days import practice_day
from payments.invariants import breaches
from payments.models import CreditLot
from payments.offers import everything_on_sale
from payments.wallets import lots_in_turn
from tests.builders import NOON, make_lot, make_package, make_policy, make_runner, make_variant

TODAY = date(2026, 3, 10)
DAY = timedelta(days=1)
ENDS = 10  # days from today


@pytest.fixture
def runner(db):
    return make_runner()


@pytest.fixture
def variant(db):
    return make_variant()


def lot_of(runner, rule="start_by", **values):
    policy = make_policy(f"terms-{rule}", expiry_rule=rule)
    return make_lot(runner, policy=policy, validity_days=ENDS, **values)


def book(runner, variant, *, booked=0, session=0, lot=None):
    booking = uuid.uuid4()
    reserve(
        owner=runner,
        variant=variant,
        booking_id=booking,
        session_on=TODAY + session * DAY,
        by=runner,
        at=NOON + booked * DAY,
        lot=lot,
    )
    return booking


def done(booking, *, on=0, recorded=None, late=False):
    at = NOON + (on if recorded is None else recorded) * DAY
    return use(
        booking_id=booking, by=None, at=at, effective_at=NOON + on * DAY, reason="Done", late=late
    )


# P4: by the start or by the booking -------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "booked", "session", "pays"),
    [
        ("start_by", 0, ENDS, True),
        ("start_by", 0, ENDS + 1, False),
        ("start_by", ENDS + 1, ENDS, True),  # recorded a day later: it did start in time
        ("book_by", 0, ENDS + 1, True),
        ("book_by", ENDS, ENDS + 60, True),
        ("book_by", ENDS + 1, ENDS + 60, False),
        ("book_by", ENDS + 1, ENDS, True),
    ],
)
def test_every_question_about_the_last_day_has_the_same_answer(
    runner, variant, rule, booked, session, pays
):
    lot = lot_of(runner, rule)
    session_on, booked_on = TODAY + session * DAY, TODAY + booked * DAY

    def answers():
        own = wallet(runner, on=session_on, booked_on=booked_on)
        yield own.variant_available(variant.code) > 0
        yield bool(own.lots_for(variant.code))
        yield CreditLot.objects.usable_on(session_on, booked_on=booked_on).exists()
        yield CreditLot.objects.get().pays_for(session_on, booked_on=booked_on)
        at = NOON + booked * DAY
        yield lots_in_turn(runner, variant=variant, days=[session_on], at=at) == [lot.name]
        for named in (None, lot):
            try:
                booking = book(runner, variant, booked=booked, session=session, lot=named)
            except CreditError:
                yield False
            else:
                release(booking_id=booking, by=runner, at=at, reason="")
                yield True

    assert set(answers()) == {pays}


def test_the_rule_is_told_before_the_sale(runner):
    variant = make_variant()
    for rule in ("start_by", "book_by"):
        make_package(f"by-{rule}", policy=make_policy(f"terms-{rule}", expiry_rule=rule))
    make_package("first", valid_from="first_session", validity_days=30, variants=[variant])
    told = {offer.code: offer.validity for offer in everything_on_sale(at=NOON)}

    assert told == {
        "by-start_by": "Use within 12 months",
        "by-book_by": "Book within 12 months",
        "first": "Use within 30 days of the first session",
    }


# P7 and P16: what ends, and when ----------------------------------------------------------------


def test_a_credit_booked_in_time_outlives_the_last_day_until_its_session(runner, variant):
    lot = lot_of(runner, "book_by", units=3)
    kept = book(runner, variant, session=40)
    given_up = book(runner, variant, session=40)
    after = NOON + (ENDS + 1) * DAY

    assert expire_due(at=after) == 1
    done(kept, on=40)
    returned = release_ended(booking_id=given_up, by=runner, at=after, reason="Cancelled in time")
    again = release_ended(booking_id=given_up, by=runner, at=after, reason="Cancelled in time")

    assert returned == again
    [own] = wallet(runner, on=practice_day(after)).lots
    assert (own.available, own.reserved, own.used, own.expired) == (0, 0, 1, 2)
    assert expire_due(at=after + 30 * DAY) == 0
    assert owed_by_books() == 0
    assert lot.entries.filter(kind="expire").count() == 2
    assert breaches() == []


def test_before_the_last_day_is_over_a_release_ends_nothing(runner, variant):
    lot_of(runner)
    booking = book(runner, variant)
    release_ended(booking_id=booking, by=runner, at=NOON + ENDS * DAY, reason="")

    assert wallet(runner, on=TODAY).available == 5


# P5: from the first session ---------------------------------------------------------------------


def days_of(lot):
    lot.refresh_from_db()
    return lot.starts_on, lot.expires_on


def test_the_first_session_gives_the_lot_its_days(runner, variant):
    lot = lot_of(runner, valid_from="first_session")
    assert wallet(runner, on=TODAY).lots[0].waits
    first, second = (book(runner, variant, session=n) for n in (5, 8))

    done(first, on=5)
    done(second, on=8)

    assert days_of(lot) == (TODAY + 5 * DAY, TODAY + (5 + ENDS) * DAY)
    assert not wallet(runner, on=TODAY).lots[0].waits
    [entry] = lot.entries.filter(kind="extend")
    assert (entry.expires_on_before, entry.expires_on_after) == (
        TODAY + ENDS * DAY,
        TODAY + (5 + ENDS) * DAY,
    )
    assert breaches() == []


def test_a_late_cancellation_is_no_session(runner, variant):
    lot = lot_of(runner, valid_from="first_session")
    done(book(runner, variant, session=5), on=5, late=True)

    assert days_of(lot) == (TODAY, TODAY + ENDS * DAY)


def test_never_begun_it_ends_with_the_time_there_was_to_begin(runner, variant):
    lot_of(runner, valid_from="first_session")

    assert expire_due(at=NOON + (ENDS + 1) * DAY) == 5


def test_a_session_on_the_last_day_wakes_what_ended_before_it_was_recorded(runner, variant):
    lot = lot_of(runner, valid_from="first_session", price_minor=10001)
    booking = book(runner, variant, session=ENDS)
    expire_due(at=NOON + (ENDS + 1) * DAY)
    assert balance_of(Role.BREAKAGE) < 0

    done(booking, on=ENDS, recorded=ENDS + 1)

    assert balance_of(Role.BREAKAGE) == 0
    [own] = wallet(runner, on=TODAY + (ENDS + 1) * DAY).lots
    assert (own.available, own.used, own.expired) == (4, 1, 0)
    assert days_of(lot) == (TODAY + ENDS * DAY, TODAY + 2 * ENDS * DAY)
    assert breaches() == []


def test_a_first_session_marked_by_mistake_gives_way_to_the_next(runner, variant):
    lot = lot_of(runner, valid_from="first_session")
    wrong, right = book(runner, variant, session=2), book(runner, variant, session=6)
    done(wrong, on=2)
    take_back_use(booking_id=wrong, by=None, at=NOON + 3 * DAY, reason="By mistake")

    done(right, on=6)

    assert days_of(lot) == (TODAY + 6 * DAY, TODAY + (6 + ENDS) * DAY)
