"""A package for somebody else: paid by one, claimed by the other, never anybody's meanwhile."""

import uuid
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from accounts.models import Message
from accounts.outbox import Silence
from payments.crediting import NoCredit, expire_due, reserve, wallet
from payments.days import practice_day
from payments.gifting import (
    GiftGone,
    GiftWish,
    NotAGift,
    NotToBeSent,
    NotYours,
    claim,
    code_of,
    letter,
    send_again,
)
from payments.invariants import breaches
from payments.models import CreditEntry, CreditLot, Gift
from tests.builders import (
    NOON,
    make_order,
    make_package,
    make_runner,
    make_variant,
    pay_at_the_desk,
)

WISH = GiftWish("Uncle Ben", "Ines", "ines@example.org", "Good legs!")


@pytest.fixture
def gift(db) -> Gift:
    order = make_order(package=make_package(units=3, price_minor=10000), gift=WISH)
    pay_at_the_desk(order)
    return Gift.objects.get()


@pytest.fixture
def ines(db):
    runner = make_runner("ines@example.org", "Ines")
    EmailAddress.objects.create(user=runner, email=runner.email, verified=True, primary=True)
    return runner


def test_a_gift_is_nobodys_until_it_is_claimed(gift):
    buyer = gift.order.buyer
    assert wallet(buyer, on=practice_day(NOON)).available == 0
    with pytest.raises(NoCredit):
        reserve(
            owner=buyer,
            variant=make_variant(),
            booking_id=uuid.uuid4(),
            session_on=practice_day(NOON),
            by=None,
            at=NOON,
        )


def test_the_mail_has_the_words_and_the_code_the_database_has_not(gift):
    message = Message.objects.get(kind="gift_arrived")
    written = letter(message, at=NOON)

    assert message.to_email == "ines@example.org"
    assert written.subject == "A gift from Uncle Ben"
    assert written.context["code"] == code_of(gift)
    assert code_of(gift).replace("-", "") not in str(Gift.objects.values())


def test_claiming_hands_over_units_value_and_days(gift, ines):
    bought = CreditLot.objects.get()
    lot = claim(gift=gift, code=code_of(gift).lower().replace("-", " "), by=ines, at=NOON)

    assert lot.owner == ines
    assert (lot.units, lot.unit_values) == (3, bought.unit_values)
    assert (lot.starts_on, lot.expires_on) == (bought.starts_on, bought.expires_on)
    assert wallet(ines, on=practice_day(NOON)).available == 3
    assert wallet(gift.order.buyer, on=practice_day(NOON)).available == 0
    assert lot.bought_line.order == gift.order
    assert breaches() == []


def test_claiming_twice_is_claiming_once(gift, ines):
    lots = {claim(gift=gift, code=code_of(gift), by=ines, at=NOON) for _ in range(2)}
    assert len(lots) == 1
    assert CreditEntry.objects.filter(kind="transfer").count() == 2


def test_the_code_alone_is_not_enough_nor_is_the_address(gift, ines):
    other = make_runner()
    unproved = make_runner("else@example.org")
    EmailAddress.objects.create(user=unproved, email=WISH.to_email, verified=False)
    for somebody in (other, unproved):
        with pytest.raises(NotYours, match="another address"):
            claim(gift=gift, code=code_of(gift), by=somebody, at=NOON)
    with pytest.raises(NotYours, match="code"):
        claim(gift=gift, code="AAAA-BBBB-CCCC", by=ines, at=NOON)
    gift.refresh_from_db()
    assert gift.claimed_at is None


def test_sending_again_makes_a_new_code_and_may_correct_the_address(gift, ines):
    old = code_of(gift)
    later = NOON + timedelta(hours=1)
    sent = send_again(gift=gift, to_email="other@example.org", at=later)

    assert code_of(sent) != old
    first, second = Message.objects.filter(kind="gift_arrived").order_by("pk")
    assert second.to_email == "other@example.org"
    assert isinstance(letter(first, at=later), Silence)
    with pytest.raises(NotYours):
        claim(gift=gift, code=code_of(sent), by=ines, at=later)


def test_it_is_not_sent_twice_in_five_minutes_nor_after_it_is_claimed(gift, ines):
    with pytest.raises(NotToBeSent, match="five minutes"):
        send_again(gift=gift, at=NOON + timedelta(minutes=1))
    claim(gift=gift, code=code_of(gift), by=ines, at=NOON)
    with pytest.raises(NotToBeSent, match="claimed"):
        send_again(gift=gift, at=NOON + timedelta(hours=1))


def test_an_unpaid_gift_is_neither_sent_nor_claimed(db, ines):
    gift = make_order(gift=WISH).gift
    assert not Message.objects.exists()
    with pytest.raises(NotToBeSent, match="not paid"):
        send_again(gift=gift, at=NOON)
    with pytest.raises(NotYours):
        claim(gift=gift, code="", by=ines, at=NOON)


def test_a_gift_in_dispute_or_past_its_last_day_cannot_be_claimed(gift, ines):
    with pytest.raises(GiftGone, match="last day"):
        claim(gift=gift, code=code_of(gift), by=ines, at=NOON + timedelta(days=400))
    CreditLot.objects.update(frozen_for="dispute")
    with pytest.raises(GiftGone, match="just now"):
        claim(gift=gift, code=code_of(gift), by=ines, at=NOON)


def test_a_gift_nobody_claims_ends_with_its_last_day(gift):
    assert expire_due(at=NOON + timedelta(days=400)) == 3
    assert breaches() == []
    with pytest.raises(NotToBeSent, match="not there any more"):
        send_again(gift=gift, at=NOON + timedelta(days=401))


def test_what_cannot_be_a_gift(db):
    buyer = make_runner("ines@example.org")
    with pytest.raises(NotAGift, match="your own address"):
        make_order(buyer, gift=WISH)
    with pytest.raises(NotAGift, match="once for each person"):
        make_order(package=make_package(is_introductory=True), gift=WISH)


def test_two_people_may_be_given_the_same_at_once(db):
    buyer, package = make_runner(), make_package()
    one = make_order(buyer, package, gift=WISH)
    other = make_order(buyer, package, gift=GiftWish("Ben", "Mara", "mara@example.org"))
    again = make_order(buyer, package, gift=WISH)
    assert one == again != other
