"""Webhooks, faults, calls and settings in the control room, and who may press its buttons."""

import html
import re

import pytest

from tests.stripe.conftest import order
from tests.stripe.room import Room, paid
from tests.stripe.test_hosted_page import OPENER, visit


@pytest.fixture
def room(stripe_server) -> Room:
    return Room(stripe_server.url)


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


def test_a_spoiled_webhook_waits_and_is_cleared(room, stripe_server):
    page = room.press("Spoil them", on="/room/faults", fault="unsigned", type="charge.*")
    assert "The next delivery of charge.*: unsigned." in page
    assert stripe_server.get("faults")["deliveries"][0]["type"] == "charge.*"

    room.press("Clear all", on="/room/faults")
    assert stripe_server.get("faults")["deliveries"] == []


def test_an_event_of_an_unknown_type_is_made_up(room, inbox):
    typed = {"emit": "moon.full", "account": "acct_1Somebody", "livemode": "true"}
    assert "moon.full was made up." in room.press("Send the event", on="/room/webhooks", **typed)

    event = inbox.waiting()[0]
    assert (event["type"], event["account"], event["livemode"]) == (
        "moon.full",
        "acct_1Somebody",
        True,
    )


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


def test_an_act_leads_back_to_pages_of_the_room_only(room):
    for referer in ("https://evil.example/x", "http://h/room/do/reset", "http://h//evil.example"):
        back = room.post("/room/do/clock", {"advance": "1h"}, Referer=referer)
        assert back == (303, "/")


def test_what_a_shop_or_a_setting_says_is_text_not_markup(room, stripe_server, client):
    stripe_server.settings(business_name="<b>bold</b>")
    client.v1.checkout.sessions.create(order(client_reference_id="<b>41</b>"))

    for page, text in (("/", "<b>41</b>"), ("/room/settings", "<b>bold</b>")):
        with OPENER.open(room.url + page) as answer:
            raw = answer.read().decode()
        assert html.escape(text) in raw
        assert text not in raw
