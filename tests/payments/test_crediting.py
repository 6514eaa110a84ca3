"""Credits: which lot pays, what a retry costs, what expires, what is never lost."""

import uuid
from datetime import date, timedelta

import pytest

from payments import closing
from payments.balances import balance_of, owed_by_books
from payments.chart import Role
from payments.crediting import (
    NoCredit,
    NotReserved,
    OnlyExpiredCredit,
    PeriodClosed,
    choose_lot,
    expire_due,
    grant_lots,
    release,
    reserve,
    take_back_use,
    use,
    wallet,
)
from payments.invariants import breaches
from payments.models import CreditEntry, CreditLot, JournalEntry, JournalLine
from payments.statements import statement
from tests.builders import (
    NOON,
    make_goodwill,
    make_lot,
    make_order,
    make_package,
    make_runner,
    make_service,
    make_variant,
    pay_at_the_desk,
)

DAY = timedelta(days=1)
TODAY = date(2026, 3, 10)
pytestmark = pytest.mark.django_db


@pytest.fixture
def runner():
    return make_runner()


@pytest.fixture
def variant():
    return make_variant()


def book(runner, variant, *, booking=None, on=TODAY, at=NOON, **more):
    booking = booking or uuid.uuid4()
    reserve(
        owner=runner,
        variant=variant,
        booking_id=booking,
        session_on=on,
        by=runner,
        at=at,
        **more,
    )
    return booking


def counts(runner, on=TODAY):
    return [
        (lot.available, lot.reserved, lot.used, lot.expired) for lot in wallet(runner, on=on).lots
    ]


def test_the_lot_that_ends_first_pays(runner, variant):
    make_lot(runner, validity_days=365)
    sooner = make_lot(runner, validity_days=30)

    assert choose_lot(owner=runner, variant=variant, session_on=TODAY, at=NOON) == sooner


def test_of_lots_that_end_together_the_one_bought_first_pays(runner, variant):
    later = make_lot(runner, validity_days=29, at=NOON + DAY)
    earlier = make_lot(runner, validity_days=30, at=NOON)

    chosen = choose_lot(owner=runner, variant=variant, session_on=TODAY + 2 * DAY, at=NOON + DAY)

    assert later.expires_on == earlier.expires_on
    assert chosen == earlier


def test_a_lot_pays_until_its_last_day_is_over(runner, variant):
    lot = make_lot(runner, validity_days=30)
    last_day = TODAY + 30 * DAY

    assert choose_lot(owner=runner, variant=variant, session_on=last_day, at=NOON) == lot
    with pytest.raises(OnlyExpiredCredit, match="9 April 2026, before this session"):
        choose_lot(owner=runner, variant=variant, session_on=last_day + DAY, at=NOON)
    with pytest.raises(OnlyExpiredCredit, match="ended on 9 April 2026"):
        choose_lot(
            owner=runner, variant=variant, session_on=last_day + DAY, at=NOON + timedelta(days=31)
        )


def test_only_covered_variants_and_own_credits_count(runner, variant):
    make_lot(make_runner(), variants=[variant])
    make_lot(runner, variants=[make_variant(minutes=30)])

    with pytest.raises(NoCredit):
        book(runner, variant)


def test_a_frozen_lot_pays_for_nothing(runner, variant):
    CreditLot.objects.filter(pk=make_lot(runner).pk).update(
        status="frozen", frozen_for="pause", frozen_on=TODAY
    )

    with pytest.raises(NoCredit):
        book(runner, variant)
    assert wallet(runner, on=TODAY).available == 0


def test_reserving_again_for_the_same_booking_takes_no_second_unit(runner, variant):
    make_lot(runner)
    booking = book(runner, variant)
    book(runner, variant, booking=booking)

    assert counts(runner) == [(4, 1, 0, 0)]


def test_the_last_credit_pays_for_one_booking(runner, variant):
    make_lot(runner, units=1, price_minor=5800)
    book(runner, variant)

    with pytest.raises(NoCredit):
        book(runner, variant)


def test_the_runner_may_choose_the_lot(runner, variant):
    make_lot(runner, validity_days=30)
    wanted = make_lot(runner, validity_days=365)
    book(runner, variant, lot=wanted)
    with pytest.raises(NoCredit):
        book(runner, variant, lot=make_lot(make_runner()))

    assert wanted.entries.filter(kind="reserve").count() == 1


def test_a_returned_credit_comes_back_once(runner, variant):
    make_lot(runner)
    booking = book(runner, variant)
    first = release(booking_id=booking, by=runner, at=NOON, reason="Cancelled in time")
    again = release(booking_id=booking, by=runner, at=NOON, reason="Cancelled in time")

    assert first == again
    assert counts(runner) == [(5, 0, 0, 0)]
    with pytest.raises(NotReserved):
        use(booking_id=booking, by=None, at=NOON, effective_at=NOON, reason="Done")


