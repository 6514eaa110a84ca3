"""The control room as somebody uses it: press a button, read what happened, see that it did."""

import html
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest

from tests.stripe.conftest import TEN_OCLOCK, order
from tests.stripe.test_hosted_page import OPENER, visit


class Room:
    """The pages of a running sandbox, followed from page to button and back."""

    def __init__(self, url: str) -> None:
        self.url = url

    def read(self, page: str = "/") -> str:
        status, _, text = visit(self.url + page)
        assert status == 200
        return text

    def press(self, label: str, *, on: str = "/", **typed: str) -> str:
        """Send the first form that has this button; the page it leads back to."""
        form = next(form for form in forms(self.read(on)) if f">{label}<" in form)
        form = re.sub(r'<input[^>]*type="checkbox"(?![^>]* checked)[^>]*>', "", form)
        fields = dict(re.findall(r'name="([^"]+)"[^>]* value="([^"]*)"', form))
        action = re.search(r'action="([^"]+)"', form).group(1)
        status, back = self.post(action, fields | typed, Referer=self.url + on)
        assert (status, back) == (303, on)
        return self.read(on)

    def post(self, action: str, fields: dict, **headers: str) -> tuple[int, str | None]:
        data = urllib.parse.urlencode(fields).encode()
        try:
            OPENER.open(urllib.request.Request(self.url + action, data, headers))
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers.get("Location")
        raise AssertionError("an act answers with a redirect or a refusal")


def forms(page: str) -> list[str]:
    """Each with spaces instead of line ends, and without what only screen readers hear."""
    silent = re.sub(r'<span class="heard">[^<]*</span>', "", page).replace("\n", " ")
    return re.findall(r"<form.*?</form>", silent)


@pytest.fixture
def room(stripe_server) -> Room:
    return Room(stripe_server.url)


@pytest.fixture
def still(frozen) -> Room:
    """With a clock that stands still."""
    return Room(frozen.url)


def paid(sandbox, client, card="4242424242424242", amount=31500):
    session = client.v1.checkout.sessions.create(order(amount, customer_email="nora@example.com"))
    sandbox.pay(session.id, card)
    return client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})


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


# webhooks --------------------------------------------------------------------------------


def test_webhooks_are_held_and_let_go_in_reverse(room, stripe_server, client, inbox):
    assert "Webhooks are held" in room.press("Hold", on="/room/webhooks")
    paid(stripe_server, client)
    caused = [event["type"] for event in reversed(stripe_server.events())]
    assert inbox.waiting() == []

    page = room.press("Release in reverse", on="/room/webhooks")
    assert f"{len(caused)} sent." in page
    assert [event["type"] for event in inbox.waiting()] == caused[::-1]


def test_one_event_is_released_doubled_and_dropped(room, stripe_server, client, inbox):
    stripe_server.hold()
    paid(stripe_server, client)
    newest = stripe_server.events()[0]

    room.press("Duplicate", on="/room/webhooks")
    room.press("Release", on="/room/webhooks")
    assert [event["id"] for event in inbox.waiting()] == [newest["id"]] * 2

    assert "the shop will not hear of it" in room.press("Drop", on="/room/webhooks")
    states = {d["state"] for event in stripe_server.events() for d in event["deliveries"]}
    assert states == {"delivered", "held", "dropped"}


def test_a_delivered_event_goes_out_again_and_as_a_twin(room, stripe_server, client, inbox):
    paid(stripe_server, client)
    newest = stripe_server.events()[0]["id"]
    inbox.waiting()

    room.press("Send again", on="/room/webhooks")
    room.press("Twin", on="/room/webhooks")
    again, twin = inbox.waiting()
    assert again["id"] == newest
    assert twin["id"] != newest
    assert twin["data"] == again["data"]


def test_when_the_shop_hears_of_it_is_one_tap(room, stripe_server):
    room.press("not at all", on="/room/webhooks")
    assert stripe_server.settings()["deliver"] == "never"


def test_a_delivery_that_the_shop_refused_is_seen(room, stripe_server, client, inbox):
    inbox.status = 500
    paid(stripe_server, client)

    assert "due 500" in room.read("/room/webhooks")


# faults ----------------------------------------------------------------------------------


