"""Mail is owed once, sent at least once, and never said when there is nothing to say."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from accounts import outbox
from accounts.models import Message
from accounts.outbox import Attachment, Letter, Silence, enqueue, send_due

AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def say(monkeypatch):
    """Registers a writer for the kind ``test`` for the length of a test."""

    def register(answer):
        def write(message, *, at):
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setitem(outbox._writers, "test", write)

    return register


def _letter(**changes):
    fields = {"subject": "Your session", "template": "account/code", "context": {"code": "123456"}}
    return Letter(**{**fields, **changes})


def _owe(key="k1", **changes):
    fields = {"kind": "test", "about": "7", "to": "mara@example.com", "user": None, "at": AT}
    return enqueue(**{**fields, **changes}, dedupe_key=key)


@pytest.mark.django_db
def test_a_message_is_sent_in_text_and_styled_html(say):
    say(_letter())
    message = _owe()

    assert send_due(at=AT) == 1

    (sent,) = mail.outbox
    assert sent.to == ["mara@example.com"]
    assert sent.subject == "Your session"
    assert "123456" in sent.body
    html, mimetype = sent.alternatives[0]
    assert mimetype == "text/html"
    assert 'style="' in html
    message.refresh_from_db()
    assert AT <= message.sent_at < AT + timedelta(seconds=5)
    assert message.subject == "Your session"


@pytest.mark.django_db
def test_a_letter_is_written_once(monkeypatch):
    written = []

    def write(message, *, at):
        written.append(message.pk)
        return _letter()

    monkeypatch.setitem(outbox._writers, "test", write)
    message = _owe()

    send_due(at=AT)

    assert written == [message.pk]


@pytest.mark.django_db
def test_the_same_dedupe_key_is_one_mail(say):
    say(_letter())
    assert _owe() == _owe(about="8")

    send_due(at=AT)

    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_attachments_go_along(say):
    say(_letter(attachments=[Attachment("session.ics", b"BEGIN:VCALENDAR", "text/calendar")]))
    _owe()

    send_due(at=AT)

    assert mail.outbox[0].attachments[0].filename == "session.ics"


@pytest.mark.django_db
def test_a_message_waits_for_its_moment(say):
    say(_letter())
    _owe(send_after=AT + timedelta(hours=2))

    assert send_due(at=AT + timedelta(hours=1)) == 0
    assert send_due(at=AT + timedelta(hours=2)) == 1


@pytest.mark.django_db
def test_silence_drops_the_message_for_good(say):
    say(Silence("The session was cancelled."))
    message = _owe()

    assert send_due(at=AT) == 0

    say(_letter())
    assert send_due(at=AT + timedelta(days=1)) == 0
    message.refresh_from_db()
    assert message.dropped_because == "The session was cancelled."
    assert mail.outbox == []


@pytest.mark.django_db
def test_a_dead_mail_server_is_tried_again_further_and_further_apart(say):
    say(OSError("connection refused"))
    message = _owe()
    waits, now = [], AT

    for _ in outbox.BACK_OFF_MINUTES:
        send_due(at=now)
        message.refresh_from_db()
        waits.append(int((message.send_after - now).total_seconds() // 60))
        now = message.send_after

    assert waits == [1, 2, 5, 10, 20, 30, 60, 120, 240, 480, 480]
    assert message.last_error == "OSError: connection refused"
    assert now - AT >= timedelta(hours=24)


@pytest.mark.django_db
def test_after_a_day_of_trying_it_is_given_up_and_says_so(say):
    say(OSError("no such host"))
    message = _owe()
    now = AT
    for _ in range(len(outbox.BACK_OFF_MINUTES) + 1):
        send_due(at=now)
        message.refresh_from_db()
        now = message.send_after

    assert message.dropped_because == "Given up after 12 attempts."
    assert not Message.objects.unsent().exists()


@pytest.mark.django_db
def test_a_kind_without_writer_waits_and_holds_up_nobody(say):
    say(_letter())
    unknown = _owe("k0", kind="nobody-writes-this")
    _owe("k1")

    assert send_due(at=AT) == 1
    unknown.refresh_from_db()
    assert unknown.send_after > AT
    assert unknown.sent_at is None


@pytest.mark.django_db
def test_a_crash_between_sending_and_marking_sends_again_with_the_same_id(say, monkeypatch):
    say(_letter())
    message = _owe()

    class Killed(BaseException):
        """The process dies: nothing after the send happens."""

    def die(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "_close", die)
        with pytest.raises(Killed):
            send_due(at=AT)

    assert send_due(at=AT + timedelta(minutes=1)) == 0, "the lease still runs"
    assert send_due(at=AT + outbox.LEASE + timedelta(seconds=1)) == 1
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert str(message.public_id) in first.extra_headers["Message-ID"]


@pytest.mark.django_db
def test_two_workers_at_once_send_it_once(say, monkeypatch):
    """The second worker comes by while the first is inside the mail server."""
    message = _owe()

    def write(_message, *, at):
        assert send_due(at=at) == 0
        return _letter()

    monkeypatch.setitem(outbox._writers, "test", write)

    assert send_due(at=AT) == 1
    assert len(mail.outbox) == 1
    message.refresh_from_db()
    assert message.attempts == 1


@pytest.mark.django_db
def test_mail_goes_out_when_the_transaction_is_through(say, django_capture_on_commit_callbacks):
    say(_letter())
    with django_capture_on_commit_callbacks(execute=True):
        _owe(at=datetime.now(UTC))
        assert mail.outbox == []

    assert len(mail.outbox) == 1


def test_two_writers_for_one_kind_are_a_mistake(monkeypatch):
    monkeypatch.setattr(outbox, "_writers", {})
    outbox.writer("greeting")(lambda message, *, at: Silence("first"))
    with pytest.raises(ValueError, match="greeting"):
        outbox.writer("greeting")(lambda message, *, at: Silence("second"))