def test_a_used_credit_stays_used(runner, variant):
    make_lot(runner)
    booking = book(runner, variant)
    for _ in range(2):
        use(booking_id=booking, by=None, at=NOON, effective_at=NOON, reason="Session done")

    assert counts(runner) == [(4, 0, 1, 0)]
    with pytest.raises(NotReserved):
        release(booking_id=booking, by=None, at=NOON, reason="Too late")


def test_a_booking_without_credit_has_none_to_return(runner):
    with pytest.raises(NotReserved):
        release(booking_id=uuid.uuid4(), by=None, at=NOON, reason="")


def test_a_booking_may_take_a_credit_again_after_giving_it_back(runner, variant):
    make_lot(runner)
    booking = book(runner, variant)
    release(booking_id=booking, by=runner, at=NOON, reason="")
    book(runner, variant, booking=booking)

    assert counts(runner) == [(4, 1, 0, 0)]


@pytest.mark.parametrize(("late", "account"), [(False, "4000"), (True, "4010")])
def test_using_a_credit_earns_its_value_on_the_day_of_the_session(runner, variant, late, account):
    make_lot(runner, units=3, price_minor=10000)
    held = NOON - DAY
    for _ in range(3):
        booking = book(runner, variant)
        use(booking_id=booking, by=None, at=NOON, effective_at=held, reason="Done", late=late)

    earned = JournalLine.objects.filter(debit="2000").order_by("pk")
    assert [line.amount_minor for line in earned] == [3334, 3333, 3333]
    assert {line.credit for line in earned} == {account}
    assert {line.entry.effective_at for line in earned} == {held}
    assert breaches() == []


def test_expiry_ends_free_units_and_leaves_booked_ones(runner, variant):
    make_lot(runner, units=3, price_minor=10000, validity_days=10)
    booking = book(runner, variant, on=TODAY + 10 * DAY)

    assert expire_due(at=NOON + timedelta(days=10)) == 0
    assert expire_due(at=NOON + timedelta(days=11)) == 2
    assert expire_due(at=NOON + timedelta(days=11)) == 0
    assert counts(runner) == [(0, 1, 0, 2)]

    release(booking_id=booking, by=None, at=NOON + timedelta(days=12), reason="Clinic closed")
    assert expire_due(at=NOON + timedelta(days=12)) == 1
    assert counts(runner) == [(0, 0, 0, 3)]
    breakage = JournalLine.objects.filter(credit="4020")
    assert sum(line.amount_minor for line in breakage) == 10000
    assert breaches() == []


def test_the_last_day_ends_at_midnight_of_the_practice(runner):
    make_lot(runner, validity_days=100)  # until 18 June, in summer time
    before_midnight = NOON.replace(month=6, day=18, hour=22, minute=59)

    assert expire_due(at=before_midnight) == 0
    assert expire_due(at=before_midnight + timedelta(minutes=1)) == 5


def test_goodwill_is_worth_nothing_in_the_books(runner, variant):
    make_goodwill(runner)
    booking = book(runner, variant)
    use(booking_id=booking, by=None, at=NOON, effective_at=NOON, reason="Done")

    assert counts(runner) == [(0, 0, 1, 0)]
    assert not JournalLine.objects.exists()
    assert breaches() == []


def test_granting_again_returns_the_same_lots(runner):
    lot = make_lot(runner)

    assert grant_lots(order=lot.order_line.order, at=NOON + DAY) == [lot]
    assert CreditEntry.objects.count() == 1


def test_the_wallet_counts_what_can_pay_on_a_day(runner, variant):
    short = make_variant(minutes=30, service=make_service())
    make_lot(runner, units=2, price_minor=10000, validity_days=5)
    make_lot(runner, units=3, price_minor=9000, variants=[short])

    today, later = wallet(runner, on=TODAY), wallet(runner, on=TODAY + 6 * DAY)

    assert (today.available, today.variant_available(variant.code)) == (5, 2)
    assert (later.available, later.variant_available(variant.code)) == (3, 0)
    assert today.next_lot(variant.code).units == 2


def test_the_statement_tells_each_movement_and_the_balance_after_it(runner, variant):
    lot = make_lot(runner)
    booking = book(runner, variant)
    release(booking_id=booking, by=runner, at=NOON, reason="Cancelled in time")
    used = book(runner, variant)
    use(booking_id=used, by=None, at=NOON, effective_at=NOON, reason="Session done")

    lines = [(line.what, line.change, line.balance, line.who) for line in statement(runner).lines]

    assert lines == [
        ("Session done", 0, 4, ""),
        ("Session booked", -1, 4, "You"),
        ("Credit returned", 1, 5, "You"),
        ("Session booked", -1, 4, "You"),
        ("Bought", 5, 5, ""),
    ]
    assert statement(runner).lines[-1].order_number == lot.order_line.order.number


