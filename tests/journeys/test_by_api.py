"""The runner's, the staff's and the bookkeeper's journey, told in HTTP requests only.

Real processes: the portal, a task worker and the local Stripe server, which delivers its webhooks
to the portal. What a phone app or another front end would send, and nothing else.
"""

import time
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.journeys.api_client import ApiClient
from tests.journeys.people import BOOKS, DESK, PASSWORD
from tests.journeys.running import RunningPortal
from tests.stripe.kit import check, coverage_of, needs_kit

FIVE = "five-60"
pytestmark = pytest.mark.journey


def eventually(look: Callable[[], Any], *, seconds: float = 60) -> Any:
    """The first true answer of ``look``; the worker and the webhooks take their time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.3)
    raise AssertionError(f"Not within {seconds} s.")


@pytest.fixture
def anyone(portal: RunningPortal) -> ApiClient:
    return ApiClient(portal)


@pytest.fixture
def runner(portal: RunningPortal) -> ApiClient:
    client = ApiClient(portal)
    client.join("noor@example.org")
    return client


def staff(portal: RunningPortal, email: str) -> ApiClient:
    client = ApiClient(portal)
    client.sign_in(email, PASSWORD)
    return client


def free_times(client: ApiClient, variant: str) -> list[Any]:
    start = date.today() + timedelta(days=4)  # noqa: DTZ011 - any day with room will do
    end = start + timedelta(days=3)
    location = client.get("locations/")[0]["code"]
    return client.get("availability/", variant=variant, location=location, start=start, end=end)


def hold(client: ApiClient, variant: str, wanted: Any, *, expect: int = 201, key: str = "") -> Any:
    body = {
        "variant": variant,
        "location": wanted["location"],
        "starts_at": wanted["starts_at"],
        "therapist": wanted["therapist"],
    }
    return client.post("holds/", body, expect=expect, key=key)


def order(client: ApiClient, held: Any, **more: Any) -> Any:
    back = f"{client.portal.url}/account/"
    body = {"package": FIVE, "success_url": back, "cancel_url": back, "reserved_for": held["id"]}
    return client.post("orders/", body | more, expect=201)


def test_from_article_to_balanced_books(
    portal: RunningPortal, anyone: ApiClient, runner: ApiClient
) -> None:
    # Somebody reads the article, and its blocks come as JSON with references.
    card = anyone.get("content/articles/")["items"][0]
    article = anyone.get("content/by-path/", path=urlsplit(card["url"]).path)
    block = next(one for one in article["body"] if one["type"] == "next_times")
    variant_code = block["value"]["variant"]
    offer = next(one for one in anyone.get("packages/") if one["code"] == FIVE)
    assert (offer["units"], variant_code in offer["variant_codes"]) == (5, True)

    # She keeps a time, and buys; the first card is declined, her time is still hers.
    first, second, *_ = free_times(anyone, variant_code)
    held = hold(runner, variant_code, first)
    bought = order(runner, held)
    checkout = bought["checkout_url"].rsplit("/", 1)[-1]
    assert portal.sandbox.pay(checkout, card="4000000000000002")["outcome"] == "declined"
    assert runner.get(f"bookings/{held['id']}/")["state"] == "held"
    assert runner.get("credits/")["available"] == 0
    assert portal.sandbox.pay(checkout)["outcome"] == "paid"

    # The signed webhook brings the credits and books the session.
    booked = eventually(
        lambda: (one := runner.get(f"bookings/{held['id']}/"))["state"] == "confirmed" and one
    )
    assert booked["therapist_name"]
    assert runner.get(f"orders/{bought['id']}/")["status"] == "paid"
    assert runner.get("credits/")["available"] == 4

    # She moves it, looks what cancelling would do, cancels in time and has her credit back.
    wish = {"starts_at": second["starts_at"], "therapist": second["therapist"]}
    quote = runner.post(f"bookings/{held['id']}/quote/", {"act": "move"} | wish)
    moved = runner.post(f"bookings/{held['id']}/move/", {"quote": quote["quote"]})
    assert (moved["id"], moved["starts_at"]) == (held["id"], second["starts_at"])
    quote = runner.post(f"bookings/{held['id']}/quote/", {"act": "cancel"})
    assert quote["credit"] == "returned"
    runner.post(f"bookings/{held['id']}/cancellation/", {"quote": quote["quote"]})
    assert runner.get("credits/")["available"] == 5
    movements = [(one["change"], one["balance"]) for one in runner.get("credits/movements/")]
    assert movements == [(1, 5), (-1, 4), (5, 5)]

    # A session today: the desk sees it, marks her arrived and done.
    today = portal.run("-m", "tests.journeys.today", runner.email).split()[-1]
    desk = staff(portal, DESK.email)
    session_now = runner.get(f"bookings/{today}/")
    on = session_now["starts_at"][:10]
    day = desk.get("staff/day/", location=session_now["location"], on=on)
    assert today in [one["id"] for one in day]
    assert desk.post(f"staff/bookings/{today}/arrival/")["state"] == "checked_in"
    assert desk.post(f"staff/bookings/{today}/completion/")["state"] == "completed"

    # The bookkeeper: the payout opens down to her sessions, nothing is left over.
    portal.sandbox.advance("5d")
    books = staff(portal, BOOKS.email)
    reconciled = eventually(lambda: _paid_out(books), seconds=90)
    assert reconciled["residual_minor"] == 0
    assert reconciled["owed_minor"] == reconciled["owed_by_lots_minor"]
    lines = [
        line
        for payout in books.get("staff/payouts/")
        for line in books.get(f"staff/payouts/{payout['id']}/")["lines"]
    ]
    hers = next(line for line in lines if line["order"] == bought["number"])
    assert hers["amount_minor"] == offer["price_minor"]
    assert today in hers["bookings"]


def _paid_out(books: ApiClient) -> Any:
    """The books once every payout has its transactions and nothing is on its way."""
    found = books.get("staff/reconciliation/")
    return found if found["paid_out_minor"] and not found["on_its_way_minor"] else None


def test_the_loser_of_a_race_gets_three_near_times(
    portal: RunningPortal, anyone: ApiClient
) -> None:
    variant = anyone.get("packages/")[0]["variant_codes"][0]
    winner, loser = ApiClient(portal), ApiClient(portal)
    winner.join("quick@example.org")
    loser.join("slow@example.org")
    wanted = free_times(anyone, variant)[-1]
    hold(winner, variant, wanted)

    refusal = hold(loser, variant, wanted, expect=409)

    assert refusal["code"] == "time_taken"
    assert len(refusal["nearest"]) == 3


def test_twice_under_one_key_is_once(runner_again: ApiClient) -> None:
    variant = runner_again.get("packages/")[0]["variant_codes"][0]
    wanted = free_times(runner_again, variant)[3]

    first = hold(runner_again, variant, wanted, key="one")
    second = hold(runner_again, variant, wanted, key="one")

    assert first == second
    assert len(runner_again.get("bookings/")["items"]) == 1


@pytest.fixture
def runner_again(portal: RunningPortal) -> ApiClient:
    client = ApiClient(portal)
    client.join(f"twice-{uuid.uuid4().hex[:8]}@example.org")
    return client


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("bookings/", {"hold": "00000000-0000-4000-8000-000000000000"}, 404, "not_found"),
        ("orders/", {"package": "no-such"}, 422, "invalid"),
        (
            "orders/",
            {"package": FIVE, "success_url": "https://evil.example/", "cancel_url": "x"},
            409,
            "foreign_address",
        ),
    ],
)
def test_bad_input_gets_a_code(
    runner_again: ApiClient, path: str, body: dict[str, str], status: int, code: str
) -> None:
    assert runner_again.post(path, body, expect=status)["code"] == code


def test_strangers_get_nothing(portal: RunningPortal, anyone: ApiClient) -> None:
    assert anyone.get("credits/", expect=401)["code"] == "sign_in_first"
    books = staff(portal, DESK.email)
    assert books.get("staff/reconciliation/", expect=404)["code"] == "not_found"


@needs_kit
def test_what_we_said_to_stripe_keeps_to_its_specification(portal: RunningPortal, capsys) -> None:
    """Last in this file: it reads what the journeys above were recorded saying."""
    recording = portal.folder / "stripe-traffic.jsonl"
    run = check(recording, secret=portal.sandbox.webhook_secret, at_least=20)
    with capsys.disabled():
        print(f"\n{coverage_of(run)}")

    assert run.returncode == 0, run.stdout + run.stderr
    assert ": 0 errors" in run.stdout
