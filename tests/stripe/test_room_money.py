"""Clock, balance, payments and payouts in the control room: press, read, see that it is so."""

import pytest

from tests.stripe.conftest import TEN_OCLOCK, order
from tests.stripe.room import Room, forms, paid


@pytest.fixture
def room(stripe_server) -> Room:
    return Room(stripe_server.url)


@pytest.fixture
def still(frozen) -> Room:
    """The control room, with a clock that stands still."""
    return Room(frozen.url)


# clock and balance -----------------------------------------------------------------------


@pytest.mark.parametrize(("label", "hours"), [("+1h", 1), ("+1d", 24), ("+3d", 72), ("+30d", 720)])
def test_the_clock_goes_on_by_one_tap(still, stripe_server, label, hours):
    page = still.press(label)

    assert stripe_server.now() == TEN_OCLOCK + hours * 3600
    assert "The clock went on by" in page


def test_the_clock_stands_still_runs_and_is_set(room, stripe_server):
    assert "The clock stands still." in room.press("Freeze")
    assert "The clock runs again." in room.press("Let it run")
    assert "It is Fri 1 Jan 2027 08:30:00 UTC." in room.press("Set", set="2027-01-01T08:30")
    assert stripe_server.now() - 1_798_792_200 < 60


def test_a_clock_that_may_not_go_back_says_why(still, stripe_server, client):
    paid(stripe_server, client)
    page = still.press("Set", set="2026-01-01T00:00")

    assert "That did not work: The clock does not run backwards" in page
    assert stripe_server.now() == TEN_OCLOCK


def test_money_arrives_and_is_paid_out_by_hand(still, stripe_server, client):
    paid(stripe_server, client)
    still.press("+1h")
    assert "Nothing is available, so nothing was paid out." in still.press("Pay out now")

    still.press("+3d")
    assert [payout.amount for payout in client.v1.payouts.list().data] == [31002]
    paid(stripe_server, client, card="4000000000000077", amount=10000)
    still.press("+1h")
    assert "€98.25 left for the bank" in still.press("Pay out now")


def available(still, stripe_server, client):
    """€98.25 that may be paid out."""
    paid(stripe_server, client, card="4000000000000077", amount=10000)
    still.press("+1h")


def test_a_payout_by_hand_is_cancelled_before_it_leaves(still, stripe_server, client):
    available(still, stripe_server, client)

    assert "A payout of €98.25 by hand will leave" in still.press("By hand €98.25")
    assert "The payout of €98.25 was cancelled." in still.press("Cancel")
    assert [payout.status for payout in client.v1.payouts.list().data] == ["canceled"]
    assert "By hand €98.25" in still.read()


def test_a_payout_fails_by_hand_or_because_the_next_one_shall(still, stripe_server, client):
    available(still, stripe_server, client)
    still.press("Pay out now")
    assert "The bank sent the payout of €98.25 back" in still.press("Fail")

    assert "next payout is fails" in still.press("Next payout fails")
    still.press("+1d")
    still.press("+1h")
    assert [one.status for one in client.v1.payouts.list().data] == ["failed", "failed"]


def test_the_next_refund_fails_unless_it_is_switched_off_again(still, stripe_server):
    still.press("Next refund fails")
    assert stripe_server.settings()["next_refund"] == "fails"
    still.press("Next refund fails")
    assert stripe_server.settings()["next_refund"] == ""


def test_money_moves_without_a_payment(still, client):
    typed = {"type": "stripe_fee", "amount": "-1200", "currency": "eur"}
    page = still.press("Add the row", on="/room/payments", **typed)

    assert "-€12.00 as stripe_fee is in the balance now." in page
    assert client.v1.balance_transactions.list().data[0].net == -1200


def test_a_sentence_is_told_once(still):
    assert "The clock went on" in still.press("+1h")
    assert "The clock went on" not in still.read()


# payments --------------------------------------------------------------------------------


def test_an_open_checkout_can_be_paid_or_declined_from_here(room, client):
    first = client.v1.checkout.sessions.create(order(customer_email="nora@example.com"))

    assert "was declined" in room.press("Decline")
    assert client.v1.checkout.sessions.retrieve(first.id).status == "open"
    assert "€315.00 was paid." in room.press("Pay")
    assert client.v1.checkout.sessions.retrieve(first.id).payment_status == "paid"


def test_a_refund_in_the_dashboard_and_its_failure(still, stripe_server, client):
    session = paid(stripe_server, client)
    still.press("+1h")

    page = still.press("Refund half")
    assert "Refund of €157.50 in Stripe's dashboard" in page
    assert "part refunded" in page
    refund = client.v1.refunds.list({"payment_intent": session.payment_intent.id}).data[0]
    assert (refund.amount, refund.metadata.to_dict()) == (15750, {})

    assert "The refund of €157.50 has failed" in still.press("Fail the refund")
    assert client.v1.refunds.retrieve(refund.id).status == "failed"
    assert "Refund of €315.00" in still.press("Refund")
    assert ">Dispute<" not in " ".join(forms(still.read()))


@pytest.mark.parametrize(
    ("label", "status", "words"),
    [("Won", "won", "The dispute was won"), ("Lost", "lost", "was lost")],
)
def test_a_dispute_is_opened_and_settled(still, stripe_server, client, label, status, words):
    paid(stripe_server, client)
    still.press("+1h")

    assert "The bank disputes €315.00 and has taken it back." in still.press("Dispute")
    assert ">Refund<" not in " ".join(forms(still.read()))
    assert words in still.press(label)
    assert [one.status for one in client.v1.disputes.list().data] == [status]


def test_an_inquiry_is_escalated_or_rests(still, stripe_server, client):
    paid(stripe_server, client)
    still.press("+1h")

    assert "no money has moved" in still.press("Inquiry")
    assert "The inquiry is a dispute now" in still.press("Escalate")
    still.press("Lost")
    paid(stripe_server, client)
    still.press("Inquiry")
    assert "The bank asks no more about €315.00." in still.press("Let it rest")


def test_a_debit_is_returned_after_its_money_came(still, stripe_server, client):
    paid(stripe_server, client, card="DE89370400440532013000")
    assert "processing" in still.read()
    still.press("+1h")

    assert "sent the debit of €315.00 back" in still.press("Return the debit")
    assert [charge.status for charge in client.v1.charges.list().data] == ["failed"]


def test_a_fraud_warning_is_seen_beside_its_payment(still, stripe_server, client):
    paid(stripe_server, client, card="4000000000005423")

    assert "Early fraud warning" in still.read()


def test_an_open_checkout_is_closed_for_the_shop(room, client):
    session = client.v1.checkout.sessions.create(order())

    assert "The checkout of €315.00 is closed" in room.press("Close")
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