def test_a_fault_waits_strikes_and_is_cleared(room, stripe_server, client):
    typed = {"kind": "500_after", "path": "/v1/refunds", "method": "POST", "count": "2"}
    page = room.press("Add the fault", on="/room/faults", **typed)
    assert "The next 2 calls to POST /v1/refunds will meet 500_after." in page
    assert stripe_server.get("faults")["faults"][0]["count"] == 2

    assert "No fault waits any more." in room.press("Clear all", on="/room/faults")
    assert stripe_server.get("faults")["faults"] == []


def test_a_fault_that_would_never_strike_is_refused(room, stripe_server):
    page = room.press("Add the fault", on="/room/faults", kind="502", count="0")

    assert "That did not work: count is at least 1." in page
    assert stripe_server.get("faults")["faults"] == []


# calls and objects -----------------------------------------------------------------------


def test_a_call_has_a_page_with_what_it_caused(room, client):
    client.v1.customers.create({"email": "nora@example.com"}, {"idempotency_key": "customer:41"})
    address = re.search(r'"(/room/calls/req_\w+)"', room.read("/room/calls")).group(1)
    page = room.read(address)

    for words in ("POST /v1/customers", "customer:41", "customer.created", "nora@example.com"):
        assert words in page


def test_an_object_is_shown_as_the_api_shows_it(room, stripe_server, client):
    session = paid(stripe_server, client)
    page = room.read(f"/room/objects/{session.payment_intent.latest_charge}")

    assert '"amount": 31500' in page
    assert "charge.succeeded" in page
    assert "_settles_at_once" not in page


@pytest.mark.parametrize("name", ["objects/ch_nothing", "calls/req_nothing", "nothing", "do/clock"])
def test_what_is_not_there_is_told_kindly(room, name):
    status, _, page = visit(f"{room.url}/room/{name}")

    assert status == 404
    assert "There is nothing here" in page


def test_an_empty_room_says_what_will_be_there(room):
    page = room.read()
    for words in ("A checkout appears here", "Money is available two days", "Nobody has called"):
        assert words in page
    assert "Nothing is set to fail." in room.read("/room/faults")


# settings --------------------------------------------------------------------------------


def test_settings_change_and_say_what_changed(room, stripe_server, client):
    page = room.press("Save", on="/room/settings", fee_basis_points="290", payout_hour="4")

    assert "Changed: fee basis points is 290, payout hour is 4." in page
    assert stripe_server.settings()["fee_basis_points"] == 290
    assert "Nothing has changed." in room.press("Save", on="/room/settings")


def test_a_box_is_ticked_and_unticked(room, stripe_server):
    for wanted in ("true", "false"):
        room.press("Save", on="/room/settings", refund_into_debt=wanted)
        assert stripe_server.settings()["refund_into_debt"] == (wanted == "true")
        assert "Nothing has changed." in room.press("Save", on="/room/settings")


def test_a_setting_that_cannot_be_is_refused(room, stripe_server):
    page = room.press("Save", on="/room/settings", payout_hour="24")

    assert "That did not work: payout_hour is between 0 and 23." in page
    assert stripe_server.settings()["payout_hour"] == 6


def test_a_reset_forgets_all_but_where_webhooks_go(room, stripe_server, client, inbox):
    paid(stripe_server, client)
    page = room.press("Forget everything", on="/room/settings")

    assert "Everything is forgotten" in page
    assert client.v1.charges.list().data == []
    assert stripe_server.settings()["webhook_url"] == inbox.url


# who may ---------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["/room/do/reset", "/_sandbox/reset"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8000"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_on_another_website_changes_nothing(room, stripe_server, client, action, headers):
    client.v1.customers.create({"email": "nora@example.com"})

    assert room.post(action, {"go": "1"}, **headers)[0] == 403
    assert len(client.v1.customers.list().data) == 1


def test_an_act_leads_back_to_pages_of_the_room_only(still):
    for referer in ("https://evil.example/x", "http://h/room/do/reset", "http://h//evil.example"):
        back = still.post("/room/do/clock", {"advance": "1h"}, Referer=referer)
        assert back == (303, "/")


def test_what_a_shop_or_a_setting_says_is_text_not_markup(room, stripe_server, client):
    stripe_server.settings(business_name="<b>bold</b>")
    client.v1.checkout.sessions.create(order(client_reference_id="<b>41</b>"))

    for page, text in (("/", "<b>41</b>"), ("/room/settings", "<b>bold</b>")):
        with OPENER.open(room.url + page) as answer:
            raw = answer.read().decode()
        assert html.escape(text) in raw
        assert text not in raw
