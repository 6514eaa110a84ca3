"""Money that comes after its time was let go ($6): told once, kept, and hers to have back."""

import pytest

from payments.crediting import grant_lots
from payments.late_paying import (
    NotLate,
    ask_for_money_back,
    late_state,
    not_late_after_all,
    report_late,
)
from payments.models import CreditLot, Mismatch, MismatchComment, Order
from payments.selling import fulfil
from tests.builders import NOON, make_order, make_package, make_runner, pay_at_the_desk


@pytest.fixture
def late(db) -> Order:
    """Paid after it was given up."""
    order = make_order(make_runner("ana@example.org"), make_package("five"))
    Order.objects.filter(pk=order.pk).update(status="cancelled")
    order.refresh_from_db()
    pay_at_the_desk(order)
    return order


def test_money_for_a_given_up_order_is_kept_and_told_once(shop):
    order = shop.order()
    attempt = shop.paid_checkout(order)
    Order.objects.filter(pk=order.pk).update(status="cancelled")
    for _ in range(2):
        fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    assert CreditLot.objects.count() == 1
    assert Mismatch.objects.get().code == "M06"


def test_what_is_learnt_later_is_added_to_the_one_before_staff(late):
    booking = "6e0c3fcd-4a64-4a6b-9f43-3a6a0d1a8f11"
    report_late(order=late, booking_id=booking, why="Somebody else has it.", at=NOON)

    found = Mismatch.objects.get()
    assert found.details == {"booking": booking, "why": "Somebody else has it."}


def test_asking_twice_is_asking_once(late):
    for _ in range(2):
        ask_for_money_back(order=late, by=late.buyer, at=NOON)

    assert late_state(late).has_asked
    comment = MismatchComment.objects.get()
    assert (comment.author, comment.mismatch.order) == (late.buyer, late)


def test_what_was_in_time_or_is_used_is_not_asked_for(late):
    CreditLot.objects.update(units=6)  # as if one were gone
    assert not late_state(late).may_ask
    with pytest.raises(NotLate):
        ask_for_money_back(order=late, by=late.buyer, at=NOON)
    in_time = make_order()
    pay_at_the_desk(in_time)
    with pytest.raises(NotLate):
        ask_for_money_back(order=in_time, by=in_time.buyer, at=NOON)


def test_a_time_that_was_still_free_needs_nobody(late):
    not_late_after_all(order=late, at=NOON)

    assert not Mismatch.objects.open().exists()
    assert late_state(late) is None
    assert len(grant_lots(order=late, at=NOON)) == 1


def test_the_page_says_so_and_one_click_asks(client, late):
    client.force_login(late.buyer)
    page = client.get(late.get_absolute_url()).content.decode()
    assert "That time has gone" in page
    assert "Choose another time" in page

    page = client.post(f"/orders/{late.public_id}/money-back/", follow=True).content.decode()

    assert "You asked for your money" in page
    assert "I would rather" not in page


def test_the_same_by_api_and_not_by_anybody_else(client, late):
    address = f"/api/v1/orders/{late.public_id}/money-back/"
    client.force_login(make_runner())
    assert client.post(address).status_code == 404
    client.force_login(late.buyer)
    assert client.post(address).json()["status"] == "paid"
    assert late_state(late).has_asked
