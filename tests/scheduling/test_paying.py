"""What a session costs with one therapist, from the check page to the books (S2)."""

import pytest

from payments.models import JournalLine, OrderLine, Package
from scheduling.booking import confirm_with_credit
from scheduling.models import TherapistVariant
from scheduling.paying import order_for_hold, ways_to_pay
from tests.builders import make_package, make_runner, pay_at_the_desk
from tests.scheduling.builders import A_WEEK_BEFORE, hold, make_runner_with_credits


@pytest.fixture
def single(practice):
    return make_package(
        "single-sports-60",
        units=1,
        price_minor=5800,
        tax_rate_bp=2000,
        variants=[practice.sports_60],
        visibility=Package.Visibility.PRIVATE,
    )


@pytest.fixture
def dearer(practice):
    """Imre's hour costs 70.00 and takes 75 minutes."""
    given = TherapistVariant.objects.get(therapist=practice.imre, variant=practice.sports_60)
    given.price_minor, given.duration_minutes = 7000, 75
    given.save()
    return given


@pytest.fixture
def buyer(practice):
    return make_runner()


def held_with(practice, therapist, buyer):
    return hold(practice, runner=buyer, therapist=therapist)


def prices(booking, buyer):
    ways = ways_to_pay(booking=booking, runner=buyer, at=A_WEEK_BEFORE)
    return {offer.code: offer.price_minor for offer in ways.packages}


def order(booking, buyer, code="single-sports-60"):
    return order_for_hold(booking=booking, package_code=code, buyer=buyer, at=A_WEEK_BEFORE)


def test_a_session_by_itself_costs_what_it_costs_with_that_therapist(
    practice, single, dearer, buyer
):
    five = make_package("five", units=5, price_minor=26000, variants=[practice.sports_60])
    with_imre = held_with(practice, practice.imre, buyer)

    assert with_imre.minutes == 75
    assert prices(with_imre, buyer) == {"single-sports-60": 7000, five.code: 26000}
    placed = order(with_imre, buyer)
    assert (placed.total_minor, placed.lines.get().price_minor) == (7000, 7000)
    assert order(with_imre, buyer) == placed
    assert order(with_imre, buyer, five.code).total_minor == 26000


def test_with_another_therapist_it_costs_the_usual(practice, single, dearer, buyer):
    assert order(held_with(practice, practice.lena, buyer), buyer).total_minor == 5800


def test_the_price_is_the_one_of_the_moment_it_was_picked(practice, single, dearer, buyer):
    held = held_with(practice, practice.imre, buyer)
    dearer.price_minor = 9000
    dearer.save()
    assert order(held, buyer).total_minor == 7000


def test_the_books_follow_what_was_charged(practice, single, dearer, buyer):
    held = held_with(practice, practice.imre, buyer)
    placed = order(held, buyer)

    [lot] = pay_at_the_desk(placed, at=A_WEEK_BEFORE)

    line = OrderLine.objects.get(order=placed)
    assert (line.tax_minor, line.net_minor) == (1167, 5833)  # 20 % inside 70.00
    assert lot.unit_values == [5833]
    posted = JournalLine.objects.filter(order=placed)
    assert sum(one.amount_minor for one in posted) == 7000
    held.refresh_from_db()
    assert held.state == "confirmed"


def test_a_credit_pays_for_it_whatever_it_costs(practice, single, dearer):
    runner = make_runner_with_credits(1, practice=practice)
    held = held_with(practice, practice.imre, runner)
    assert ways_to_pay(booking=held, runner=runner, at=A_WEEK_BEFORE).credit.left_after == 0
    confirm_with_credit(booking=held, runner=runner, by=runner, at=A_WEEK_BEFORE)
    held.refresh_from_db()
    assert held.state == "confirmed"


def test_the_check_page_shows_the_length_and_the_price_with_that_therapist(
    client, practice, single, dearer, buyer
):
    held = held_with(practice, practice.imre, buyer)
    client.force_login(buyer)

    page = client.get(f"/book/{held.public_id}/check/").content.decode()

    assert "£70" in page
    assert "£58" not in page
    assert "75" in page