def test_reading_a_wallet_and_a_statement_takes_few_queries(
    runner, variant, django_assert_max_num_queries
):
    for _ in range(3):
        make_lot(runner)
        book(runner, variant)

    with django_assert_max_num_queries(3):
        assert wallet(runner, on=TODAY).available == 12
    with django_assert_max_num_queries(1):
        assert len(statement(runner).lines) == 6


def test_terms_of_the_lot_are_those_of_the_sale(runner, variant):
    package = make_package(units=5, validity_days=100)
    order = make_order(runner, package)
    package.validity_days = 1
    package.variants.clear()
    package.save()
    [lot] = pay_at_the_desk(order)

    assert lot.expires_on == TODAY + timedelta(days=100)
    assert list(lot.variants.all()) == [variant]


# taking a use back ---------------------------------------------------------------------------
def use_of(booking, *, late=False, at=NOON):
    return use(booking_id=booking, by=None, at=at, effective_at=NOON, reason="Done", late=late)


def earned():
    """Debits less credits of the two revenue accounts a session can earn on."""
    return [balance_of(role) for role in (Role.SESSION_REVENUE, Role.LATE_REVENUE)]


@pytest.mark.parametrize("late", [False, True])
def test_a_use_taken_back_nets_to_nothing_on_its_day(runner, variant, late):
    make_lot(runner, units=3, price_minor=10000, variants=[variant])
    booking = book(runner, variant)
    owed = owed_by_books()
    use_of(booking, late=late)
    assert owed_by_books() < owed

    entry = take_back_use(booking_id=booking, by=None, at=NOON + DAY, reason="By mistake")

    assert (entry.kind, entry.from_bucket, entry.to_bucket) == ("reverse", "used", "reserved")
    assert entry.reverses.kind == "use"
    assert earned() == [0, 0]
    assert owed_by_books() == owed_by_books(before=NOON + timedelta(seconds=1)) == owed
    turned = JournalEntry.objects.get(source=f"credit:{entry.pk}")
    assert turned.reverses.source == f"credit:{entry.reverses_id}"
    assert turned.effective_at == turned.reverses.effective_at
    [lot] = wallet(runner, on=TODAY).lots
    assert (lot.available, lot.reserved, lot.used) == (2, 1, 0)
    assert breaches() == []


def test_taking_back_twice_changes_nothing(runner, variant):
    make_lot(runner, variants=[variant])
    booking = book(runner, variant)
    use_of(booking)
    first = take_back_use(booking_id=booking, by=None, at=NOON, reason="By mistake")
    lines = JournalLine.objects.count()

    again = take_back_use(booking_id=booking, by=None, at=NOON + DAY, reason="Once more")

    assert again == first
    assert JournalLine.objects.count() == lines
    assert breaches() == []


def test_what_was_taken_back_is_used_or_returned_once_more(runner, variant):
    make_lot(runner, units=3, price_minor=10000, variants=[variant])
    used, returned = book(runner, variant), book(runner, variant)
    for booking in (used, returned):
        use_of(booking, late=True)
        take_back_use(booking_id=booking, by=None, at=NOON, reason="She was there")
    again = [use_of(used), use_of(used)]
    release(booking_id=returned, by=None, at=NOON, reason="Waived")

    assert again[0] == again[1]
    assert again[0].kind == "use"
    [lot] = wallet(runner, on=TODAY).lots
    assert (lot.available, lot.reserved, lot.used) == (2, 0, 1)
    assert earned() == [-3334, 0]
    assert breaches() == []


def test_a_free_credit_taken_back_posts_nothing(runner, variant):
    make_goodwill(runner, variants=[variant])
    booking = book(runner, variant)
    use_of(booking)

    take_back_use(booking_id=booking, by=None, at=NOON, reason="By mistake")

    assert not JournalLine.objects.exists()
    assert breaches() == []


def test_nothing_used_is_nothing_to_take_back(runner, variant):
    make_lot(runner, variants=[variant])

    for booking in (book(runner, variant), uuid.uuid4()):
        assert take_back_use(booking_id=booking, by=None, at=NOON, reason="By mistake") is None


def test_a_closed_day_stays_as_it_is(runner, variant, monkeypatch):
    make_lot(runner, variants=[variant])
    booking = book(runner, variant)
    use_of(booking)
    monkeypatch.setattr(closing, "closed_until", lambda: NOON + DAY)

    with pytest.raises(PeriodClosed):
        take_back_use(booking_id=booking, by=None, at=NOON + 2 * DAY, reason="By mistake")

    assert not CreditEntry.objects.filter(kind="reverse").exists()


def test_the_statement_says_that_a_session_done_was_corrected(runner, variant):
    make_lot(runner, variants=[variant])
    booking = book(runner, variant)
    use_of(booking)
    take_back_use(booking_id=booking, by=None, at=NOON + DAY, reason="Marked by mistake")

    line = statement(runner).lines[0]

    assert (line.what, line.change, line.balance) == ("Corrected", 0, 4)
    assert line.reason == "Marked by mistake"
