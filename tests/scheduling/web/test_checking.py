"""Paying for a held time: with a credit, or by an order on the card page."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from payments import selling
from payments.models import CreditEntry, Order, PaymentAttempt, PromotionCode
from payments.sandbox.testing import RunningSandbox
from scheduling.booking import release_expired_holds
from scheduling.errors import Busy
from scheduling.models import Booking
from tests.builders import make_lot, make_variant
from tests.scheduling.web.conftest import Visit, reload


@pytest.fixture
def stripe(settings):
    """The local Stripe server; webhooks are not delivered, returning to the shop is."""
    with RunningSandbox() as sandbox:
        settings.STRIPE_API_BASE = sandbox.url
        settings.STRIPE_SECRET_KEY = sandbox.key
        settings.STRIPE_WEBHOOK_SECRETS = [sandbox.webhook_secret]
        settings.STRIPE_SANDBOX_ALLOWED = True
        yield sandbox


def check_text(visit: Visit, booking: Booking, query: str = "") -> str:
    return visit.get(booking, f"check/{query}", "book").content.decode()


def pay_for(visit: Visit, booking: Booking, package: str = "five-60"):
    return visit.post(booking, "checkout/", "book", package=package)


# --- with a credit -----------------------------------------------------------------------------


def test_with_a_credit_there_is_one_button_and_what_it_leaves(her_visit: Visit, lot):
    text = check_text(her_visit, her_visit.held())
    assert "Uses 1 of 4, you will have 3" in text
    assert "Confirm booking" in text
    assert "Go to payment" not in text
    assert "Free to move or cancel until" in text


def test_confirming_reserves_one_credit_and_shows_what_is_left(her_visit: Visit, lot):
    booking = her_visit.held()
    answer = her_visit.post(booking, "confirmation/", "book")
    assert answer.url == f"/bookings/{booking.public_id}/"
    assert "3 credits left" in her_visit.client.get(answer.url).content.decode()
    assert reload(booking).state == Booking.State.CONFIRMED


def test_a_double_click_uses_one_credit(her_visit: Visit, lot):
    booking = her_visit.held()
    for _ in range(2):
        answer = her_visit.post(booking, "confirmation/", "book")
        assert answer.url == f"/bookings/{booking.public_id}/"
    assert CreditEntry.objects.filter(kind="reserve").count() == 1


def test_a_lapsed_hold_is_confirmed_if_its_time_is_still_free(her_visit: Visit, lot):
    booking = her_visit.held()
    with time_machine.travel(timezone.now() + timedelta(minutes=12)):
        release_expired_holds(at=timezone.now())
        her_visit.client.force_login(booking.runner)
        assert "We no longer hold this time" in check_text(her_visit, booking)
        her_visit.post(booking, "confirmation/", "book")
    assert reload(booking).state == Booking.State.CONFIRMED


def test_a_lapsed_hold_whose_time_is_taken_gets_409_and_keeps_the_credit(
    her_visit: Visit, other_visit: Visit, lot
):
    booking = her_visit.held()
    with time_machine.travel(timezone.now() + timedelta(minutes=12)):
        release_expired_holds(at=timezone.now())
        other_visit.held(booking.starts_at)
        answer = her_visit.post(booking, "confirmation/", "book")
    assert answer.status_code == 409
    assert answer.content.decode().count('name="slot"') == 3
    assert not CreditEntry.objects.filter(kind="reserve").exists()


def test_the_last_credit_spent_in_another_window_leads_to_the_packages(
    her_visit: Visit, runner, practice
):
    make_lot(runner, units=1, variants=[practice.variant], at=datetime.now(UTC))
    first = her_visit.held()
    her_visit.post(first, "confirmation/", "book")
    second = her_visit.held(her_visit.starts(hour=14))
    answer = her_visit.post(second, "confirmation/", "book")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Go to payment" in text
    assert reload(second).state == Booking.State.HELD


def test_expired_credits_are_told_and_not_used(her_visit: Visit, runner, practice):
    make_lot(
        runner,
        units=2,
        variants=[practice.variant],
        validity_days=10,
        at=datetime.now(UTC) - timedelta(days=30),
    )
    booking = her_visit.held()
    answer = her_visit.get(booking, "check/", "book")
    assert answer.context["ways"].credit is None
    assert answer.context["ways"].why_no_credit
    assert "Go to payment" in answer.content.decode()
    assert her_visit.post(booking, "confirmation/", "book").status_code == 409


def test_a_busy_diary_keeps_everything_and_asks_to_try_again(her_visit: Visit, lot):
    booking = her_visit.held()
    with patch("scheduling.web.checking.confirm_with_credit", side_effect=Busy("Very busy.")):
        answer = her_visit.post(booking, "confirmation/", "book")
    assert answer.status_code == 503
    assert "Very busy." in answer.content.decode()
    assert "Confirm booking" in answer.content.decode()


# --- by buying ---------------------------------------------------------------------------------


def test_without_credit_the_single_session_stands_first_with_its_price(her_visit: Visit):
    answer = her_visit.get(her_visit.held(), "check/", "book")
    offers = answer.context["ways"].packages
    assert [offer.code for offer in offers] == ["single-deep-60", "five-60"]
    text = answer.content.decode()
    assert "Only this session" in text
    assert "£51.80 each, saves £31" in text


def test_a_hidden_or_foreign_package_cannot_be_bought_for_it(her_visit: Visit, practice):
    practice.five.visibility = "hidden"
    practice.five.save()
    booking = her_visit.held()
    for code in ("five-60", "no-such", "", "\x00"):
        answer = pay_for(her_visit, booking, code)
        assert answer.status_code == 422
        assert "Choose one of these" in answer.content.decode()
    assert not Order.objects.exists()


def test_going_to_pay_opens_one_order_and_holds_the_time(her_visit: Visit, stripe):
    booking = her_visit.held()
    answer = pay_for(her_visit, booking)
    assert answer.status_code == 303
    assert answer["Location"].startswith(stripe.url)
    order = Order.objects.get()
    assert order.reserved_for == booking.public_id
    kept = reload(booking).hold_expires_at
    assert kept is not None
    assert kept > timezone.now() + timedelta(minutes=31)


def test_a_double_click_opens_one_card_page(her_visit: Visit, stripe):
    booking = her_visit.held()
    first, second = pay_for(her_visit, booking), pay_for(her_visit, booking)
    assert first["Location"] == second["Location"]
    assert Order.objects.count() == PaymentAttempt.objects.count() == 1


def test_coming_back_unpaid_keeps_the_choice_and_says_that_nothing_was_taken(
    her_visit: Visit, stripe
):
    booking = her_visit.held()
    pay_for(her_visit, booking)
    answer = her_visit.get(booking, "check/?back=1", "book")
    assert answer.context["chosen"] == "five-60"
    assert "Nothing was taken. Your time is held" in answer.content.decode()


def test_another_package_for_the_same_time_closes_the_first_card_page(her_visit: Visit, stripe):
    booking = her_visit.held()
    first = pay_for(her_visit, booking)
    second = pay_for(her_visit, booking, "single-deep-60")
    assert first["Location"] != second["Location"]
    assert Order.objects.filter(status="open").count() == 1
    assert reload(booking).state == Booking.State.HELD
    assert reload(booking).hold_expires_at > timezone.now() + timedelta(minutes=30)


def test_a_paid_order_books_the_time_and_a_second_look_changes_nothing(her_visit: Visit, stripe):
    booking = her_visit.held()
    pay_for(her_visit, booking)
    attempt = PaymentAttempt.objects.get()
    stripe.pay(attempt.stripe_session_id)
    back = f"/orders/{attempt.order.public_id}/return/?session_id={attempt.stripe_session_id}"
    for _ in range(2):
        assert her_visit.client.get(back).url == f"/bookings/{booking.public_id}/"
    text = her_visit.get(booking).content.decode()
    assert "4 credits left" in text
    assert reload(booking).state == Booking.State.CONFIRMED


def test_paying_again_after_it_is_booked_leads_to_the_session(her_visit: Visit, stripe):
    booking = her_visit.held()
    pay_for(her_visit, booking)
    attempt = PaymentAttempt.objects.get()
    stripe.pay(attempt.stripe_session_id)
    selling.fulfil(session_id=attempt.stripe_session_id, at=timezone.now())
    assert pay_for(her_visit, booking).url == f"/bookings/{booking.public_id}/"
    assert Order.objects.count() == 1


def test_a_forged_return_grants_nothing_and_shows_nothing(
    her_visit: Visit, other_visit: Visit, stripe, runner
):
    booking = her_visit.held()
    pay_for(her_visit, booking)
    order = Order.objects.get()
    for session in ("", "cs_test_invented", "{CHECKOUT_SESSION_ID}"):
        her_visit.client.get(f"/orders/{order.public_id}/return/?session_id={session}")
    assert not CreditEntry.objects.exists()
    assert reload(booking).state == Booking.State.HELD
    stranger = Client()
    from tests.builders import make_runner

    stranger.force_login(make_runner("eve@example.org"))
    assert stranger.get(f"/orders/{order.public_id}/return/?session_id=x").status_code == 404


def test_stripe_down_says_so_keeps_everything_and_a_retry_works(her_visit: Visit, stripe, settings):
    booking = her_visit.held()
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    answer = pay_for(her_visit, booking)
    text = answer.content.decode()
    assert answer.status_code == 503
    assert "Nothing was taken" in text
    assert answer.context["chosen"] == "five-60"
    assert reload(booking).hold_expires_at > timezone.now() + timedelta(minutes=30)

    settings.STRIPE_API_BASE = stripe.url
    assert pay_for(her_visit, booking).status_code == 303
    assert Order.objects.count() == 1


def test_a_time_taken_before_going_to_pay_gets_409_and_takes_no_order(
    her_visit: Visit, other_visit: Visit
):
    booking = her_visit.held()
    with time_machine.travel(timezone.now() + timedelta(minutes=12)):
        release_expired_holds(at=timezone.now())
        other_visit.held(booking.starts_at)
        answer = pay_for(her_visit, booking)
    assert answer.status_code == 409
    assert answer.content.decode().count('name="slot"') == 3
    assert not Order.objects.exists()
    again = her_visit.held(her_visit.starts(hour=14))
    assert her_visit.get(again, "check/", "book").context["chosen"] == "five-60"


def test_an_order_that_ended_meanwhile_is_told(her_visit: Visit):
    booking = her_visit.held()
    with patch("scheduling.web.checking.start_checkout", side_effect=selling.OrderClosed("Ended.")):
        answer = pay_for(her_visit, booking)
    assert answer.status_code == 409
    assert "Ended." in answer.content.decode()


# --- who and how -------------------------------------------------------------------------------


def test_checking_asks_for_a_sign_in_and_reads_only(visit: Visit):
    booking = visit.held()
    assert visit.get(booking, "check/", "book").url == f"/book/{booking.public_id}/you/"
    for page in ("confirmation/", "checkout/"):
        assert visit.post(booking, page, "book").url == f"/book/{booking.public_id}/you/"
        assert visit.get(booking, page, "book").url == f"/book/{booking.public_id}/check/"
    assert reload(booking).runner is None


def test_posts_need_their_token(her_visit: Visit, runner, lot, practice):
    booking = her_visit.held()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(runner)
    for page in ("confirmation/", "checkout/"):
        assert strict.post(f"/book/{booking.public_id}/{page}").status_code == 403
    assert reload(booking).state == Booking.State.HELD


def test_a_booked_time_is_not_checked_again(her_visit: Visit, booked):
    assert her_visit.get(booked, "check/", "book").url == f"/bookings/{booked.public_id}/"


# --- a code, and a credit with the difference --------------------------------------------------


def test_a_code_that_is_none_is_said_and_nothing_is_ordered(her_visit: Visit):
    answer = her_visit.post(
        her_visit.held(), "checkout/", "book", package="five-60", code="nonsense"
    )

    assert answer.status_code == 409
    assert "We do not know this code" in answer.content.decode()
    assert not Order.objects.exists()


def test_a_session_for_nothing_is_booked_without_the_card_page(her_visit: Visit):
    PromotionCode.objects.create(code="FREE", share_bp=10000)
    booking = her_visit.held()
    her_visit.post(booking, "checkout/", "book", package="five-60", code="free")

    assert reload(booking).state == Booking.State.CONFIRMED
    assert PaymentAttempt.objects.get().method == "none"


def test_a_shorter_credit_offers_the_difference_and_charges_only_that(her_visit: Visit, stripe):
    booking = her_visit.held()
    short = make_variant("short-30", minutes=30, price_minor=3400, service=booking.variant.service)
    make_lot(booking.runner, variants=[short], at=timezone.now())
    text = check_text(her_visit, booking)
    assert "One credit and the difference" in text
    assert "A credit pays for 30 minutes" in text

    answer = her_visit.post(booking, "checkout/", "book", package="+top-up")

    assert answer.status_code == 303
    assert answer["Location"].startswith(stripe.url)
    order = Order.objects.get(lines__kind="top_up")
    assert order.total_minor == reload(booking).single_price_minor - 3400
