"""Mails that come back: their status, dead addresses, and how one is mended (N7)."""

import io
import mailbox
import sys
import uuid
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import outbox
from accounts.bounce_reports import read_report
from accounts.bounces import Bounce
from accounts.bouncing import Taken, is_undeliverable, mend, take_bounce
from accounts.consent_texts import is_on
from accounts.consents import Purpose
from accounts.delivery import messages_of
from accounts.models import Message
from accounts.outbox import Letter
from tests.accounts.bounces import complaint, report
from tests.builders import make_runner, make_staff

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def ana(db):
    return make_runner("ana@example.org", "Ana Ortiz")


def sent(person, kind="booking_confirmed", n=1) -> Message:
    return Message.objects.create(
        kind=kind,
        about="x",
        to_email=person.email,
        user=person,
        dedupe_key=f"{kind}:{person.pk}:{n}",
        created_at=AT,
        send_after=AT,
        sent_at=AT,
        subject="Booked: Wed 11 March",
    )


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_a_mailbox_that_does_not_exist_is_known_from_then_on(ana, returned):
    message = sent(ana)
    raw = report(message.public_id, returned=returned)
    assert take_bounce(raw, at=AT) == Taken.NOTED
    assert take_bounce(raw, at=AT) == Taken.NOTED
    assert Bounce.objects.get().kind == Bounce.Kind.HARD
    assert "ana@" not in Bounce.objects.get().said
    assert is_undeliverable(ana)
    [shown] = messages_of(ana)
    assert (shown.status, shown.why) == ("bounced", "No such mailbox 5.1.1")


def test_which_reports_condemn_an_address(ana):
    """Full, too big and taken for spam say nothing of the address; late is not lost."""
    table = [
        ("failed", "5.1.1", Taken.NOTED, True),
        ("failed", "5.2.1", Taken.NOTED, True),
        ("failed", "5.0.0", Taken.NOTED, True),
        ("failed", "5.2.2", Taken.NOTED, False),
        ("failed", "5.7.1", Taken.NOTED, False),
        ("failed", "4.4.7", Taken.NOTED, False),
        ("delayed", "4.4.1", Taken.NOT_FINAL, False),
        ("delivered", "2.0.0", Taken.NOT_FINAL, False),
    ]
    for n, (action, status, taken, dead) in enumerate(table):
        message = sent(ana, n=n)
        raw = report(message.public_id, action=action, status=status)
        assert take_bounce(raw, at=AT) == taken, (action, status)
        assert is_undeliverable(ana) is dead, (action, status)
        Bounce.objects.all().delete()


def test_the_return_path_alone_says_which_mail_it_was(ana):
    message = sent(ana)
    raw = report(uuid.uuid4(), to=f"bounces+{message.public_id}@mail.example.org")
    assert take_bounce(raw, at=AT) == Taken.NOTED
    assert is_undeliverable(ana)


def test_nobody_is_condemned_by_a_report_that_names_only_an_address(ana):
    sent(ana)
    assert take_bounce(report(uuid.uuid4()), at=AT) == Taken.NOT_OURS
    assert take_bounce(b"Subject: Hello\n\nOut of office", at=AT) == Taken.NOT_A_REPORT
    waiting = sent(ana, n=2)
    Message.objects.filter(pk=waiting.pk).update(sent_at=None)
    assert take_bounce(report(waiting.public_id), at=AT) == Taken.NOT_OURS
    assert not is_undeliverable(ana)


@settings(max_examples=60)
@given(st.binary(max_size=400), st.integers(0, 1400), st.booleans())
def test_whatever_arrives_is_read_without_a_crash(noise, cut, whole):
    raw = report("0" * 8 + "-0000-0000-0000-" + "0" * 12)
    read_report(raw[:cut] + noise + (raw[cut:] if whole else b""))


def test_a_complaint_stops_mails_of_its_kind_and_no_others(ana):
    needed = sent(ana)
    assert take_bounce(complaint(needed.public_id), at=AT) == Taken.NOTED
    assert is_on(ana, Purpose.CREDIT_NOTICES)
    notice = sent(ana, "credits_left")
    assert take_bounce(complaint(notice.public_id), at=AT) == Taken.NOTED
    assert not is_on(ana, Purpose.CREDIT_NOTICES)
    assert {one.status for one in messages_of(ana)} == {"complained"}
    assert not is_undeliverable(ana)


