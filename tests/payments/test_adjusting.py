"""What staff do to a lot by hand (P9, P12): more time, a rest, taking back; once, with a reason."""

import uuid
from datetime import date, datetime, timedelta

import pytest

from payments.balances import balance_of, owed_by_books
from payments.chart import Role
from payments.crediting import (
    CannotAdjust,
    CreditError,
    NoCredit,
    expire_due,
    extend_lot,
    freeze_lot,
    grant_goodwill,
    latest_extension,
    reassign,
    release,
    reserve,
    thaw_lot,
    transfer_units,
    undo_extension,
    use,
    wallet,
    withdraw_goodwill,
)
from payments.days import practice_day, start_of
from payments.invariants import breaches
from payments.models import CreditLot, JournalEntry, Period
from tests.builders import NOON, make_goodwill, make_lot, make_runner, make_staff, make_variant

TODAY = date(2026, 3, 10)
DAY = timedelta(days=1)
ENDS = TODAY + 10 * DAY
AFTER = NOON + 11 * DAY  # it is over


@pytest.fixture
def runner(db):
    return make_runner()


@pytest.fixture
def staff(db):
    return make_staff()


@pytest.fixture
def lot(runner):
    return make_lot(runner, units=3, price_minor=10000, validity_days=10)


def how(staff, at=NOON, **values):
    return {"reason": "She was ill", "by": staff, "at": at, "key": uuid.uuid4()} | values


def book(lot, at=NOON, on=None):
    booking = uuid.uuid4()
    reserve(
        owner=lot.owner,
        variant=lot.variants.first(),
        booking_id=booking,
        session_on=on or practice_day(at),
        by=lot.owner,
        at=at,
    )
    return booking


def counts(lot):
    own = wallet(lot.owner, on=TODAY)
    row = next(one for one in own.lots if one.public_id == lot.public_id)
    return (row.available, row.reserved, row.used, row.expired)


def ends(lot):
    lot.refresh_from_db()
    return lot.expires_on


# more time --------------------------------------------------------------------------------------


def test_an_extension_says_who_why_and_from_when_to_when(lot, staff):
    entry = extend_lot(lot=lot, until=ENDS + 30 * DAY, **how(staff))

    assert ends(lot) == ENDS + 30 * DAY
    assert (entry.kind, entry.actor) == ("extend", staff)
    assert (entry.expires_on_before, entry.expires_on_after) == (ENDS, ENDS + 30 * DAY)
    assert entry.reason == "She was ill: ends 19 April 2026"
    assert counts(lot) == (3, 0, 0, 0)


def test_extending_what_has_expired_turns_its_breakage_round_today(lot, staff):
    booked = book(lot)
    expire_due(at=AFTER)
    assert counts(lot) == (0, 1, 0, 2)
    assert balance_of(Role.BREAKAGE) == -6667

    extend_lot(lot=lot, until=ENDS + 30 * DAY, **how(staff, at=AFTER + 4 * DAY))

    assert counts(lot) == (2, 1, 0, 0)
    assert balance_of(Role.BREAKAGE) == 0
    assert owed_by_books() == 10000
    turned = JournalEntry.objects.get(kind="taken back")
    assert turned.effective_at == AFTER + 4 * DAY  # not the day it expired
    assert breaches() == []
    # and each unit is worth what it was
    use(booking_id=booked, by=None, at=AFTER, effective_at=AFTER, reason="Done")
    assert expire_due(at=AFTER + 100 * DAY) == 2
    assert owed_by_books() == 0
    assert breaches() == []


def test_an_extension_after_two_expiries_wakes_both(lot, staff):
    booked = book(lot)
    expire_due(at=AFTER)
    release(booking_id=booked, by=None, at=AFTER, reason="Cancelled in time")
    expire_due(at=AFTER)
    assert counts(lot) == (0, 0, 0, 3)

    extend_lot(lot=lot, until=ENDS + 30 * DAY, **how(staff, at=AFTER))

    assert counts(lot) == (3, 0, 0, 0)
    assert balance_of(Role.BREAKAGE) == 0
    assert latest_extension(CreditLot.objects.get(pk=lot.pk)).units == 2
    assert breaches() == []


def test_books_that_are_closed_stay_as_they_are(lot, staff):
    expire_due(at=AFTER)
    april = start_of(date(2026, 4, 1))
    Period.objects.create(
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 3, 31),
        ends_at=april,
        closed_at=april,
        closed_by=staff,
        trial_balance={},
    )
    before = balance_of(Role.BREAKAGE, before=april)

    extend_lot(lot=lot, until=date(2026, 5, 1), **how(staff, at=april + DAY))

    assert balance_of(Role.BREAKAGE, before=april) == before
    assert balance_of(Role.BREAKAGE) == 0
    assert breaches() == []


