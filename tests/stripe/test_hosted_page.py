"""The hosted checkout as a browser without JavaScript meets it."""

import html
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest

from tests.stripe.conftest import order

GOOD = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123", "name": "Nora"}


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


OPENER = urllib.request.build_opener(NoRedirect)


def visit(url, **form):
    """Status, where it leads, and the page as text."""
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        with OPENER.open(urllib.request.Request(url, data)) as answer:
            return answer.status, None, html.unescape(answer.read().decode())
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers.get("Location"), html.unescape(answer.read().decode())


@pytest.fixture
def session(stripe_server, client):
    return client.v1.checkout.sessions.create(order(customer_email="nora@example.com"))


def thanks(session):
    return f"https://shop.example/thanks?session={session.id}"


def test_it_says_what_is_paid_and_that_it_is_a_sandbox(session):
    status, _, page = visit(session.url)

    assert status == 200
    assert "Sandbox: no money moves" in page
    assert "5 × 60 minutes" in page
    assert re.search(r"<button[^>]*>Pay €315\.00</button>", page)
    assert 'href="https://shop.example/packages"' in page
    assert "nora@example.com" in page
    for token in ("cc-number", "cc-exp", "cc-csc", "cc-name"):
        assert f'autocomplete="{token}"' in page
    assert "<script" not in page


def test_paying_leads_back_to_the_shop(session, client):
    status, location, _ = visit(session.url, **GOOD)

    assert (status, location) == (303, thanks(session))
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_a_second_click_leads_the_same_way_and_takes_nothing(session, client):
    visit(session.url, **GOOD)

    assert visit(session.url, **GOOD)[:2] == (303, thanks(session))
    assert len(client.v1.charges.list().data) == 1


def test_coming_back_after_paying_shows_that_it_is_paid_and_the_way_on(session):
    visit(session.url, **GOOD)
    status, _, page = visit(session.url)

    assert status == 200
    assert "This is paid" in page
    assert "€315.00" in page
    assert f'href="{thanks(session)}"' in page
    assert "cc-number" not in page


def test_one_tap_on_a_test_card_is_enough(session):
    assert visit(session.url, test_card="4242424242424242")[:2] == (303, thanks(session))


def test_a_test_card_mends_what_was_typed_wrong(session):
    wrong = {"number": "4111", "expiry": "soon", "cvc": "1", "name": ""}

    assert visit(session.url, **wrong, test_card="4242424242424242")[0] == 303


def test_a_decline_is_told_on_the_same_page_with_everything_kept(session, client):
    status, _, page = visit(session.url, **GOOD | {"number": "4000 0000 0000 0002"})

    assert status == 402
    assert "The bank said no, and nothing was taken." in page
    for value in ("4000 0000 0000 0002", "12 / 34", "123", "Nora"):
        assert f'value="{value}"' in page
    assert visit(session.url, **GOOD)[0] == 303
    assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("number", "", "Enter the card number."),
        ("number", "4111 1111 1111 1111", "test cards only"),
        ("expiry", "13 / 30", "Enter month and year"),
        ("expiry", "01 / 20", "This date has passed."),
        ("expiry", "soon", "Enter month and year"),
        ("cvc", "12", "three digits"),
        ("name", " ", "Enter the name"),
    ],
)
def test_a_field_that_is_wrong_is_named_before_the_bank_is_asked(
    session, client, field, value, words
):
    status, _, page = visit(session.url, **GOOD | {field: value})

    assert status == 422
    assert words in page
    assert 'aria-invalid="true"' in page
    assert client.v1.payment_intents.list().data == []


def test_a_number_that_could_be_real_is_not_shown_again(session):
    assert "4111" not in visit(session.url, **GOOD | {"number": "4111 1111 1111 1111"})[2]


def test_the_bank_asks_and_is_answered(session, client):
    status, location, _ = visit(session.url, **GOOD | {"number": "4000002760003184"})
    assert (status, location) == (303, f"/c/pay/{session.id}/confirmation")
    confirmation = urllib.parse.urljoin(session.url, location)
    assert "is this you?" in visit(confirmation)[2]

    status, _, page = visit(confirmation, answer="fail")
    assert status == 402
    assert "was not confirmed" in page
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"

    visit(session.url, **GOOD | {"number": "4000002760003184"})
    assert visit(confirmation, answer="complete")[:2] == (303, thanks(session))


def test_an_expired_checkout_says_so_and_shows_the_way_back(stripe_server, session):
    stripe_server.advance("25h")
    status, _, page = visit(session.url, **GOOD)

    assert status == 410
    assert "has expired" in page
    assert 'href="https://shop.example/packages"' in page


def test_a_checkout_that_the_shop_closed_is_not_called_expired(session, client):
    client.v1.checkout.sessions.expire(session.id)
    status, _, page = visit(session.url)

    assert status == 410
    assert "was cancelled" in page
    assert 'href="https://shop.example/packages"' in page


def test_no_such_checkout(stripe_server):
    status, _, page = visit(f"{stripe_server.url}/c/pay/cs_test_nothing")
    assert status == 404
    assert "There is no such checkout" in page
    assert visit(f"{stripe_server.url}/c/pay/../etc")[0] == 404


def test_what_the_shop_sends_is_text_not_markup(stripe_server, client):
    lines = order()["line_items"]
    lines[0]["price_data"]["product_data"]["name"] = "<b>bold</b>"
    session = client.v1.checkout.sessions.create(order(line_items=lines))

    with OPENER.open(session.url) as answer:
        page = answer.read().decode()
    assert "<b>bold</b>" not in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page


