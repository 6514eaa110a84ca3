"""The retention schedule: a dry run touches nothing, a night does what it says (G7)."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.management import call_command

from accounts import outbox
from accounts.erasing import GRACE, GRACE_UNASKED, ask_for_erasure, erase_due
from accounts.erasures import ErasureRequest
from accounts.models import Message, RetentionRun, User
from accounts.retention import keep_to_schedule, last_run, report, schedule
from payments.models import Document, StripeEvent
from portal.periodic import JOBS
from scheduling.models import BookingChange, WaitlistEntry
from tests.builders import make_goodwill, make_lot, make_runner, make_staff
from tests.lives import EMAIL, NAME, SECOND, a_life, found_in
from tests.practice import open_practice

NOW = datetime.now(UTC)
YEAR = timedelta(days=366)


@pytest.fixture
def person(db):
    return a_life(open_practice(), at=NOW)


def due(at):
    return {each.rule.code: each.due for each in report(at=at) if each.due}


def test_each_rule_says_who_carries_it_out():
    jobs = {job.name for job in JOBS}

    for rule in schedule():
        assert not (rule.job and rule.carry_out), rule.code
        assert not rule.job or rule.job in jobs, rule.code
        assert all((rule.what, rule.keeps, rule.why, rule.then)), rule.code
    nobody = {rule.code for rule in schedule() if not rule.job and not rule.carry_out}
    assert nobody == {"trail", "staff"}
    assert {"erase_people", "keep_to_schedule"} <= jobs


def test_a_dry_run_counts_and_touches_nothing(person):
    WaitlistEntry.objects.update(ended_at=NOW, state="withdrawn", ended_because="x")
    later = NOW + 12 * YEAR
    out = StringIO()

    with time_machine.travel(later, tick=False):
        call_command("retention", "--dry-run", stdout=out)

    said = out.getvalue()
    for code in ("sign_ins", "mail", "waitlist", "words", "stripe_events", "books", "account"):
        assert due(later)[code] > 0, code
        assert f"{code:<14}" in said
    assert found_in(EMAIL)
    assert last_run() is None


def test_a_night_does_what_was_due(person):
    WaitlistEntry.objects.update(ended_at=NOW, state="withdrawn", ended_because="x")
    Message.objects.filter(sent_at=None).update(dropped_at=NOW)
    later = NOW + 12 * YEAR

    keep_to_schedule(at=later)

    assert not UserSession.objects.exists()
    assert not Message.objects.filter(to_email__in=[EMAIL, SECOND], created_at__lt=NOW).exists()
    assert not WaitlistEntry.objects.exists()
    assert not BookingChange.objects.exclude(reason="").exists()
    assert NAME not in str(list(Document.objects.values_list("content")))
    payload = str(StripeEvent.objects.get().payload)
    assert NAME not in payload
    assert "ch_" in payload
    assert last_run().counts["waitlist"] == 1
    left = due(later)
    assert {"sign_ins", "mail", "waitlist", "words", "stripe_events", "books"}.isdisjoint(left)


def test_idle_people_are_asked_for_and_then_erased(db):
    idle = make_runner("idle@example.org", "Idle Ines", at=NOW)
    holder = make_runner("holder@example.org", "Holder", at=NOW)
    make_lot(holder, units=1, validity_days=3000, at=NOW)
    make_staff()
    by_hand = make_runner("hand@example.org", "By Hand", at=NOW)
    by_hand.user_permissions.add(Permission.objects.first())
    User.objects.update(joined_at=NOW)
    later = NOW + 3 * YEAR

    keep_to_schedule(at=later)
    assert [each.person for each in ErasureRequest.objects.open()] == [idle]
    assert keep_to_schedule(at=later + timedelta(days=1))
    outbox.send_due(at=later)
    [letter] = [each for each in mail.outbox if each.to == ["idle@example.org"]]
    assert "You have not been here for a long time" in letter.body
    assert "asked us" not in letter.body + letter.alternatives[0][0]
    erase_due(at=later + GRACE_UNASKED - timedelta(minutes=1))
    assert found_in("idle@example.org")
    erase_due(at=later + GRACE_UNASKED)

    assert not found_in("idle@example.org")
    assert found_in("holder@example.org")


def test_decisions_go_three_years_after_the_erasure(person):
    ask_for_erasure(person=person, by=person, at=NOW, gives_up_credits=True)
    erase_due(at=NOW + GRACE)
    assert person.consents.exists()

    keep_to_schedule(at=NOW + 2 * YEAR)
    assert person.consents.exists()
    assert person.erasures.exists()
    keep_to_schedule(at=NOW + 4 * YEAR)
    assert not person.consents.exists()
    assert not person.erasures.exists(), "the wish itself has its three years, too"


def test_what_is_emptied_is_not_sent_again(person):
    make_goodwill(person, at=NOW)
    Message.objects.update(sent_at=NOW - 2 * YEAR, created_at=NOW - 2 * YEAR)
    keep_to_schedule(at=NOW)
    message = Message.objects.filter(to_email__startswith="removed@").first()

    again = outbox.enqueue(
        kind=message.kind, about="1", to=EMAIL, user=None, dedupe_key=message.dedupe_key, at=NOW
    )

    assert again.pk == message.pk
    assert RetentionRun.objects.count() == 1