@pytest.mark.parametrize(
    ("until", "reason"),
    [
        (ENDS, "Ill"),
        (ENDS - DAY, "Ill"),
        (TODAY - DAY, "Ill"),
        (date(2126, 1, 1), "Ill"),
        (ENDS + DAY, "   "),
    ],
)
def test_an_extension_that_is_none_is_refused(lot, staff, until, reason):
    with pytest.raises(CannotAdjust):
        extend_lot(lot=lot, until=until, **how(staff, reason=reason))

    assert ends(lot) == ENDS
    assert lot.entries.count() == 1


def test_an_ended_lot_is_not_extended_to_a_day_that_is_over(lot, staff):
    with pytest.raises(CannotAdjust):
        extend_lot(lot=lot, until=ENDS + DAY, **how(staff, at=AFTER + 20 * DAY))


def test_an_extension_is_taken_back_by_a_further_entry(lot, staff):
    expire_due(at=AFTER)
    entry = extend_lot(lot=lot, until=ENDS + 30 * DAY, **how(staff, at=AFTER))
    kept = book(lot, at=AFTER)

    undone = undo_extension(entry=entry, **how(staff, at=AFTER, reason="Wrong runner"))

    assert (undone.reverses, undone.expires_on_after) == (entry, ENDS)
    assert ends(lot) == ENDS
    assert counts(lot) == (0, 1, 0, 2)
    assert balance_of(Role.BREAKAGE) == -6667
    assert breaches() == []
    assert latest_extension(lot) is None
    with pytest.raises(CannotAdjust):
        undo_extension(entry=entry, **how(staff, at=AFTER))
    use(booking_id=kept, by=None, at=AFTER, effective_at=AFTER, reason="Done")
    assert breaches() == []


def test_only_the_last_change_of_the_last_day_is_taken_back(lot, staff):
    first = extend_lot(lot=lot, until=ENDS + DAY, **how(staff))
    second = extend_lot(lot=lot, until=ENDS + 2 * DAY, **how(staff))

    with pytest.raises(CannotAdjust):
        undo_extension(entry=first, **how(staff))
    undo_extension(entry=second, **how(staff))

    assert ends(lot) == ENDS + DAY


# a rest -----------------------------------------------------------------------------------------


def test_a_rest_books_nothing_ends_nothing_and_gives_its_days_back(lot, staff):
    booked = book(lot)
    freeze_lot(lot=lot, **how(staff))

    own = wallet(lot.owner, on=TODAY)
    assert (own.available, own.held, own.resting) == (0, 2, 2)
    assert "pause" in own.lots[0].why_frozen
    with pytest.raises(NoCredit):
        book(lot)
    with pytest.raises(CreditError):
        transfer_units(
            lot=lot, units=1, to=make_runner(), reason="x", by=staff, at=NOON, source="t:1"
        )
    assert expire_due(at=NOON + 50 * DAY) == 0
    use(booking_id=booked, by=None, at=NOON, effective_at=NOON, reason="Done")

    thawed = thaw_lot(lot=lot, **how(staff, at=NOON + 50 * DAY))

    assert ends(lot) == ENDS + 50 * DAY
    assert (thawed.expires_on_before, thawed.expires_on_after) == (ENDS, ENDS + 50 * DAY)
    assert counts(lot) == (2, 0, 1, 0)
    assert book(lot, at=NOON + 60 * DAY)
    assert breaches() == []


@pytest.mark.parametrize("because", ["gift", "dispute", "review"])
def test_what_somebody_else_holds_is_not_thawed_by_hand(lot, staff, because):
    freeze_lot(lot=lot, **how(staff))
    CreditLot.objects.update(frozen_for=because)
    with pytest.raises(CannotAdjust):
        thaw_lot(lot=lot, **how(staff))
    assert lot.entries.filter(kind="thaw").count() == 0


def test_what_rests_does_not_rest_twice_and_what_is_over_not_at_all(lot, staff):
    with pytest.raises(CannotAdjust):
        thaw_lot(lot=lot, **how(staff))
    with pytest.raises(CannotAdjust):
        freeze_lot(lot=lot, **how(staff, at=AFTER))
    freeze_lot(lot=lot, **how(staff))
    with pytest.raises(CannotAdjust):
        freeze_lot(lot=lot, **how(staff))