def test_another_address_is_clean_and_the_old_one_is_mended_by_a_code_read_there(ana):
    take_bounce(report(sent(ana).public_id), at=AT)
    ana.email = "ana@other.example"
    assert not is_undeliverable(ana)
    ana.email = "ana@example.org"
    assert mend("Ana@example.org", at=AT + timedelta(days=1)) == 1
    assert not is_undeliverable(ana)


def test_signing_in_with_a_code_shows_that_mail_arrives_again(ana, client, code):
    take_bounce(report(sent(ana).public_id), at=AT)
    asked = client.post("/accounts/login/code/", {"email": ana.email})
    client.post(asked.url, {"code": code()})
    assert not is_undeliverable(ana)


def test_the_account_says_it_and_leads_to_another_address_and_staff_see_it_too(ana):
    take_bounce(report(sent(ana).public_id), at=AT)
    her, staff = Client(), Client()
    her.force_login(ana)
    text = her.get("/account/").content.decode()
    assert "Our mails to you come back" in text
    assert 'href="/accounts/email/"' in text
    assert "Booked: Wed 11 March" not in text  # the log is for staff
    staff.force_login(make_staff(is_superuser=True))
    text = staff.get(f"/staff/runners/{ana.public_id}/").content.decode()
    assert "Mail to this address comes back" in text
    assert "No such mailbox 5.1.1" in text


def test_optional_mails_are_not_sent_to_a_dead_address(ana, monkeypatch):
    monkeypatch.setitem(
        outbox._writers, "credits_left", lambda message, *, at: Letter("Hi", "layout", {})
    )
    take_bounce(report(sent(ana).public_id), at=AT)
    owed = outbox.enqueue(
        kind="credits_left", about="1", to=ana.email, user=ana, dedupe_key="n", at=AT
    )
    outbox.send_due(at=AT)
    owed.refresh_from_db()
    assert owed.dropped_because == "Mail to this address comes back."
    assert mail.outbox == []


def test_a_mail_sent_with_a_return_path_still_comes_from_the_practice(ana, settings, monkeypatch):
    settings.BOUNCE_ADDRESS = "bounces@mail.example.org"
    monkeypatch.setitem(outbox._writers, "hello", lambda message, *, at: Letter("Hi", "layout", {}))
    owed = outbox.enqueue(kind="hello", about="1", to=ana.email, user=ana, dedupe_key="h", at=AT)
    outbox.send_due(at=AT)
    [letter] = mail.outbox
    assert letter.from_email == f"bounces+{owed.public_id}@mail.example.org"
    assert letter.message()["From"] == settings.DEFAULT_FROM_EMAIL


def test_the_command_takes_a_pipe_and_a_maildir(ana, tmp_path, monkeypatch, capsys):
    piped = io.TextIOWrapper(io.BytesIO(report(sent(ana).public_id)))
    monkeypatch.setattr(sys, "stdin", piped)
    call_command("take_bounce")
    assert capsys.readouterr().out == "1 noted\n"

    box = mailbox.Maildir(tmp_path / "box")
    box.add(report(sent(ana, n=2).public_id))
    answer = EmailMessage(policy=policy.default)
    answer.set_content("Thank you")
    box.add(answer.as_bytes())
    call_command("take_bounce", maildir=tmp_path / "box")
    assert capsys.readouterr().out == "1 not a report\n1 noted\n"
    call_command("take_bounce", maildir=tmp_path / "box")
    assert capsys.readouterr().out == ""
    assert Bounce.objects.count() == 2


def test_the_database_keeps_one_bounce_of_a_kind_for_each_mail(ana):
    fields = {"message": sent(ana), "email": ana.email, "at": AT}
    Bounce.objects.create(kind="hard", **fields)
    for wrong in ({"kind": "hard"}, {"kind": "odd"}, {"kind": "refused", "email": "A@example.org"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Bounce.objects.create(**(fields | wrong))
