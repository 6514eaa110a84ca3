"""24 hours become 12: page, checkout and mails change together, and what was agreed to stays."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cms.models import PolicyPage
from cms.tree import add_page, ensure_tree
from payments.models import Order
from scheduling.booking import confirm_with_credit, hold_time
from scheduling.desk import book_for
from scheduling.letter_facts import facts
from scheduling.models import Booking
from scheduling.terms import free_until_of
from tests.builders import make_lot, make_order, make_policy, make_runner, pay_at_the_desk
from tests.practice import open_practice

NOW = datetime.now(UTC)
SUMMARY = "Free to move or cancel until {{ cancel_window }} before."


@pytest.fixture
def practice(db):
    make_policy("terms", summary=SUMMARY)
    return open_practice()


@pytest.fixture
def policy(practice):
    return add_page(
        ensure_tree().home,
        PolicyPage(
            title="Cancellation",
            slug="cancellation",
            code="cancellation",
            rules_code="terms",
            body="<p>You can cancel until {{ cancel_window }} before.</p>",
        ),
    )


def rule_becomes_12_hours():
    return make_policy(
        "terms",
        2,
        summary=SUMMARY,
        cancel_window_minutes=720,
        move_window_minutes=720,
        effective_from=timezone.localdate(),
    )


def hold(practice, runner, hour=10, days=5):
    return hold_time(
        variant=practice.variant,
        location=practice.location,
        starts_at=practice.on(practice.day(days), hour),
        therapist=practice.imre,
        hold_key="browser",
        runner=runner,
        at=NOW,
    )


def book(practice, runner, hour=10):
    held = hold(practice, runner, hour)
    return confirm_with_credit(booking=held, runner=runner, by=runner, at=NOW)


def credits_of(runner, practice):
    """Five credits, bought now under the terms in effect."""
    order = make_order(runner, practice.five, at=NOW)
    pay_at_the_desk(order, at=NOW)
    return order


def test_page_checkout_and_mails_change_together(client, practice, policy):
    runner = make_runner("ana@example.org")
    client.force_login(runner)
    held = hold(practice, runner)

    def said():
        check = client.get(f"/book/{held.public_id}/check/").content.decode()
        return {
            "page": client.get("/cancellation/").content.decode(),
            "api": client.get("/api/v1/content/policies/cancellation/").json()["html"],
            "buying": client.get("/packages/five-60/buy/").content.decode(),
            "check": check,
        }

    before = said()
    assert all("24 hours before" in words for words in before.values()), before.keys()
    rule_becomes_12_hours()
    after = said()
    assert all("12 hours before" in words for words in after.values()), after.keys()
    assert not any("24 hours" in words for words in after.values())

    credits_of(runner, practice)
    booking = book(practice, runner, hour=12)
    mail = facts(booking, NOW)
    until = booking.starts_at - timedelta(hours=12)
    assert free_until_of(booking) == until
    assert f"{until.astimezone(booking.zone_info):%H:%M}" in mail["policy_line"]
    assert mail["terms_urls"] == ["http://localhost:8000/policies/cancellation/2/"]


def test_what_was_booked_before_keeps_24_hours_and_shows_its_terms(client, practice, policy):
    runner = make_runner("ana@example.org")
    order = credits_of(runner, practice)
    booking = book(practice, runner)
    rule_becomes_12_hours()

    booking.refresh_from_db()
    assert free_until_of(booking) == booking.starts_at - timedelta(hours=24)
    assert (order.policy.version, order.agreed_texts) == (1, ["cancellation/1"])
    assert (booking.policy.version, booking.agreed_texts) == (1, ["cancellation/1"])
    client.force_login(runner)
    html = client.get(f"/bookings/{booking.public_id}/").content.decode()
    assert 'href="/policies/cancellation/1/"' in html
    assert "until 24 hours before" in client.get("/policies/cancellation/1/").content.decode()
    assert (
        'href="/policies/cancellation/1/"' in client.get(order.get_absolute_url()).content.decode()
    )
    shown = client.get(f"/api/v1/bookings/{booking.public_id}/").json()
    assert shown["agreed_texts"] == ["cancellation/1"]


def test_credits_bought_before_are_booked_with_under_their_own_terms(client, practice, policy):
    runner = make_runner("ana@example.org")
    credits_of(runner, practice)
    rule_becomes_12_hours()
    held = hold(practice, runner)
    client.force_login(runner)

    html = client.get(f"/book/{held.public_id}/check/").content.decode()
    booking = book(practice, runner)

    assert "until 24 hours before" in html
    assert "/policies/cancellation/1/" in html
    assert (booking.policy.version, booking.agreed_texts) == (1, ["cancellation/1"])


def test_two_packages_with_different_terms_are_told_apart(client, practice, policy):
    runner = make_runner("ana@example.org")
    credits_of(runner, practice)
    rule_becomes_12_hours()
    make_lot(runner, units=2, price_minor=11000, variants=[practice.variant], at=NOW, name="Two")
    held = hold(practice, runner)
    client.force_login(runner)

    html = client.get(f"/book/{held.public_id}/check/").content.decode()

    assert "<b>Two:</b>" in html
    assert "<b>5 sessions of 60 minutes:</b>" in html
    assert "12 hours before" in html
    assert "24 hours before" in html


def test_a_time_to_move_of_its_own_is_said(client, practice, policy):
    make_policy(
        "terms", 2, cancel_window_minutes=720, move_window_minutes=120,
        effective_from=timezone.localdate(),
    )  # fmt: skip
    runner = make_runner("ana@example.org")
    credits_of(runner, practice)
    held = hold(practice, runner)
    client.force_login(runner)

    html = client.get(f"/book/{held.public_id}/check/").content.decode()
    assert "Free to cancel until" in html
    assert "and to move until" in html


def test_what_was_agreed_to_cannot_be_rewritten(practice, policy):
    runner = make_runner("ana@example.org")
    order = credits_of(runner, practice)
    with pytest.raises(IntegrityError, match="order_origin_is_kept"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(agreed_texts=["cancellation/2"])


def test_a_booking_at_the_desk_keeps_the_words_too(practice, policy):
    runner = make_runner("ana@example.org")
    booking = book_for(
        variant=practice.variant,
        location=practice.location,
        starts_at=practice.on(practice.day(5), 14),
        therapist=practice.imre,
        runner=runner,
        by=None,
        at=NOW,
    )
    assert Booking.objects.get(pk=booking.pk).agreed_texts == ["cancellation/1"]