# one click, one act -----------------------------------------------------------------------------


def acts(lot, staff):
    """Each act by hand, ready to be called twice with the same key."""
    given = make_goodwill(lot.owner, units=2)
    extended = extend_lot(lot=lot, until=ENDS + DAY, **how(staff))
    return {
        "extend": (extend_lot, {"lot": lot, "until": ENDS + 9 * DAY}),
        "undo": (undo_extension, {"entry": extended}),
        "freeze": (freeze_lot, {"lot": lot}),
        "withdraw": (withdraw_goodwill, {"lot": given}),
    }


@pytest.mark.parametrize("name", ["extend", "undo", "freeze", "withdraw"])
def test_a_double_click_acts_once(lot, staff, name):
    act, values = acts(lot, staff)[name]
    click = how(staff)

    first, second = act(**values, **click), act(**values, **click)

    assert first == second
    assert breaches() == []


def test_a_double_click_thaws_once(lot, staff):
    freeze_lot(lot=lot, **how(staff))
    click = how(staff, at=NOON + 5 * DAY)

    assert thaw_lot(lot=lot, **click) == thaw_lot(lot=lot, **click)
    assert ends(lot) == ENDS + 5 * DAY


# goodwill ---------------------------------------------------------------------------------------


def give(runner, staff, **values):
    return grant_goodwill(
        **{
            "owner": runner,
            "variants": [make_variant()],
            "units": 2,
            "reason": "We were late.",
            "by": staff,
            "at": NOON,
            "expires_on": ENDS,
            "key": uuid.uuid4(),
        }
        | values
    )


def test_goodwill_is_given_once_a_click(lot, runner, staff):
    key = uuid.uuid4()

    assert give(runner, staff, key=key) == give(runner, staff, key=key)
    assert wallet(runner, on=TODAY).available == 5


@pytest.mark.parametrize(
    "wrong",
    [{"units": 0}, {"variants": []}, {"expires_on": TODAY - DAY}, {"reason": " "}],
    ids=["none", "for nothing", "over", "no reason"],
)
def test_goodwill_that_helps_nobody_is_refused(lot, runner, staff, wrong):
    with pytest.raises(CreditError):
        give(runner, staff, **wrong)
    assert wallet(runner, on=TODAY).available == 3


def test_a_gift_given_by_mistake_is_taken_back_but_for_what_is_booked(lot, runner, staff):
    given = give(runner, staff, expires_on=ENDS - DAY)  # ends first, so it pays first
    booked = book(given)

    entry = withdraw_goodwill(lot=given, **how(staff, reason="Wrong runner"))

    assert (entry.kind, entry.reverses.kind, entry.units) == ("reverse", "goodwill", 1)
    assert counts(given) == (0, 1, 0, 1)
    use(booking_id=booked, by=None, at=NOON, effective_at=NOON, reason="Done")
    assert not JournalEntry.objects.exclude(kind="sale").exists()
    assert breaches() == []
    with pytest.raises(CannotAdjust):
        withdraw_goodwill(lot=given, **how(staff))


def test_what_was_bought_is_not_taken_back(lot, staff):
    with pytest.raises(CannotAdjust):
        withdraw_goodwill(lot=lot, **how(staff))


# another lot pays -------------------------------------------------------------------------------


def test_staff_let_another_lot_pay(lot, runner, staff):
    booked = book(lot)
    other = make_lot(runner, units=1)
    common = {"owner": runner, "variant": make_variant(), "session_on": TODAY, "by": staff}

    for _ in range(2):
        reassign(booking_id=booked, lot=other, at=NOON, reason="Wrong package", **common)

    assert (counts(lot), counts(other)) == ((3, 0, 0, 0), (0, 1, 0, 0))
    with pytest.raises(NoCredit):
        reassign(
            booking_id=booked, lot=make_lot(make_runner()), at=NOON, reason="Not hers", **common
        )
    assert counts(other) == (0, 1, 0, 0)
    assert breaches() == []


def test_the_moments_of_a_pause_are_days_of_the_practice(lot, staff):
    late = datetime.combine(TODAY, NOON.time(), tzinfo=NOON.tzinfo).replace(hour=23, minute=59)
    freeze_lot(lot=lot, **how(staff, at=late))
    thaw_lot(lot=lot, **how(staff, at=late + timedelta(minutes=2)))

    assert ends(lot) == ENDS + DAY