@pytest.mark.parametrize(
    ("currency", "amount", "shown"),
    [("jpy", 31500, "¥31,500"), ("kwd", 31505, "KWD 31.505"), ("gbp", 31505, "£315.05")],
)
def test_the_amount_has_the_places_of_its_currency(client, currency, amount, shown):
    lines = order(amount)["line_items"]
    lines[0]["price_data"]["currency"] = currency
    session = client.v1.checkout.sessions.create(order(line_items=lines))

    assert f">Pay {shown}</button>" in visit(session.url)[2]


@pytest.mark.parametrize(
    ("way", "states"), [("before", {"delivered"}), ("after", {"due"}), ("never", set())]
)
def test_the_payer_chooses_when_the_shop_hears_of_it(stripe_server, session, inbox, way, states):
    stripe_server.settings(deliver="never", delivery_delay_real=60)
    visit(session.url, test_card="4242424242424242", deliver=way)

    assert stripe_server.settings()["deliver"] == way
    heard = {event["type"] for event in inbox.waiting()}
    assert ("checkout.session.completed" in heard) == (way == "before")
    caused = stripe_server.events("checkout.session.completed")[0]
    assert {delivery["state"] for delivery in caused["deliveries"]} == states


def test_a_way_that_does_not_exist_changes_nothing(stripe_server, session):
    assert visit(session.url, test_card="4242424242424242", deliver="maybe")[0] == 303
    assert stripe_server.settings()["deliver"] == "after"


@pytest.mark.parametrize(
    ("card", "group"),
    [
        ("4242424242424242", "Pays"),
        ("4000000000009995", "Declined"),
        ("4000002760003184", "The bank asks first"),
        ("4000000000000259", "Disputed later"),
        ("4000000000005423", "Disputed later"),
        ("4000000000005126", "Refund trouble"),
    ],
)
def test_each_test_card_stands_under_what_it_does(session, card, group):
    page = visit(session.url)[2]
    before = page[: page.index(f'value="{card}"')]

    assert re.findall(r"<h3[^>]*>([^<]*)</h3>", before)[-1] == group


def test_a_debit_leads_back_to_the_shop_before_the_money_is_there(frozen, session, client):
    account = {"iban": "DE89 3704 0044 0532 0130 00", "holder": "Nora Fischer"}
    assert visit(session.url, **account)[:2] == (303, thanks(session))

    paid = client.v1.checkout.sessions.retrieve(session.id)
    assert (paid.payment_status, paid.customer_details.name) == ("unpaid", "Nora Fischer")
    assert "Your debit is on its way" in visit(session.url)[2]
    frozen.advance("1h")
    assert "This is paid" in visit(session.url)[2]


def test_a_debit_that_came_to_nothing_is_not_called_paid(frozen, session):
    visit(session.url, test_card="DE62370400440532013001")
    frozen.advance("1h")

    page = visit(session.url)[2]
    assert "The debit did not go through" in page
    assert f'href="{thanks(session)}"' in page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("iban", "", "Enter the IBAN."),
        ("iban", "DE02 1203 0000 0000 2020 51", "test accounts only"),
        ("holder", " ", "Enter the name of the account holder."),
    ],
)
def test_a_debit_with_something_wrong_is_not_tried(session, client, field, value, words):
    typed = {"method": "sepa_debit", "iban": "DE89370400440532013000", "holder": "Nora"}
    status, _, page = visit(session.url, **typed | {field: value})

    assert status == 422
    assert words in page
    assert "DE02" not in page
    assert client.v1.payment_intents.list().data == []


@pytest.mark.parametrize(
    ("more", "cards", "debits"),
    [
        ({}, True, True),
        ({"excluded_payment_method_types": ["sepa_debit"]}, True, False),
        ({"allowed_payment_method_types": ["sepa_debit"]}, False, True),
    ],
)
def test_only_what_the_shop_takes_is_offered(client, more, cards, debits):
    session = client.v1.checkout.sessions.create(order(customer_email="n@example.com", **more))
    page = visit(session.url)[2]

    assert ('name="number"' in page, "4242 4242 4242 4242" in page) == (cards, cards)
    assert ('name="iban"' in page, 'value="DE89370400440532013000"' in page) == (debits, debits)
    assert ("Pay with" in page) == (cards and debits)


def test_without_an_address_the_page_asks_for_one(client):
    session = client.v1.checkout.sessions.create(order())

    assert "name@example.com" in visit(session.url, **GOOD)[2]
    visit(session.url, **GOOD, email="nora@example.com")
    paid = client.v1.checkout.sessions.retrieve(session.id)
    assert paid.customer_details.email == "nora@example.com"


def test_nothing_to_pay_needs_no_card(client):
    session = client.v1.checkout.sessions.create(order(0, customer_email="nora@example.com"))
    page = visit(session.url)[2]
    assert "cc-number" not in page
    assert "Confirm, nothing to pay" in page

    assert visit(session.url, go="1")[:2] == (303, thanks(session))


def test_the_control_room_shows_what_there_is(stripe_server, session, client):
    visit(session.url, **GOOD)
    stripe_server.advance("4d")
    page = visit(f"{stripe_server.url}/")[2]

    for words in ("Control room", "€310.02", "payout.paid", "POST /v1/checkout/sessions"):
        assert words in page


@pytest.mark.parametrize("name", ["sandbox.css", "checkout.css", "room.css", "mark.svg"])
def test_its_own_files(stripe_server, name):
    assert visit(f"{stripe_server.url}/static/{name}")[0] == 200


@pytest.mark.parametrize("name", ["../pages.py", "pages.py", "%2e%2e/pages.py", "nothing.css"])
def test_and_no_others(stripe_server, name):
    assert visit(f"{stripe_server.url}/static/{name}")[0] == 404
