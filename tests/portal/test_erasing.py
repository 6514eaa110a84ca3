"""An erasure through all apps: what says who it was is gone, the books still add up (G6)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core import mail
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts import outbox
from accounts.audit_trail import AuditEntry
from accounts.classifying import naming
from accounts.consents import Channel, Consent, Purpose
from accounts.erased import is_erased
from accounts.erasing import (
    GRACE,
    GRACE_UNASKED,
    ErasureRefused,
    ask_for_erasure,
    credits_of,
    erase_due,
    obstacles_of,
    open_request,
    take_back,
)
from accounts.erasures import ErasureRequest
from accounts.health import IntakeAnswers, TalkFirst, TreatmentNote
from accounts.joining import find_or_add
from accounts.merging import merge_people
from accounts.models import Message, User
from accounts.races import Race
from payments.invariants import breaches
from payments.models import Dispute, Document, Mismatch, Order, RefundRequest
from scheduling.booking import release_expired_holds
from scheduling.cancelling import cancel_booking
from scheduling.day import complete
from scheduling.models import Booking
from tests.builders import make_goodwill, make_lot, make_order, make_runner, make_staff
from tests.lives import (
    CANARIES,
    EMAIL,
    NAME,
    SECOND,
    a_life,
    booked,
    dump,
    found_in,
    is_written_to_us,
)
from tests.practice import open_practice

NOW = datetime.now(UTC)
LATER = NOW + GRACE


@pytest.fixture
def practice(db):
    return open_practice()


@pytest.fixture
def person(practice):
    return a_life(practice, at=NOW)


def ask(person, at=NOW, **how):
    return ask_for_erasure(person=person, by=person, at=at, **({"gives_up_credits": True} | how))


def test_no_trace_of_the_person_is_left_and_the_books_hold(
    person, django_capture_on_commit_callbacks
):
    before = {canary: found_in(canary) for canary in CANARIES}
    papers = {paper.pk: paper.content for paper in Document.objects.filter(order__buyer=person)}
    money = list(Order.objects.values_list("number", "total_minor", "status"))
    verdict = breaches()  # rows put there by hand have some
    ask(person)
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        assert erase_due(at=LATER) == 1

    assert all(before.values()), "each canary was there before"
    left = {canary: found_in(canary) for canary in CANARIES}
    assert left == {canary: [] for canary in CANARIES} | {NAME: ["payments_document"]}
    assert list(Order.objects.values_list("number", "total_minor", "status")) == money
    assert breaches() == verdict
    for paper in Document.objects.filter(pk__in=papers):
        old = papers[paper.pk]
        assert paper.content == old | {"buyer": {"name": NAME, "email": ""}}
    assert [letter.to for letter in mail.outbox] == [[EMAIL]]
    assert mail.outbox[0].subject == "Your account is deleted"


@pytest.mark.parametrize(
    ("hers", "others"), [("ana@example.org", "joana@example.org"), ("bob@x.co", "bob@x.com")]
)
def test_what_names_an_address_that_holds_hers_stays(practice, hers, others):
    one = make_runner(hers, "One", at=NOW)
    is_written_to_us(others, NOW)
    before = found_in(others)
    is_written_to_us(hers, NOW)
    ask(one)

    assert erase_due(at=LATER) == 1

    assert len(before) == 5
    assert found_in(others) == before
    assert not [table for table, text in dump().items() if naming([hers])(text)]


def test_what_is_about_health_goes_and_accounts_that_were_merged_into_hers_too(person):
    [former] = User.objects.filter(merges_away__kept=person)
    further = make_runner("older@example.org", "Quilla O.", at=NOW)
    merge_people(kept=person, absorbed=further, why="Same", by=make_staff(), at=NOW)
    health = (IntakeAnswers, TreatmentNote, TalkFirst)
    assert all(model.objects.filter(person=person).exists() for model in health)
    ask(person)

    erase_due(at=LATER)

    assert not any(model.objects.exists() for model in health)
    for account in (person, former, further):
        account.refresh_from_db()
        assert is_erased(account)
        assert not account.is_active
    assert not Race.objects.exists()
    assert not found_in("older@example.org")
    withdrawn = Consent.objects.latest_first().filter(person=person, purpose=Purpose.HEALTH)
    assert not withdrawn[0].granted
    assert withdrawn[0].channel == Channel.ERASURE


def test_what_proves_that_we_did_it_stays(person):
    ask(person)
    erase_due(at=LATER)
    person.refresh_from_db()

    assert is_erased(person)
    assert not person.is_active
    assert not person.has_usable_password()
    noted = AuditEntry.objects.of(person.public_id).filter(action__startswith="erasure")
    assert list(noted.order_by("pk").values_list("action", "by")) == [
        ("erasure.asked", person.public_id),
        ("erasure.done", None),
    ]
    assert not Consent.objects.latest_first().filter(person=person)[0].granted
    with pytest.raises(ErasureRefused):
        ask(person, at=LATER)


def test_nothing_is_mailed_to_who_is_gone(person):
    ask(person)
    erase_due(at=LATER)
    person.refresh_from_db()
    late = outbox.enqueue(
        kind="receipt", about="1", to=person.email, user=person, dedupe_key="late", at=LATER
    )
    mail.outbox.clear()

    outbox.send_due(at=LATER)

    late.refresh_from_db()
    assert late.dropped_because == "The account was deleted."
    assert not [letter for letter in mail.outbox if "erased.invalid" in letter.to[0]]
    assert not Message.objects.filter(to_email=SECOND).exists()


def test_the_same_address_joins_again_as_somebody_new(person):
    ask(person)
    erase_due(at=LATER)

    again = find_or_add(EMAIL, at=LATER)

    assert again is not None
    assert again.pk != person.pk
    assert not Order.objects.filter(buyer=again).exists()


# fault 55 ----------------------------------------------------------------------------------
def _a_session(practice, person):
    session = booked(practice, person, at=NOW)
    return "Your session on", lambda: cancel_booking(booking=session, by=person, at=NOW)


def _a_refund(practice, person):
    rows = RefundRequest.objects.filter(order__buyer=person)
    rows.update(status="pending", settled_at=None)
    return "on its way back", lambda: rows.update(status="succeeded", settled_at=NOW)


def _a_dispute(practice, person):
    rows = Dispute.objects.filter(charge__attempt__order__buyer=person)
    rows.update(status="needs_response", evidence_due_at=NOW + timedelta(days=9))
    return "Your bank", lambda: rows.update(status="won")


def _a_payment(practice, person):
    order = make_order(person, at=NOW)
    attempt = order.attempts.create(
        number=1, amount_minor=1, status="processing", idempotency_key="k", created_at=NOW
    )
    return (
        "is on its way",
        lambda: type(attempt).objects.filter(pk=attempt.pk).update(status="failed"),
    )


def _a_mismatch(practice, person):
    rows = Mismatch.objects.filter(order__buyer=person)
    rows.update(status="open", resolved_at=None)
    return "sorting out", lambda: rows.update(status="resolved", resolved_at=NOW)


@pytest.mark.parametrize("opened", [_a_session, _a_refund, _a_dispute, _a_payment, _a_mismatch])
def test_it_waits_for_what_is_open_and_is_then_done_by_itself(practice, person, opened):
    words, close = opened(practice, person)
    request = ask(person)

    assert erase_due(at=LATER) == 0
    request.refresh_from_db()
    assert [words in each["what"] for each in request.waits_for] == [True]
    assert [each.until for each in obstacles_of(person, at=LATER)] == [
        datetime.fromisoformat(each["until"]).date() if each["until"] else None
        for each in request.waits_for
    ]
    assert found_in(EMAIL)

    close()
    assert erase_due(at=LATER + timedelta(hours=1)) == 1
    assert found_in(EMAIL) == []


def test_credits_that_are_left_are_given_up_expressly(person):
    left = credits_of(person)
    assert left == 3

    with pytest.raises(ErasureRefused, match="3 credits are left"):
        ask(person, gives_up_credits=False)
    ask(person)
    make_goodwill(person, units=2, at=NOW)

    assert erase_due(at=LATER) == 0
    assert open_request(person).waits_for[0]["what"] == "2 more credits are yours than you gave up."
    ask(person, at=LATER)  # once more, these too
    assert erase_due(at=LATER) == 1


def test_others_are_asked_only_once_nothing_is_in_the_way(person, monkeypatch):
    asked = []
    ask(person)
    make_goodwill(person, units=2, at=NOW)
    monkeypatch.setattr("accounts.erasing._first", [lambda about, at: asked.append(about)])

    erase_due(at=LATER)

    assert not asked, "Stripe forgets nobody who keeps her account"


def test_who_asks_after_the_schedule_did_need_not_wait_for_its_grace(db):
    idle = make_runner("idle@example.org", "Idle", at=NOW)
    chosen = ask_for_erasure(person=idle, by=None, at=NOW)
    assert chosen.due_at == NOW + GRACE_UNASKED

    wish = ask(idle)

    assert (wish.pk, wish.due_at, wish.asked_by) == (chosen.pk, LATER, idle.public_id)
    assert Message.objects.filter(kind="erasure_asked").count() == 2


def test_it_is_taken_back_until_it_happened(person):
    ask(person)

    assert erase_due(at=LATER - timedelta(minutes=1)) == 0
    assert take_back(person=person, by=person, at=LATER)
    assert not take_back(person=person, by=person, at=LATER)
    assert erase_due(at=LATER) == 0
    assert found_in(EMAIL)


def test_who_works_here_is_not_erased_this_way(db):
    with pytest.raises(ErasureRefused, match="works here"):
        ask(make_staff())
    by_hand = make_runner("hand@example.org", "By Hand", at=NOW)
    by_hand.user_permissions.add(Permission.objects.first())
    with pytest.raises(ErasureRefused, match="works here"):
        ask(by_hand)


def test_one_that_fails_keeps_no_other_waiting(practice, person, monkeypatch):
    other = make_runner("other@example.org", "Other", at=NOW)
    ask(person)
    ask(other)

    def trouble(about, at):
        if about == person:
            raise RuntimeError("disk")

    monkeypatch.setattr("accounts.erasing._parts", [trouble])
    with pytest.raises(ExceptionGroup):
        erase_due(at=LATER)

    assert not found_in("other@example.org")
    assert open_request(person) is not None
    assert found_in(NAME)


def test_the_mail_says_when_and_how_to_take_it_back(person):
    make_goodwill(person, at=NOW)
    ask(person)
    mail.outbox.clear()

    outbox.send_due(at=NOW)

    [letter] = [each for each in mail.outbox if "deleted" in each.subject]
    assert letter.to == [EMAIL]
    assert "/account/privacy/" in letter.body


ACTS = st.lists(
    st.sampled_from(["buy", "book", "cancel", "attend", "goodwill", "order", "waits"]),
    min_size=1,
    max_size=7,
)


class TestAnyHistory(TestCase):
    """Whatever somebody did before, nothing of her is left and the sums are what they were."""

    @settings(max_examples=6, phases=[Phase.explicit, Phase.generate])  # each is a whole life
    @given(acts=ACTS, again=st.booleans())
    def test_any_history(self, acts, again):
        practice, at = open_practice(), NOW
        person = a_life(practice, at=at)
        for act in acts:
            _do(act, practice, person, at)
        after = at + timedelta(days=30)
        with time_machine.travel(after, tick=False):
            release_expired_holds(at=after)
            for session in Booking.objects.of(person).live_at(after):
                complete(booking=session, by=make_staff(), at=after)
            sums, verdict = dump()["payments_journalline"], breaches()
            ask(person, at=after)
            if again:
                take_back(person=person, by=person, at=after)
                ask(person, at=after)
            assert erase_due(at=after + GRACE) == 1
        left = {canary: found_in(canary) for canary in CANARIES}
        assert left == {canary: [] for canary in CANARIES} | {NAME: ["payments_document"]}
        assert dump()["payments_journalline"] == sums
        assert breaches() == verdict
        assert ErasureRequest.objects.filter(done_at__isnull=False).count() == 1
        assert User.objects.get(pk=person.pk).name.startswith("Erased ")


def _do(act, practice, person, at):
    days = 6 + Booking.objects.of(person).count()
    match act:
        case "buy":
            make_lot(person, units=2, variants=[practice.variant], at=at)
        case "goodwill":
            make_goodwill(person, variants=[practice.variant], at=at)
        case "order":
            make_order(person, at=at)
        case "book" | "attend" if credits_of(person):
            booked(practice, person, days=days, at=at)
        case "cancel":
            session = Booking.objects.of(person).booked().first()
            if session is not None:
                cancel_booking(booking=session, by=person, at=at, reason="canarywords again")
