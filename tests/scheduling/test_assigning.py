"""Which package pays: the runner's own choice, and another one by staff (P3)."""

import pytest

from payments.crediting import NoCredit, reserved_lot
from scheduling.assigning import pay_from
from scheduling.booking import confirm_with_credit
from scheduling.cancelling import cancel_booking
from scheduling.choosing import chosen_lot
from scheduling.errors import IllegalTransition, ReasonMissing
from tests.builders import make_lot, make_runner, make_staff
from tests.scheduling.builders import A_WEEK_BEFORE, TUESDAY_9, book, hold, make_practice


@pytest.fixture
def practice(db):
    return make_practice()


@pytest.fixture
def runner(db):
    return make_runner()


@pytest.fixture
def lots(practice, runner):
    return [
        make_lot(runner, variants=[practice.sports_60], at=A_WEEK_BEFORE, validity_days=days)
        for days in (100, 200)
    ]


def test_a_runner_names_the_package_that_pays(practice, runner, lots):
    held = hold(practice, TUESDAY_9, runner=runner)
    lot = chosen_lot(runner, str(lots[1].public_id))
    confirm_with_credit(booking=held, runner=runner, by=runner, at=A_WEEK_BEFORE, lot=lot)

    assert reserved_lot(held.public_id) == lots[1]


@pytest.mark.parametrize("wrong", ["no id", "00000000-0000-0000-0000-000000000000", "another's"])
def test_she_names_only_her_own(practice, runner, lots, wrong):
    other = make_lot(make_runner(), variants=[practice.sports_60])
    with pytest.raises(NoCredit):
        chosen_lot(runner, str(other.public_id) if wrong == "another's" else wrong)


def test_naming_none_takes_the_first_to_end(practice, runner, lots):
    assert chosen_lot(runner, "") is None
    assert reserved_lot(book(practice, runner, TUESDAY_9).public_id) == lots[0]


def test_staff_let_another_package_pay_and_it_is_on_record(practice, runner, lots):
    booking, staff = book(practice, runner, TUESDAY_9), make_staff()
    for _ in range(2):
        pay_from(booking=booking, lot=lots[1], by=staff, at=A_WEEK_BEFORE, reason="Ends later")

    assert reserved_lot(booking.public_id) == lots[1]
    [change] = booking.changes.filter(kind="paid")
    assert change.details == {
        "lot": str(lots[1].public_id),
        "instead_of": str(lots[0].public_id),
    }


def test_what_cannot_pay_leaves_everything_as_it_was(practice, runner, lots):
    booking, staff = book(practice, runner, TUESDAY_9), make_staff()
    common = {"booking": booking, "by": staff, "at": A_WEEK_BEFORE}
    with pytest.raises(NoCredit):
        pay_from(lot=make_lot(make_runner()), reason="Not hers", **common)
    with pytest.raises(ReasonMissing):
        pay_from(lot=lots[1], reason=" ", **common)
    assert reserved_lot(booking.public_id) == lots[0]

    cancel_booking(booking=booking, by=runner, at=A_WEEK_BEFORE)
    with pytest.raises(IllegalTransition):
        pay_from(lot=lots[1], reason="Too late", **common)
